package ephemera.server.store;

import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.PersonId;
import ephemera.core.talk.AuditTrail;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Emoji;
import ephemera.core.talk.Message;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Notice;
import ephemera.core.talk.Reaction;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/**
 * How reactions come and go: each in the transaction of a {@link Scribe}, which tells the conversation of it.
 * Stateless.
 */
final class ReactionChange {

    private ReactionChange() {}

    /** A reaction, which must be to a message that is alive, and has not burnt for whoever reacts. */
    private static final String LIVING =
            """
             FROM message
            WHERE message.epoch = :epoch AND message.message_id = :message AND NOT recalled AND content IS NOT NULL
              AND expires_at > :now
              AND NOT EXISTS (SELECT FROM burn
                               WHERE burn.epoch = :epoch AND burn.message_id = :message
                                 AND burn.person_id = :person AND gone_at <= :now)
            """;

    /** Adds a reaction, or finds the one of before; empty if the message is gone. */
    static Optional<Reaction> add(
            Scribe scribe, AuditTrail.Editor by, Message message, Emoji emoji, Epochs epochs) {
        long epoch = epochs.of(message.id());
        int added = scribe.handle()
                .createUpdate(
                        """
                        INSERT INTO reaction (epoch, message_id, person_id, emoji, at)
                        SELECT message.epoch, message.message_id, :person, :emoji, :now
                        """
                                + LIVING + " ON CONFLICT DO NOTHING")
                .bind("epoch", epoch)
                .bind("message", message.id().value())
                .bind("person", by.person().value())
                .bind("emoji", emoji.name())
                .bind("now", Scribe.parameter(scribe.now()))
                .execute();
        if (added == 0) {
            return find(scribe, by.person(), message, emoji, epoch);
        }
        changed(scribe, by, message, emoji, true, epochs);
        return Optional.of(new Reaction(by.person(), emoji, scribe.now()));
    }

    private static Optional<Reaction> find(
            Scribe scribe, PersonId person, Message message, Emoji emoji, long epoch) {
        return scribe.handle()
                .createQuery(
                        """
                        SELECT at FROM reaction
                         WHERE epoch = :epoch AND message_id = :message AND person_id = :person AND emoji = :emoji
                           AND EXISTS (SELECT
                        """
                                + LIVING + ")")
                .bind("epoch", epoch)
                .bind("message", message.id().value())
                .bind("person", person.value())
                .bind("emoji", emoji.name())
                .bind("now", Scribe.parameter(scribe.now()))
                .map((row, _) -> new Reaction(person, emoji, MessageRow.instant(row, "at")))
                .findOne();
    }

    /** Takes a reaction back; false if there is none, or the message is gone. */
    static boolean remove(Scribe scribe, AuditTrail.Editor by, Message message, Emoji emoji, Epochs epochs) {
        int removed = scribe.handle()
                .createUpdate(
                        """
                        DELETE FROM reaction
                         WHERE epoch = :epoch AND message_id = :message AND person_id = :person AND emoji = :emoji
                           AND EXISTS (SELECT
                        """
                                + LIVING + ")")
                .bind("epoch", epochs.of(message.id()))
                .bind("message", message.id().value())
                .bind("person", by.person().value())
                .bind("emoji", emoji.name())
                .bind("now", Scribe.parameter(scribe.now()))
                .execute();
        if (removed > 0) {
            changed(scribe, by, message, emoji, false, epochs);
        }
        return removed > 0;
    }

    private static void changed(
            Scribe scribe, AuditTrail.Editor by, Message message, Emoji emoji, boolean added, Epochs epochs) {
        Notice notice = new Notice.Reacted(
                message.id(), message.conversation(), message.inGroup(), by.person(), emoji, added, scribe.now());
        tell(scribe, notice, message.conversation(), message.sender(), message.recipient(),
                Fade.with(message, epochs));
        scribe.audit(AuditTrail.Change.reacted(by, message, added), epochs.audited(message.id(), scribe.now()));
    }

    private static void tell(
            Scribe scribe,
            Notice notice,
            ConversationId conversation,
            PersonId sender,
            Optional<PersonId> recipient,
            Fade until) {
        recipient.ifPresentOrElse(
                other -> scribe.tell(List.copyOf(new LinkedHashSet<>(List.of(sender, other))), notice, until),
                () -> scribe.tell(conversation, notice, until));
    }

    /**
     * Removes the reactions to messages that are dead, and what is told of them.
     *
     * @param epochs the epoch of each of the messages
     */
    static void end(Handle handle, List<UUID> messages, List<Long> epochs) {
        handle.createUpdate(
                """
                        DELETE FROM reaction USING unnest(:epochs, :messages) AS asked (epoch, message_id)
                         WHERE reaction.epoch = asked.epoch AND reaction.message_id = asked.message_id
                        """)
                .bindArray("epochs", Long.class, epochs)
                .bindArray("messages", UUID.class, messages)
                .execute();
        handle.createUpdate(
                """
                        DELETE FROM notice USING unnest(:epochs, :messages) AS asked (epoch, message_id)
                         WHERE notice.epoch = asked.epoch AND notice.kind = 'REACTED'
                           AND notice.detail ->> 'message' = asked.message_id::text
                        """)
                .bindArray("epochs", Long.class, epochs)
                .bindArray("messages", UUID.class, messages)
                .execute();
    }

