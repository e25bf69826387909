package ephemera.core.talk;

import ephemera.core.directory.PersonId;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The writer of every durable change of talk (a port).
 *
 * <p>Each method returns after its change is committed and on disk, has been numbered in commit order, and has been
 * handed to the {@code Bus}. Callers have checked that the change is allowed; what can only be decided inside the
 * transaction (is the message still alive? was the key used before?) is decided there. Thread-safe; callers wait.
 *
 * <p>All methods throw {@link ephemera.core.Refused} with {@code UNAVAILABLE} if the database is away: the outcome is
 * then unknown to the caller, who may repeat the call with the same request id.
 */
public interface Journal {

    /**
     * Appends a message.
     *
     * @return the message as it was stored, or the first one with the same request id of the same sender
     */
    Appended send(Outgoing outgoing);

    /** Appends messages of one caller, each for itself, and returns what became of each, in their order. */
    List<Appended> send(List<Outgoing> outgoing);

    /**
     * What became of a message that was to be appended.
     *
     * @param message the message as it stands in the journal
     * @param repeated whether the same request had been done before
     */
    record Appended(Message message, boolean repeated) {}

    /** Moves receipts of a reader forward; ids that are unknown, gone, own, or not for the reader are passed over. */
    void mark(PersonId reader, Map<MessageId, ReceiptStatus> statuses);

    /**
     * Reads a strict message in the name of a recipient, for whom it is gone then; false if that was done before. Of
     * several who try at the same time one succeeds.
     */
    boolean claim(PersonId reader, Message message);

    /** Scrubs a message for everybody; false if it is gone already. */
    boolean recall(Message message);

    /** Adds a reaction, or finds the same one of before; empty if the message is gone. */
    Optional<Reaction> react(AuditTrail.Editor by, Message message, Emoji emoji);

    /** Takes a reaction back; false if there is none, or the message is gone. */
    boolean unreact(AuditTrail.Editor by, Message message, Emoji emoji);

    /** Opens the conversation of two people, or puts it back into their rosters. */
    Conversation.Direct list(Conversation.Direct conversation);

    /**
     * Takes a conversation with a person out of a roster, together with its messages as far as that person sees them.
     */
    void clear(ConversationId conversation, PersonId person, PersonId other);

    /**
     * Creates a group with its members.
     *
     * @param requestId the creator's idempotency key, or empty text
     * @return the group, or the first one with the same request id of the same creator
     */
    Conversation.Group create(Conversation.Group group, String requestId);

    /**
     * Creates a group that is a topic.
     *
     * @param requestId the creator's idempotency key, or empty text
     * @return its token, or that of the first one with the same request id of the same creator
     */
    ConversationId open(AuditTrail.Editor by, Conversation.Group group, Topic.About about, String requestId);

    /**
     * Changes a topic; nothing happens if it was deleted.
     *
     * @param name the new name of its group, if that changes
     */
    void change(AuditTrail.Editor by, Topic topic, Topic.Change change, Optional<String> name);

    /** Lets a topic count as read by that person up to a position; further than that is further. */
    void read(ConversationId topic, PersonId reader, Position position);

    /** Lets the newest message of somebody else in a topic count as not read by that person. */
    void unread(ConversationId topic, PersonId reader);

    /**
     * Changes what a group shows of itself; the new name of a topic's group is its subject, too.
     *
     * @param by who did it
     */
    void update(ConversationId group, Conversation.Looks looks, PersonId by);

    /**
     * Adds and removes members; those who are in, or out, already are passed over. A group that is neither public nor a
     * topic ends, as by {@link #delete}, when its last member leaves.
     */
    void change(Membership change);

    /**
     * A change of who is in a group.
     *
     * @param group which group
     * @param by who changes it
     * @param joining who is to be in
     * @param leaving who is to be out
     * @param history the most earlier messages that those who join get; 0 for none
     * @param announced whether the members are told who joined and left
     */
    record Membership(
            ConversationId group,
            PersonId by,
            List<PersonId> joining,
            List<PersonId> leaving,
            int history,
            boolean announced) {}

    /**
     * Ends a group for all its members: what was said in it is not shown any more when this returns, and destroyed
     * within seconds.
     */
    void delete(ConversationId group, PersonId by);

    /** Tells the streams of those people that something about a person changed. */
    void personChanged(PersonId person, Collection<PersonId> told);

    /** Begins a mute, or replaces the one with the same target. */
    void mute(Mute mute);

    /** Ends a mute, or all of them; nothing happens where there is none. */
    void unmute(PersonId person, Optional<Mute> mute);
}
