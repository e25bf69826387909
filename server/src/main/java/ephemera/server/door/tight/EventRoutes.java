package ephemera.server.door.tight;

import ephemera.core.inbox.Inbox;
import ephemera.core.inbox.StreamOptions;
import ephemera.core.talk.Position;
import ephemera.server.http.Access;
import ephemera.server.http.Call;
import ephemera.server.http.Reply;
import ephemera.server.http.Route;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What happens in the conversations of the token's person, as Server-Sent Events; an addition to the contract.
 *
 * <p>It begins with what happens next, or behind the event that {@code Last-Event-ID} names, and acknowledges nothing:
 * what the person's devices have seen by the other door is theirs.
 */
final class EventRoutes {

    /** Proxies and browsers bear a minute of silence; half of it leaves room for one that is lost. */
    private static final Duration HEARTBEAT = Duration.ofSeconds(20);

    private final Inbox inbox;
    private final TightDialect dialect;

    EventRoutes(Inbox inbox, TightDialect dialect) {
        this.inbox = inbox;
        this.dialect = dialect;
    }

    List<Route> routes() {
        return List.of(new Route("GET", "/v6/events", Access.TOKEN, this::open));
    }

    private Reply open(Call call) {
        // An id of before the journal was restored names nothing any more: its stream goes on with what comes.
        Optional<Position> resumeAfter = call.header("Last-Event-ID").flatMap(dialect::position);
        StreamOptions options = new StreamOptions(false, false, false, false, false, Optional.empty(), resumeAfter);
        return new Reply(
                200,
                List.of(),
                new Reply.Body.Events(dialect, HEARTBEAT, sink -> inbox.open(call.caller(), options, sink)));
    }
}
