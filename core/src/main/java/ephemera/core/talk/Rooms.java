package ephemera.core.talk;

import java.util.Optional;

/**
 * Snapshots of conversations (a port).
 *
 * <p>They come from a cache that is dropped when a conversation changes; a snapshot read after a change was
 * acknowledged contains it. Thread-safe.
 */
public interface Rooms {

    /** The group with that token, unless it was deleted. */
    Optional<Conversation.Group> group(ConversationId id);

    /** The group with that token, if its snapshot is at hand: nothing is looked up for this. */
    Optional<Conversation.Group> groupAtHand(ConversationId id);

    /** The conversation of two people, if it was ever opened. */
    Optional<Conversation.Direct> direct(ConversationId id);
}
