package ephemera.core.inbox;

import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.PersonId;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Entry;
import java.util.Optional;

/**
 * What a stream is told.
 *
 * <p>{@link Told} is durable and has a position; all others are passing: they are never stored and never repeated.
 */
public sealed interface Event permits Told, Event.Passing {

    /** An event without a place in the journal. */
    sealed interface Passing extends Event {}

    /**
     * The replay begins.
     *
     * @param count how many events it will have
     */
    record ReplayStarted(long count) implements Passing {}

    /** Everything that was waiting has been told; what follows is live. */
    record CaughtUp() implements Passing {}

    /**
     * Somebody began or stopped typing.
     *
     * @param group the group in which they type, or empty when they type to the reader alone
     */
    record Typing(PersonId sender, Optional<ConversationId> group, OrganizationId organization, boolean started)
            implements Passing {}

    /** The connection is alive. */
    record Heartbeat() implements Passing {}

    /** The session was ended from elsewhere: the client is to forget what it has. */
    record SignedOut() implements Passing {}

    /** The event of that journal entry. */
    static Told of(Entry entry) {
        return new Told(entry);
    }
}
