package ephemera.server.door.tigerconnect;

import ephemera.core.directory.Caller;
import ephemera.core.directory.Directory;
import ephemera.core.inbox.Inbox;
import ephemera.core.inbox.StreamOptions;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Position;
import ephemera.server.http.Access;
import ephemera.server.http.Call;
import ephemera.server.http.JsonText;
import ephemera.server.http.Reply;
import ephemera.server.http.Route;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The event stream: open, acknowledge, drop (section 4). */
final class EventRoutes {

    /** A published client gives up 12 s after the last event (trap 2); the loop looks once a second. */
    private static final Duration HEARTBEAT = Duration.ofSeconds(6);

    private final Inbox inbox;
    private final Directory directory;
    private final TigerDialect dialect;
    private final EventIds ids;

    EventRoutes(Inbox inbox, Directory directory, TigerDialect dialect, EventIds ids) {
        this.inbox = inbox;
        this.directory = directory;
        this.dialect = dialect;
        this.ids = ids;
    }

    List<Route> routes() {
        return List.of(
                new Route("GET", "/v2/events", Access.SIGNED_IN_BY_QUERY, this::open),
                new Route("DELETE", "/v2/events", Access.SIGNED_IN, this::drop),
                new Route("POST", "/v2/events/ack", Access.SIGNED_IN, this::acknowledge));
    }

    private Reply open(Call call) {
        List<String> features = new ArrayList<>(call.parameters().list("TT-X-Features"));
        features.addAll(call.parameters().list("features"));
        Optional<Position> resumeAfter = call.header("Last-Event-ID")
                .or(() -> call.parameters().anyText("lastEventId"))
                .flatMap(ids::position);
        StreamOptions options = new StreamOptions(
                features.contains("auto-ack"),
                features.contains("auto-deliver"),
                features.contains("is-typing"),
                !features.contains("no-offline-messages"),
                features.contains("close-after-messages"),
                value(features, "single_conversation:").flatMap(name -> conversation(call.caller(), name)),
                resumeAfter);
        return new Reply(
                200,
                List.of(),
                new Reply.Body.Events(
                        dialect, heartbeat(features), sink -> inbox.open(call.caller(), options, sink)));
    }

    /** A conversation is named as a recipient is: by the token of the group, or by an address of the other person. */
    private Optional<ConversationId> conversation(Caller caller, String name) {
        return directory
                .find(caller, name)
                .map(person -> ConversationId.between(caller.id(), person.id()))
                .or(() -> ConversationId.parse(name));
    }

    /** What the client asks for with {@code heartbeat_5}, between one second and the longest that clients bear. */
    private static Duration heartbeat(List<String> features) {
        OptionalInt seconds = value(features, "heartbeat_").stream()
                .filter(text -> text.matches("\\d{1,4}"))
                .mapToInt(Integer::parseInt)
                .findFirst();
        return seconds.isPresent()
                ? Duration.ofSeconds(Math.clamp(seconds.getAsInt() - 1L, 1, HEARTBEAT.toSeconds()))
                : HEARTBEAT;
    }

    private static Optional<String> value(List<String> features, String prefix) {
        return features.stream()
                .filter(feature -> feature.startsWith(prefix))
                .map(feature -> feature.substring(prefix.length()))
                .findFirst();
    }

    private Reply drop(Call call) {
        return Answers.ok(JsonText.object().put("count", inbox.closeAll(call.caller().id())));
    }

    /** Ids that mean nothing here are accepted: clients acknowledge control events too (section 4.3). */
    private Reply acknowledge(Call call) {
        List<String> events = call.parameters().list("events");
        inbox.requireFew(events.size());
        List<Position> positions =
                events.stream().flatMap(id -> ids.position(id).stream()).toList();
        inbox.acknowledge(call.caller().id(), positions);
        return Answers.done();
    }
}
