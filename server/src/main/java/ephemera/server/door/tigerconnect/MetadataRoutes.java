package ephemera.server.door.tigerconnect;

import ephemera.core.Failure;
import ephemera.core.Refused;
import ephemera.core.directory.Caller;
import ephemera.core.directory.Directory;
import ephemera.core.directory.Person;
import ephemera.core.talk.Conversation;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Groups;
import ephemera.core.talk.Roster;
import ephemera.server.http.Access;
import ephemera.server.http.Call;
import ephemera.server.http.JsonText;
import ephemera.server.http.Reply;
import ephemera.server.http.Route;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Metadata of people and groups, one by one and in bulk (section 3.16). */
final class MetadataRoutes {

    private static final int BULK = 1_000;

    private final Directory directory;
    private final Groups groups;
    private final Roster roster;
    private final Wire wire;

    MetadataRoutes(Directory directory, Groups groups, Roster roster, Wire wire) {
        this.directory = directory;
        this.groups = groups;
        this.roster = roster;
        this.wire = wire;
    }

    List<Route> routes() {
        return List.of(
                new Route("GET", "/v2/metadata/{entity}", Access.SIGNED_IN, this::read),
                new Route("POST", "/v2/metadata/{entity}", Access.SIGNED_IN, this::replace),
                new Route("DELETE", "/v2/metadata/{entity}", Access.SIGNED_IN, this::clear),
                new Route("POST", "/v2/metadata_bulk", Access.SIGNED_IN, this::bulk),
                new Route("POST", "/v2/entities_bulk", Access.SIGNED_IN, this::entities));
    }

    private Reply read(Call call) {
        UUID entity = entity(call.caller(), call.path("entity")).orElseThrow(Failure.NOT_FOUND::refused);
        return Answers.ok(Wire.metadata(directory.metadata(entity)));
    }

    /** The body is the whole object (the contract: replace, not merge). */
    private Reply replace(Call call) {
        set(call, DirectoryRoutes.texts(call.parameters().body()));
        return Answers.done();
    }

    private Reply clear(Call call) {
        set(call, Map.of());
        return Answers.done();
    }

    private void set(Call call, Map<String, String> fields) {
        Caller caller = call.caller();
        Optional<Person> person = directory.find(caller, call.path("entity"));
        if (person.isPresent()) {
            roster.setMetadata(caller, person.get(), fields);
        } else {
            groups.setMetadata(caller, group(caller, call.path("entity")), fields);
        }
    }

    private Conversation.Group group(Caller caller, String token) {
        return groups.group(caller, ConversationId.parse(token).orElseThrow(Failure.NOT_FOUND::refused));
    }

    /** The token of a person or group that the caller may see. */
    private Optional<UUID> entity(Caller caller, String address) {
        Optional<Person> person = directory.find(caller, address);
        if (person.isPresent()) {
            return person.map(found -> found.id().value());
        }
        return ConversationId.parse(address).map(id -> groups.group(caller, id).id().value());
    }

    private Reply bulk(Call call) {
        ArrayNode reply = JsonText.array();
        for (String token : few(call.parameters().list("entities"))) {
            reply.add(Wire.metadata(metadata(call.caller(), token).orElse(Map.of())));
        }
        return Answers.ok(reply);
    }

    /** The metadata of an entity; empty if the caller may not see it. */
    private Optional<Map<String, String>> metadata(Caller caller, String token) {
        try {
            return entity(caller, token).map(directory::metadata);
        } catch (Refused _) {
            return Optional.empty();
        }
    }

    private Reply entities(Call call) {
        Caller caller = call.caller();
        ObjectNode reply = JsonText.object();
        ArrayNode users = reply.putArray("users");
        for (String token : few(call.parameters().list("users"))) {
            directory.find(caller, token)
                    .ifPresent(person -> users.addObject().set(person.id().toString(), wire.user(person)));
        }
        ArrayNode metadata = reply.putArray("metadata");
        for (String token : few(call.parameters().list("metadata"))) {
            metadata(caller, token).ifPresent(fields -> metadata.addObject().set(token, Wire.metadata(fields)));
        }
        return Answers.ok(reply);
    }

    private static List<String> few(List<String> tokens) {
        if (tokens.size() > BULK) {
            throw Failure.INVALID.refused("At most " + BULK + " entities are allowed in one call.");
        }
        return tokens;
    }
}
