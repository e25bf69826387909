package ephemera.core.talk;

import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.PersonId;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Reads of what was said (a port).
 *
 * <p>Every read judges expiry by the database's clock, in the statement that reads. Reading changes nothing.
 * Thread-safe.
 */
public interface Archive {

    /** The message with that token as that person may see it. */
    Found message(MessageId id, OrganizationId organization, PersonId viewer);

    /** The message as that person may see its attachments: those of a strict one a minute longer than the message. */
    Found attached(MessageId id, OrganizationId organization, PersonId viewer);

    /** What comes of looking for a message. */
    sealed interface Found {

        /** The message, which the viewer may see. */
        record Visible(Message message) implements Found {}

        /** The message exists, but the viewer is not party to it. */
        record Hidden() implements Found {}

        /** There is no such message (any more), or it belongs to another organization. */
        record Missing() implements Found {}
    }

    /** The receipts of those messages, one of each recipient, for those that the viewer may see. */
    Map<MessageId, Receipts> receipts(Collection<MessageId> ids, OrganizationId organization, PersonId viewer);

    /**
     * The receipts of one message.
     *
     * @param sender who sent it
     * @param recalled whether it was recalled
     * @param receipts one for each recipient
     */
    record Receipts(PersonId sender, boolean recalled, List<Receipt> receipts) {}

    /** The reactions to those messages, the earliest first, for those that the viewer may see and that have any. */
    Map<MessageId, List<Reaction>> reactions(
            Collection<MessageId> ids, OrganizationId organization, PersonId viewer);

    /** The conversations in a person's roster, the one with the latest message first. */
    List<ConversationId> roster(PersonId person);

    /** The mutes of a person that have not ended. */
    List<Mute> mutes(PersonId person);

    /** The public groups of an organization whose name contains the text, by name. */
    List<ConversationId> publicGroups(OrganizationId organization, String text, int limit);
}
