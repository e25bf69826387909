package ephemera.server.door.tigerconnect;

import ephemera.core.Failure;
import ephemera.core.Ids;
import ephemera.core.Lifespan;
import ephemera.core.directory.Caller;
import ephemera.core.directory.Directory;
import ephemera.core.directory.Organization;
import ephemera.core.directory.Person;
import ephemera.core.directory.Policy;
import ephemera.core.directory.Profile;
import ephemera.core.talk.Roster;
import ephemera.server.http.Access;
import ephemera.server.http.Call;
import ephemera.server.http.JsonText;
import ephemera.server.http.Parameters;
import ephemera.server.http.Reply;
import ephemera.server.http.Route;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** People, organizations and their pictures (sections 3.20, 3.21, 3.25). */
final class DirectoryRoutes {

    private final Directory directory;
    private final Roster roster;
    private final Pictures pictures;
    private final Wire wire;

    DirectoryRoutes(Directory directory, Roster roster, Pictures pictures, Wire wire) {
        this.directory = directory;
        this.roster = roster;
        this.pictures = pictures;
        this.wire = wire;
    }

    List<Route> routes() {
        return List.of(
                new Route("GET", "/v2/user", Access.SIGNED_IN, this::me),
                new Route("GET", "/v2/user/{user}", Access.SIGNED_IN, this::user),
                new Route("GET", "/v2/user/{user}/organization", Access.SIGNED_IN, this::organizations),
                new Route("GET", "/v2/user/{user}/organization/{organization}", Access.SIGNED_IN, this::organization),
                new Route("GET", "/v2/user/{user}/organization/{organization}/roles", Access.SIGNED_IN, this::roles),
                new Route("POST", "/v2/user/{user}/settings", Access.SIGNED_IN, this::change),
                new Route("GET", "/v2/user_lookup/{user}", Access.SIGNED_IN, this::lookUp),
                new Route("POST", "/v2/user_lookup/{user}", Access.SIGNED_IN, this::lookUp),
                new Route("POST", "/v2/organization", Access.SIGNED_IN, this::createOrganization),
                new Route("POST", "/v2/organization/{organization}", Access.SIGNED_IN, this::changeOrganization),
                new Route("GET", "/v2/avatar/{blob}", Access.PUBLIC, this::avatar),
                new Route("GET", "/v2/dist_list/{list}", Access.SIGNED_IN, this::list),
                new Route("PUT", "/v2/presence/{status}", Access.SIGNED_IN, _ -> Answers.done()),
                new Route("POST", "/v2/push", Access.SIGNED_IN, _ -> Answers.done()),
                new Route("POST", "/v2/client_resource", Access.SIGNED_IN, _ -> Answers.done()));
    }

    private Reply me(Call call) {
        return user(call, call.caller().person());
    }

    private Reply user(Call call) {
        call.parameters()
                .anyText("TT-X-Organization-Key")
                .ifPresent(token -> directory.organization(call.caller(), token));
        return user(call, directory.person(call.caller(), call.path("user")));
    }

    private Reply user(Call call, Person person) {
        ObjectNode user = wire.user(person);
        if (call.parameters().bool("render_metadata").orElse(false)) {
            user.set("metadata", Wire.metadata(directory.metadata(person.id().value())));
        }
        return Answers.ok(user);
    }

    private Reply organizations(Call call) {
        directory.person(call.caller(), call.path("user"));
        return Answers.ok(JsonText.array().add(organization(directory.organization(call.caller()))));
    }

    private Reply organization(Call call) {
        directory.person(call.caller(), call.path("user"));
        return Answers.ok(organization(directory.organization(call.caller(), call.path("organization"))));
    }

    private ObjectNode organization(Organization organization) {
        return Wire.organization(organization, directory.memberCount(organization));
    }

    /** Nobody has roles here; clients need the empty list (section 3.21). */
    private Reply roles(Call call) {
        directory.person(call.caller(), call.path("user"));
        directory.organization(call.caller(), call.path("organization"));
        ObjectNode reply = JsonText.object();
        reply.putArray("roles");
        return Answers.ok(reply);
    }

    private Reply change(Call call) {
        Caller caller = call.caller();
        Person person = directory.person(caller, call.path("user"));
        Profile old = person.profile();
        Parameters parameters = call.parameters();
        Optional<UUID> avatar = pictures.keep(parameters);
        String first = parameters.text("first_name").orElse(old.firstName());
        String last = parameters.text("last_name").orElse(old.lastName());
        boolean renamed = parameters.has("first_name") || parameters.has("last_name");
        roster.update(
                caller,
                person,
                new Profile(
                        parameters.text("display_name")
                                .orElse(renamed ? (first + " " + last).strip() : old.displayName()),
                        first,
                        last,
                        parameters.text("status").orElse(old.status()),
                        parameters.text("title").orElse(old.title()),
                        parameters.text("department").orElse(old.department()),
                        parameters.bool("dnd").orElse(old.doNotDisturb()),
                        parameters.text("dnd_text").orElse(old.doNotDisturbText()),
                        avatar.or(old::avatar)));
        return Answers.done();
    }

