package ephemera.core.talk;

import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.PersonId;
import java.util.List;
import java.util.Optional;

/**
 * Reads of topics (a port).
 *
 * <p>Every read judges expiry by the database's clock, in the statement that reads. Reading changes nothing. What a
 * page costs does not grow with the place where it begins. Thread-safe.
 */
public interface TopicArchive {

    /** The topic with that id, unless it was deleted. */
    Optional<Topic> topic(ConversationId id, OrganizationId organization, PersonId viewer);

    /** Some topics of an organization. */
    TopicQuery.Page query(OrganizationId organization, PersonId viewer, TopicQuery query);

    /**
     * Some messages of a topic that are alive and not burnt for the viewer, in their order.
     *
     * @param from only those after it, or with {@code backward} before it
     * @param backward whether those next to it are looked for among the earlier ones
     */
    Messages messages(ConversationId topic, PersonId viewer, Position from, boolean backward, int limit);

    /**
     * Some messages.
     *
     * @param more whether there are more in the direction that was asked for
     */
    record Messages(List<Message> messages, boolean more) {}

    /** The messages of others that are alive and that the viewer has not read, the newest first. */
    Unread unread(ConversationId topic, PersonId viewer, int limit);

    /**
     * Messages that are not read.
     *
     * @param newest the position of the first of them; that of the start if there are none
     */
    record Unread(List<MessageId> messages, Position newest) {}
}
