package ephemera.core.inbox;

import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Position;
import java.util.Optional;

/**
 * What a client asked for when it opened a stream (TigerConnect contract, section 4.2).
 *
 * @param acknowledges whether what is written counts as acknowledged ({@code auto-ack})
 * @param delivers whether what is written counts as delivered ({@code auto-deliver})
 * @param typing whether the stream is told who types ({@code is-typing})
 * @param replays whether the stream is told what happened before ({@code no-offline-messages} says no)
 * @param closesWhenCaughtUp whether the stream ends after the replay ({@code close-after-messages})
 * @param conversation the only conversation whose messages are told ({@code single_conversation})
 * @param resumeAfter the last event that the client has ({@code Last-Event-ID})
 */
public record StreamOptions(
        boolean acknowledges,
        boolean delivers,
        boolean typing,
        boolean replays,
        boolean closesWhenCaughtUp,
        Optional<ConversationId> conversation,
        Optional<Position> resumeAfter) {

    /** A stream that asks for nothing in particular. */
    public static final StreamOptions PLAIN =
            new StreamOptions(false, false, false, true, false, Optional.empty(), Optional.empty());
}