    private Reply lookUp(Call call) {
        Caller caller = call.caller();
        Parameters parameters = call.parameters();
        parameters.requireTexts("display_name", "email_address", "phone_number");
        Optional<Person> found = directory
                .find(caller, call.path("user"))
                .or(() -> parameters.anyText("email_address").flatMap(email -> directory.find(caller, email)))
                .or(() -> parameters.anyText("phone_number").flatMap(phone -> directory.find(caller, phone)));
        return user(call, found.orElseThrow(Failure.NOT_FOUND::refused));
    }

    private Reply createOrganization(Call call) {
        Organization organization = directory.create(call.caller(), call.parameters().required("name"));
        return Answers.ok(organization(organization))
                .with("TT-X-Organization-Key", organization.id().token());
    }

    private Reply changeOrganization(Call call) {
        Parameters parameters = call.parameters();
        Organization old = directory.organization(call.caller(), call.path("organization"));
        Policy policy = old.policy();
        directory.update(
                call.caller(),
                new Organization(
                        old.id(),
                        parameters.text("name").orElse(old.name()),
                        changed(policy, parameters)));
        return Answers.done();
    }

    private static Lifespan lifespan(Parameters parameters, String name, Lifespan otherwise) {
        return parameters
                .number(name)
                .map(minutes -> {
                    // A policy is said exactly: nobody wants a minute because they wrote −1.
                    if (minutes < 1 || minutes > Lifespan.LONGEST_MINUTES) {
                        throw Parameters.wrong(name, "1 to " + Lifespan.LONGEST_MINUTES + " minutes");
                    }
                    return Lifespan.ofMinutes(minutes);
                })
                .orElse(otherwise);
    }

    private static Policy changed(Policy policy, Parameters parameters) {
        try {
            return new Policy(
                    lifespan(parameters, "ttl", policy.standard()),
                    lifespan(parameters, "ttl_min", policy.shortest()),
                    lifespan(parameters, "ttl_max", policy.longest()),
                    parameters.bool("dor").orElse(policy.deleteOnRead()),
                    parameters.bool("allow_msg_forward").orElse(policy.forwarding()),
                    parameters.bool("attachments").orElse(policy.attachments()),
                    policy.kept(),
                    policy.strict());
        } catch (IllegalArgumentException _) {
            throw Failure.INVALID.refused("ttl_min, ttl and ttl_max must be in that order.");
        }
    }

    /** A picture; whoever knows its random address may load it, as browsers do without credentials. */
    private Reply avatar(Call call) throws IOException {
        UUID blob = Ids.parse(call.path("blob"))
                .filter(directory::isAvatar)
                .orElseThrow(Failure.NOT_FOUND::refused);
        byte[] picture = pictures.open(blob).orElseThrow(Failure.NOT_FOUND::refused);
        return new Reply(
                200,
                List.of(
                        new Reply.Header("Cache-Control", "private, max-age=86400"),
                        new Reply.Header("X-Content-Type-Options", "nosniff"),
                        new Reply.Header("Content-Security-Policy", "sandbox")),
                new Reply.Body.Bytes(Pictures.type(picture), picture));
    }

    /** Lists of recipients are made at another door; none is visible at this one. */
    private Reply list(Call call) {
        throw Failure.NOT_FOUND.refused("There is no such list.");
    }

    /**
     * The metadata that a request carries as an object, or as the text of one.
     *
     * @return empty if the request has none
     */
    static Optional<Map<String, String>> metadata(Parameters parameters) {
        JsonNode node = parameters.json().path("metadata");
        if (node.isObject()) {
            return Optional.of(texts(node));
        }
        if (!node.isMissingNode() && !node.isNull() && !node.isString()) {
            throw Parameters.wrong("metadata", "an object of texts");
        }
        return parameters.text("metadata").filter(text -> !text.isBlank()).map(JsonText::read)
                .map(DirectoryRoutes::texts);
    }

    /** The fields of a flat object of texts; numbers and truth values are taken as text. */
    static Map<String, String> texts(JsonNode object) {
        if (!object.isObject()) {
            throw Parameters.wrong("metadata", "an object of texts");
        }
        Map<String, String> texts = new TreeMap<>();
        object.properties().forEach(field -> {
            if (field.getValue().isContainer() || field.getValue().isNull()) {
                throw Parameters.wrong("metadata." + field.getKey(), "a text");
            }
            texts.put(JsonText.wellFormed(field.getKey()), JsonText.wellFormed(field.getValue().asString()));
        });
        return texts;
    }
}
