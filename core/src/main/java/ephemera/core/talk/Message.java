package ephemera.core.talk;

import ephemera.core.Lifespan;
import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.PersonId;
import ephemera.core.vault.Slice;
import java.time.Instant;
import java.util.Optional;

/**
 * A message that was sent, alive when it was read.
 *
 * @param id its token
 * @param organization the organization of sender and recipients
 * @param conversation where it stands
 * @param position its place in the journal, which also sorts the conversation
 * @param sender who sent it
 * @param recipient the other one; empty in a group
 * @param sentAt when it was acknowledged, by the database's clock
 * @param expiresAt from when on nobody can read it
 * @param lifespan how long it lives at most
 * @param traits what its sender decided about it
 * @param content what it says
 * @param origin where it comes from if it was forwarded
 */
public record Message(
        MessageId id,
        OrganizationId organization,
        ConversationId conversation,
        Position position,
        PersonId sender,
        Optional<PersonId> recipient,
        Instant sentAt,
        Instant expiresAt,
        Lifespan lifespan,
        Traits traits,
        Content content,
        Optional<Origin> origin) {

    /**
     * What a sender decides about a message besides its content and lifespan.
     *
     * @param burning whether and when reading ends it
     * @param priority how urgent it is
     * @param requestId the sender's idempotency key, or empty text
     * @param subType a marker for clients, or empty text
     */
    public record Traits(Burning burning, Priority priority, String requestId, String subType) {

        /** Whether it is gone after it was read. */
        public boolean deleteOnRead() {
            return burning != Burning.NEVER;
        }

        /** Whether what it says is told only once to each recipient, who has to ask for it. */
        public boolean strict() {
            return burning == Burning.AT_ONCE;
        }
    }

    /** Whether reading ends a message, for the reader. */
    public enum Burning {
        /** It lives as long as it was granted. */
        NEVER,
        /** A minute after it was read. */
        LATER,
        /** With the reading itself: who lost the answer has lost the message. */
        AT_ONCE
    }

    /** The message without what it says. */
    public Message withheld() {
        return new Message(
                id,
                organization,
                conversation,
                position,
                sender,
                recipient,
                sentAt,
                expiresAt,
                lifespan,
                traits,
                Content.NONE,
                Optional.empty());
    }

    /** The message as anybody may be told of it who has not claimed it: a strict one without what it says. */
    public Message told() {
        return traits.strict() ? withheld() : this;
    }

    /** The message as a list shows it to somebody: a strict one without what it says, except to its sender. */
    public Message shownTo(PersonId viewer) {
        return mustBeClaimedBy(viewer) ? withheld() : this;
    }

    /** Whether somebody reads it by asking for it, and can do so once only: a recipient of a strict message. */
    boolean mustBeClaimedBy(PersonId viewer) {
        return traits.strict() && !sender.equals(viewer);
    }

    /** The slice with which its keys end at the latest. */
    public Slice slice() {
        return id.slice().orElseThrow(() -> new IllegalStateException("message " + id + " carries no slice"));
    }

    /** Whether it was sent to a group. */
    public boolean inGroup() {
        return recipient.isEmpty();
    }
}
