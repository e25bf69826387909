package ephemera.core.talk;

import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.PersonId;
import java.time.Instant;
import java.util.Optional;

/**
 * A group's conversation about something: with a subject, perhaps about a record of an application, open or resolved.
 *
 * @param id the token of the conversation, which is that of a group
 * @param organization whose it is
 * @param author who opened it
 * @param about what it is about
 * @param resolved whether it is settled; whoever writes into it opens it again
 * @param createdAt when it was opened
 * @param changedAt when something of it changed or was said last
 * @param latest the newest message that is alive and that the viewer may see
 * @param unread whether somebody else has written since the viewer has read
 */
public record Topic(
        ConversationId id,
        OrganizationId organization,
        PersonId author,
        About about,
        boolean resolved,
        Instant createdAt,
        Instant changedAt,
        Optional<Message> latest,
        boolean unread) {

    /**
     * What a topic is about.
     *
     * @param subject never blank; it is not content: it is stored as it is, and lives as long as the topic
     * @param entity the application's name for its record
     * @param custom a JSON object of the application's own, or empty text
     */
    public record About(String subject, Optional<String> entity, String custom) {}

    /**
     * What somebody changes of a topic; what is empty stays.
     *
     * @param subject the new subject
     * @param entity the new record
     * @param custom the new data of the application
     * @param resolved whether it is settled from now on
     */
    public record Change(
            Optional<String> subject, Optional<String> entity, Optional<String> custom, Optional<Boolean> resolved) {

        /** Whether it changes anything. */
        public boolean isEmpty() {
            return subject.isEmpty() && entity.isEmpty() && custom.isEmpty() && resolved.isEmpty();
        }
    }

    /** The same topic with that newest message. */
    public Topic with(Optional<Message> message) {
        return new Topic(id, organization, author, about, resolved, createdAt, changedAt, message, unread);
    }
}
