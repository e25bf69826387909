package ephemera.core.talk;

import ephemera.core.directory.PersonId;
import java.time.Instant;

/** One durable thing that people's streams are told. */
public sealed interface Notice {

    /**
     * A message was sent; what a strict one says is not told here, since streams are told again what was not
     * acknowledged.
     *
     * @param message the message, alive when this was read
     * @param history whether it is an earlier message told to a new member of the group
     */
    record Sent(Message message, boolean history) implements Notice {

        public Sent {
            message = message.told();
        }
    }

    /**
     * A recipient's receipt of a message moved forward.
     *
     * @param requestId the request id under which the message was sent, or empty text
     * @param inGroup whether the message stands in a group
     */
    record Marked(
            MessageId message, String requestId, boolean inGroup, PersonId reader, ReceiptStatus status, Instant at)
            implements Notice {}

    /**
     * A message was recalled.
     *
     * @param requestId the request id under which the message was sent, or empty text
     * @param inGroup whether the message stood in a group
     */
    record Recalled(MessageId message, String requestId, boolean inGroup, PersonId sender, Instant at)
            implements Notice {}

    /**
     * Somebody reacted to a message, or took that back; told as long as the message lives.
     *
     * @param inGroup whether the message stands in a group
     * @param added whether the reaction came; otherwise it went
     */
    record Reacted(
            MessageId message,
            ConversationId conversation,
            boolean inGroup,
            PersonId person,
            Emoji emoji,
            boolean added,
            Instant at)
            implements Notice {}

    /**
     * Somebody joined a group.
     *
     * @param by who added them, or they themself
     */
    record Joined(ConversationId group, PersonId by, PersonId subject, Instant at) implements Notice {}

    /**
     * Somebody left a group.
     *
     * @param by who removed them, or they themself
     */
    record Left(ConversationId group, PersonId by, PersonId subject, Instant at) implements Notice {}

    /** A conversation with a person entered the roster of whoever is told. */
    record PersonListed(PersonId other) implements Notice {}

    /** A conversation with a person left the roster of whoever is told. */
    record PersonUnlisted(PersonId other) implements Notice {}

    /** A group entered the roster of whoever is told. */
    record GroupListed(ConversationId group) implements Notice {}

    /** A group left the roster of whoever is told: they left, were removed, or it was deleted. */
    record GroupUnlisted(ConversationId group) implements Notice {}

    /** The name, picture, members or rules of a group changed. */
    record GroupChanged(ConversationId group) implements Notice {}

    /** The profile or metadata of a person changed. */
    record PersonChanged(PersonId person) implements Notice {}

    /** A mute of whoever is told began, or ended if {@code lifted}. */
    record MuteChanged(Mute mute, boolean lifted) implements Notice {}
}
