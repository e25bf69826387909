package ephemera.server.door.tigerconnect;

import ephemera.core.directory.Caller;
import ephemera.core.directory.Directory;
import ephemera.core.directory.Organization;
import ephemera.core.directory.Person;
import ephemera.core.talk.Conversation;
import ephemera.core.talk.Groups;
import ephemera.server.http.Access;
import ephemera.server.http.Call;
import ephemera.server.http.JsonText;
import ephemera.server.http.Parameters;
import ephemera.server.http.Reply;
import ephemera.server.http.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Searching people, groups and organizations (section 3.23). */
final class SearchRoutes {

    private static final int PAGE = 50;
    private static final List<String> FIELDS = List.of(
            "any", "display_name", "name", "first_name", "last_name", "email", "email_address", "phone", "username");

    private final Directory directory;
    private final Groups groups;
    private final Wire wire;

    SearchRoutes(Directory directory, Groups groups, Wire wire) {
        this.directory = directory;
        this.groups = groups;
        this.wire = wire;
    }

    List<Route> routes() {
        return List.of(new Route("POST", "/v2/search", Access.SIGNED_IN, this::search));
    }

    private Reply search(Call call) {
        Parameters parameters = call.parameters();
        Caller caller = call.caller();
        String text = wanted(parameters);
        List<String> types = parameters.list("type");
        requireSense(parameters);
        boolean tokens = parameters.text("results_format").orElse("").equals("tokens");
        int offset = Math.clamp(parameters.number("continuation").orElse(0L), 0, Integer.MAX_VALUE - PAGE);
        ArrayNode results = JsonText.array();
        int total = 0;
        if (types.isEmpty() || types.contains("account")) {
            for (Person person : directory.search(caller, text, offset, PAGE)) {
                add(results, Wire.ACCOUNT, caller, user(parameters, person), tokens);
            }
            total += directory.searchCount(caller, text);
        }
        int people = total;
        if (types.contains("group") || types.contains("public_group")) {
            List<Conversation.Group> found = groups.search(caller, text, types.contains("group"), PAGE);
            if (offset == 0) {
                found.forEach(group -> add(results, Wire.GROUP, caller, wire.group(group), tokens));
            }
            total += found.size();
        }
        if (types.contains("organization")) {
            Organization own = directory.organization(caller);
            if (own.name().toLowerCase(Locale.ROOT).contains(text.toLowerCase(Locale.ROOT))) {
                add(results, Wire.ORGANIZATION, caller, Wire.organization(own, directory.memberCount(own)), tokens);
                total++;
            }
        }
        ObjectNode reply = JsonText.object();
        reply.set("results", results);
        reply.putObject("metadata")
                .put("continuation", offset + PAGE < people ? Integer.toString(offset + PAGE) : null)
                .put("first_hit", offset + 1)
                .put("total_hits", total);
        return Answers.ok(reply);
    }

    /** What the clients ask for besides, without any effect here. */
    private static void requireSense(Parameters parameters) {
        parameters.list("directory");
        parameters.list("return_fields");
        parameters.bool("include_disabled");
        JsonNode json = parameters.json();
        if (json.has("sort") && !json.path("sort").isArray() && !json.path("sort").isNull()) {
            throw Parameters.wrong("sort", "a list");
        }
    }

    private ObjectNode user(Parameters parameters, Person person) {
        ObjectNode user = wire.user(person);
        if (parameters.bool("render_metadata").orElse(false)) {
            user.set("metadata", Wire.metadata(directory.metadata(person.id().value())));
        }
        return user;
    }

    private static void add(ArrayNode results, String type, Caller caller, ObjectNode entity, boolean tokens) {
        results.addObject()
                .put("type", type)
                .put("organization_id", caller.organization().token())
                .set("entity", tokens ? JsonText.object().put("token", entity.path("token").asString()) : entity);
    }

    /** What is looked for: at the top, or in the condition that the newer clients send. */
    private static String wanted(Parameters parameters) {
        JsonNode must = condition(condition(parameters.json(), "bool"), "must");
        List<String> wanted = new ArrayList<>();
        for (String field : FIELDS) {
            JsonNode condition = must.path(field);
            if (condition.isString()) {
                wanted.add(JsonText.wellFormed(condition.asString()));
            } else if (!condition.isMissingNode() && !condition.isNull()) {
                throw Parameters.wrong("bool.must." + field, "a text");
            }
            parameters.text(field).ifPresent(wanted::add);
        }
        return wanted.isEmpty() ? "" : wanted.getFirst().strip();
    }

    private static JsonNode condition(JsonNode parent, String name) {
        JsonNode node = parent.path(name);
        if (!node.isObject() && !node.isMissingNode() && !node.isNull()) {
            throw Parameters.wrong(name, "an object");
        }
        return node;
    }
}
