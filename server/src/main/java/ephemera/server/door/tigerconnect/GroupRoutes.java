package ephemera.server.door.tigerconnect;

import ephemera.core.Failure;
import ephemera.core.directory.Directory;
import ephemera.core.talk.Conversation;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Groups;
import ephemera.server.http.Access;
import ephemera.server.http.Call;
import ephemera.server.http.JsonText;
import ephemera.server.http.Parameters;
import ephemera.server.http.Reply;
import ephemera.server.http.Route;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Groups and their members (sections 3.9 to 3.15). */
final class GroupRoutes {

    private static final int PAGE = 500;

    private final Groups groups;
    private final Directory directory;
    private final Pictures pictures;
    private final Wire wire;

    GroupRoutes(Groups groups, Directory directory, Pictures pictures, Wire wire) {
        this.groups = groups;
        this.directory = directory;
        this.pictures = pictures;
        this.wire = wire;
    }

    List<Route> routes() {
        return List.of(
                new Route("POST", "/v2/group", Access.SIGNED_IN, this::create),
                new Route("GET", "/v2/group/{group}", Access.SIGNED_IN, this::group),
                new Route("POST", "/v2/group/{group}", Access.SIGNED_IN, this::update),
                new Route("DELETE", "/v2/group/{group}", Access.SIGNED_IN, this::delete),
                new Route("GET", "/v2/group/{group}/members", Access.SIGNED_IN, this::members),
                new Route("POST", "/v2/group/{group}/members", Access.SIGNED_IN, this::add),
                new Route("POST", "/v2/group/{group}/members/remove", Access.SIGNED_IN, this::remove),
                new Route("POST", "/v2/role_group", Access.SIGNED_IN, this::createRoleGroup));
    }

    private Reply create(Call call) {
        boolean withCreator = !call.parameters().bool("exclude_creator").orElse(false);
        Conversation.Group group = created(call, withCreator);
        Reply reply = Answers.ok(wire.group(group)).with("TT-X-Group-Token", group.id().toString());
        return withAvatar(reply, group.looks());
    }

    private Reply createRoleGroup(Call call) {
        Conversation.Group group = created(call, true);
        return Answers.ok(JsonText.object().put("token", group.id().toString()))
                .with("TT-X-Group-Token", group.id().toString());
    }

    private Conversation.Group created(Call call, boolean withCreator) {
        Parameters parameters = call.parameters();
        parameters.requireTexts("created_by");
        requireOwnOrganization(call);
        Conversation.Looks looks = new Conversation.Looks(
                parameters.required("name").strip(),
                parameters.text("description").orElse(""),
                pictures.keep(parameters),
                parameters.bool("replay_history").orElse(false),
                parameters.bool("is_public").orElse(false));
        return groups.create(
                call.caller(),
                looks,
                parameters.list("members"),
                withCreator,
                DirectoryRoutes.metadata(parameters).orElse(Map.of()),
                call.header("Request-ID").map(JsonText::wellFormed).orElse(""));
    }

    private void requireOwnOrganization(Call call) {
        call.parameters()
                .anyText("TT-X-Organization-Key", "organization_key")
                .ifPresent(token -> directory.organization(call.caller(), token));
    }

    private Reply group(Call call) {
        Conversation.Group group = wanted(call);
        ObjectNode node = wire.group(group);
        if (call.parameters().bool("render_metadata").orElse(false)) {
            node.set("metadata", Wire.metadata(directory.metadata(group.id().value())));
        }
        return Answers.ok(node);
    }

    private Reply update(Call call) {
        Parameters parameters = call.parameters();
        Conversation.Group group = wanted(call);
        Conversation.Looks old = group.looks();
        Conversation.Looks looks = new Conversation.Looks(
                parameters.text("name").map(String::strip).orElse(old.name()),
                parameters.text("description").orElse(old.description()),
                pictures.keep(parameters).or(old::avatar),
                parameters.bool("replay_history").orElse(old.replaysHistory()),
                old.isPublic());
        Optional<List<String>> members = Optional.of(parameters.list("members"))
                .filter(list -> !list.isEmpty() || parameters.json().path("members").isArray());
        groups.update(call.caller(), group, looks, members);
        return withAvatar(Answers.done(), looks);
    }

    private Reply withAvatar(Reply reply, Conversation.Looks looks) {
        Optional<UUID> avatar = looks.avatar();
        return avatar.map(blob -> reply.with("TT-X-Group-Avatar", wire.avatar(blob))).orElse(reply);
    }

    private Reply delete(Call call) {
        ConversationId.parse(call.path("group")).ifPresent(group -> groups.delete(call.caller(), group));
        return Answers.done();
    }

    private Reply members(Call call) {
        Conversation.Group group = wanted(call);
        if (!call.parameters().bool("return_user_objects").orElse(false)) {
            return Answers.ok(Wire.tokens(group.members()));
        }
        int offset = Math.clamp(call.parameters().number("continuation").orElse(0L), 0, Integer.MAX_VALUE - PAGE);
        ObjectNode reply = JsonText.object();
        ArrayNode people = reply.putArray("members");
        group.members().stream()
                .skip(offset)
                .limit(PAGE)
                .flatMap(member -> directory.find(call.caller(), member).stream())
                .map(wire::user)
                .forEach(people::add);
        boolean more = offset + PAGE < group.members().size();
        reply.put("continuation", more ? Integer.toString(offset + PAGE) : null);
        return Answers.ok(reply);
    }

    private Reply add(Call call) {
        return Answers.ok(wire.group(groups.add(call.caller(), wanted(call), named(call))));
    }

    private Reply remove(Call call) {
        boolean announced = call.parameters().bool("bang_notification").orElse(true);
        groups.remove(call.caller(), wanted(call), named(call), announced);
        return Answers.done();
    }

    private static List<String> named(Call call) {
        List<String> members = call.parameters().list("members");
        if (members.isEmpty()) {
            throw Parameters.missing("members");
        }
        return members;
    }

    private Conversation.Group wanted(Call call) {
        ConversationId id = ConversationId.parse(call.path("group")).orElseThrow(Failure.NOT_FOUND::refused);
        return groups.group(call.caller(), id);
    }
}
