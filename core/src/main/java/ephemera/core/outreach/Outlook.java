package ephemera.core.outreach;

import ephemera.core.directory.Client;
import ephemera.core.directory.Clients;
import ephemera.core.directory.PersonId;
import ephemera.core.talk.Archive;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Message;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Reaction;
import ephemera.core.talk.Topic;
import ephemera.core.talk.TopicArchive;
import java.util.List;
import java.util.Optional;

/**
 * What has changed as the application behind a webhook may be shown it: as it is now, with the eyes of the application.
 *
 * <p>Being told of a message reads it in nobody's name, so what a strict message says is left out. Thread-safe.
 */
public final class Outlook {

    private final Clients clients;
    private final Archive archive;
    private final TopicArchive topics;

    /** Looks into those stores. */
    public Outlook(Clients clients, Archive archive, TopicArchive topics) {
        this.clients = clients;
        this.archive = archive;
        this.topics = topics;
    }

    /** What there is to be shown. */
    public sealed interface Shown {

        /**
         * A message that is alive.
         *
         * @param reactions the earliest first
         */
        record Said(Message message, List<Reaction> reactions) implements Shown {}

        /** A topic. */
        record Opened(Topic topic) implements Shown {}

        /** It has ended, or the application does not see it any more. */
        record Gone() implements Shown {}
    }

    /** What changed; empty if the application has nothing to do with that organization any more. */
    public Optional<Shown> of(Webhook webhook, EntityUpdate update) {
        return clients.client(webhook.client())
                .filter(client -> clients.reaches(client, update.organization()))
                .map(Client::person)
                .map(viewer -> switch (update.kind()) {
                    case MESSAGE -> message(update, viewer);
                    case CONVERSATION -> topic(update, viewer);
                });
    }

    private Shown message(EntityUpdate update, PersonId viewer) {
        MessageId id = new MessageId(update.entity());
        return switch (archive.message(id, update.organization(), viewer)) {
            case Archive.Found.Visible(Message message) -> new Shown.Said(
                    message.told(),
                    archive.reactions(List.of(id), update.organization(), viewer).getOrDefault(id, List.of()));
            case Archive.Found.Hidden(), Archive.Found.Missing() -> new Shown.Gone();
        };
    }

    private Shown topic(EntityUpdate update, PersonId viewer) {
        return topics.topic(new ConversationId(update.entity()), update.organization(), viewer)
                .map(topic -> topic.with(topic.latest().map(Message::told)))
                .<Shown>map(Shown.Opened::new)
                .orElseGet(Shown.Gone::new);
    }
}