    /** A reaction that was removed, with what those who are told of it must know. */
    private record Forgotten(
            long epoch,
            MessageId message,
            Emoji emoji,
            OrganizationId organization,
            ConversationId conversation,
            boolean inTopic,
            PersonId sender,
            Optional<PersonId> recipient,
            Instant expiresAt) {}

    /**
     * Removes some of a person's reactions; how many.
     *
     * <p>Applications are told of those in topics.
     *
     * @param most how many at most
     */
    static int forget(Scribe scribe, PersonId person, int most, Epochs epochs) {
        List<Optional<Forgotten>> gone = scribe.handle()
                .createQuery(
                        """
                        WITH few AS (
                             SELECT epoch, message_id, emoji FROM reaction WHERE person_id = :person LIMIT :most),
                        gone AS (
                             DELETE FROM reaction USING few
                              WHERE reaction.epoch = few.epoch AND reaction.message_id = few.message_id
                                AND reaction.person_id = :person AND reaction.emoji = few.emoji
                             RETURNING reaction.epoch, reaction.message_id, reaction.emoji)
                        SELECT gone.*, message.organization_id, conversation_id, sender_id, recipient_id,
                               EXISTS (SELECT FROM topic
                                        WHERE topic.conversation_id = message.conversation_id) AS in_topic,
                               coalesce(expires_at, '-infinity') > :now AS alive,
                               coalesce(expires_at, :now) AS expires_at
                          FROM gone
                          LEFT JOIN message ON message.epoch = gone.epoch AND message.message_id = gone.message_id
                                           AND content IS NOT NULL
                        """)
                .bind("person", person.value())
                .bind("most", most)
                .bind("now", Scribe.parameter(scribe.now()))
                .map((row, _) -> row.getBoolean("alive") ? Optional.of(forgotten(row)) : Optional.<Forgotten>empty())
                .list();
        for (Forgotten each : gone.stream().flatMap(Optional::stream).toList()) {
            Notice notice = new Notice.Reacted(
                    each.message(), each.conversation(), each.recipient().isEmpty(), person, each.emoji(), false,
                    scribe.now());
            tell(scribe, notice, each.conversation(), each.sender(), each.recipient(),
                    new Fade(each.expiresAt(), each.epoch()));
            if (each.inTopic()) {
                scribe.audit(
                        AuditTrail.Change.reacted(
                                AuditTrail.Editor.of(person), each.organization(), each.conversation(),
                                each.message(), false),
                        epochs.audited(each.message(), scribe.now()));
            }
        }
        return gone.size();
    }

    /** Where it is told how a reaction came. */
    record Place(long epoch, long position) {}

    /**
     * Where it is told how a person's reactions came, also of those that were taken back; looks through all that is
     * told of reactions, and so without the journal's lock.
     */
    static List<Place> told(Database database, PersonId person) {
        return database.read(handle -> handle.createQuery(
                """
                        SELECT epoch, position FROM notice
                         WHERE kind = 'REACTED' AND detail ->> 'person' = :person AND detail ->> 'added' = 'true'
                        """)
                .bind("person", person.toString())
                .map((row, _) -> new Place(row.getLong("epoch"), row.getLong("position")))
                .list());
    }

    /** Removes what is told at those places. */
    static int untell(Scribe scribe, List<Place> places) {
        return scribe.handle()
                .createUpdate(
                        """
                        DELETE FROM notice USING unnest(:epochs, :positions) AS asked (epoch, position)
                         WHERE notice.epoch = asked.epoch AND notice.position = asked.position
                        """)
                .bindArray("epochs", Long.class, places.stream().map(Place::epoch).toList())
                .bindArray("positions", Long.class, places.stream().map(Place::position).toList())
                .execute();
    }

    private static Forgotten forgotten(ResultSet row) throws SQLException {
        return new Forgotten(
                row.getLong("epoch"),
                new MessageId(row.getObject("message_id", UUID.class)),
                Emoji.valueOf(row.getString("emoji")),
                new OrganizationId(row.getString("organization_id")),
                new ConversationId(row.getObject("conversation_id", UUID.class)),
                row.getBoolean("in_topic"),
                new PersonId(row.getObject("sender_id", UUID.class)),
                Optional.ofNullable(row.getObject("recipient_id", UUID.class)).map(PersonId::new),
                MessageRow.instant(row, "expires_at"));
    }
}
