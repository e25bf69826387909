package ephemera.server.door.tigerconnect;

import ephemera.core.Failure;
import ephemera.core.directory.Caller;
import ephemera.core.directory.Directory;
import ephemera.core.directory.Person;
import ephemera.core.talk.Conversation;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Groups;
import ephemera.core.talk.Mute;
import ephemera.core.talk.Roster;
import ephemera.server.http.Access;
import ephemera.server.http.Call;
import ephemera.server.http.JsonText;
import ephemera.server.http.Parameters;
import ephemera.server.http.Reply;
import ephemera.server.http.Route;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The list of recent conversations, and mutes (sections 3.17 to 3.19 and 3.24). */
final class RosterRoutes {

    private final Roster roster;
    private final Directory directory;
    private final Groups groups;
    private final Wire wire;

    RosterRoutes(Roster roster, Directory directory, Groups groups, Wire wire) {
        this.roster = roster;
        this.directory = directory;
        this.groups = groups;
        this.wire = wire;
    }

    List<Route> routes() {
        return List.of(
                new Route("GET", "/v2/roster", Access.SIGNED_IN, this::list),
                new Route("POST", "/v2/roster", Access.SIGNED_IN, this::add),
                new Route("DELETE", "/v2/roster/{entity}", Access.SIGNED_IN, this::remove),
                new Route("GET", "/v2/mute", Access.SIGNED_IN, this::mutes),
                new Route("DELETE", "/v2/mute", Access.SIGNED_IN, this::unmuteAll),
                new Route("POST", "/v2/mute/p2p", Access.SIGNED_IN, this::mutePerson),
                new Route("DELETE", "/v2/mute/p2p", Access.SIGNED_IN, this::unmutePerson),
                new Route("POST", "/v2/mute/group/{group}", Access.SIGNED_IN, this::muteGroup),
                new Route("DELETE", "/v2/mute/group/{group}", Access.SIGNED_IN, this::unmuteGroup),
                new Route("POST", "/v2/mute/organization/{organization}", Access.SIGNED_IN, this::muteOrganization),
                new Route(
                        "DELETE", "/v2/mute/organization/{organization}", Access.SIGNED_IN, this::unmuteOrganization));
    }

    private Reply list(Call call) {
        boolean withMetadata = call.parameters().bool("render_metadata").orElse(false);
        ArrayNode lines = JsonText.array();
        for (Roster.Line line : roster.lines(call.caller())) {
            ObjectNode node = switch (line) {
                case Roster.Line.WithPerson(Person person) -> wire.user(person);
                case Roster.Line.WithGroup(Conversation.Group group) -> wire.group(group);
            };
            if (withMetadata) {
                node.set("metadata", Wire.metadata(directory.metadata(switch (line) {
                    case Roster.Line.WithPerson(Person person) -> person.id().value();
                    case Roster.Line.WithGroup(Conversation.Group group) -> group.id().value();
                })));
            }
            lines.add(node);
        }
        return Answers.ok(lines);
    }

    private Reply add(Call call) {
        call.parameters().requireTexts("type");
        roster.add(call.caller(), call.parameters().required("entity"));
        return Answers.done();
    }

    /**
     * With a person the conversation goes, with a group its caller (section 3.19); a token tells which without a type.
     */
    private Reply remove(Call call) {
        Caller caller = call.caller();
        call.parameters()
                .anyText("TT-X-Organization-Key")
                .ifPresent(token -> directory.organization(caller, token));
        Optional<Person> person = directory.find(caller, call.path("entity"));
        if (person.isPresent()) {
            roster.remove(caller, person.get());
        } else {
            groups.leave(
                    caller, ConversationId.parse(call.path("entity")).orElseThrow(Failure.NOT_FOUND::refused));
        }
        return Answers.done();
    }

    private Reply mutes(Call call) {
        ArrayNode mutes = JsonText.array();
        roster.mutes(call.caller()).forEach(mute -> mutes.add(Wire.mute(mute, call.caller().organization())));
        return Answers.ok(mutes);
    }

    private Reply unmuteAll(Call call) {
        roster.unmute(call.caller(), Optional.empty());
        return Answers.done();
    }

    private Reply mutePerson(Call call) {
        return mute(call, Mute.Kind.PERSON, person(call));
    }

    private Reply unmutePerson(Call call) {
        return unmute(call, Mute.Kind.PERSON, person(call));
    }

    private String person(Call call) {
        String address = call.parameters()
                .anyText("sender_token", "TT-X-Sender-Token")
                .orElseThrow(() -> Parameters.missing("sender_token"));
        return directory.person(call.caller(), address).id().toString();
    }

    private Reply muteGroup(Call call) {
        return mute(call, Mute.Kind.GROUP, group(call));
    }

    private Reply unmuteGroup(Call call) {
        return unmute(call, Mute.Kind.GROUP, group(call));
    }

    private String group(Call call) {
        ConversationId id = ConversationId.parse(call.path("group")).orElseThrow(Failure.NOT_FOUND::refused);
        return groups.group(call.caller(), id).id().toString();
    }

    private Reply muteOrganization(Call call) {
        return mute(call, Mute.Kind.ORGANIZATION, organization(call));
    }

    private Reply unmuteOrganization(Call call) {
        return unmute(call, Mute.Kind.ORGANIZATION, organization(call));
    }

    private String organization(Call call) {
        return directory.organization(call.caller(), call.path("organization")).id().token();
    }

    private Reply mute(Call call, Mute.Kind kind, String target) {
        call.parameters().requireTexts("sender_token", "sender_organization", "receiver_organization");
        long minutes = call.parameters().number("duration").orElseThrow(() -> Parameters.missing("duration"));
        roster.mute(new Mute(
                call.caller().id(), kind, target, Instant.EPOCH, Math.clamp(minutes, 0, Integer.MAX_VALUE)));
        return Answers.done();
    }

    private Reply unmute(Call call, Mute.Kind kind, String target) {
        roster.unmute(call.caller(), Optional.of(new Mute(call.caller().id(), kind, target, Instant.EPOCH, 1)));
        return Answers.done();
    }
}
