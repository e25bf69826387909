package ephemera.server.store;

import ephemera.core.talk.ConversationId;
import ephemera.core.talk.MessageId;
import ephemera.core.vault.Deletion;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/**
 * How messages die before their time: what a transaction decides, it also does to the rows, and leaves to the
 * {@link Shredder} what does not lie in the database: the files, and the key without which no backup can be read.
 *
 * <p>Stateless; used inside a transaction on the journal.
 */
final class Doom {

    /** So many messages are ended at once that others need not wait long for the journal. */
    static final int AT_ONCE = 2_000;

    private static final String CANCEL_DELIVERIES =
            """
            DELETE FROM delivery USING unnest(:epochs, :messages) AS asked (epoch, message_id)
             WHERE delivery.epoch = asked.epoch AND delivery.message_id = asked.message_id
            """;

    private Doom() {}

    /**
     * Takes a message back; false if it was gone. Its row stays until its epoch ends and tells that it was recalled.
     */
    static boolean recall(Scribe scribe, MessageId message, long epoch) {
        int recalled = scribe.handle()
                .createUpdate(
                        """
                        WITH dead AS (
                             UPDATE message SET recalled = true, content = NULL
                              WHERE epoch = :epoch AND message_id = :message AND NOT recalled AND expires_at > now()
                             RETURNING *)
                        INSERT INTO doomed (message_id, epoch, organization_id, key_tree, key_leaf, blobs, reason,
                                            decided_at, due_at)
                        SELECT message_id, epoch, organization_id, key_tree, key_leaf, blobs, 'RECALLED', :now, :now
                          FROM dead
                            ON CONFLICT (message_id) DO UPDATE
                           SET reason = excluded.reason, decided_at = excluded.decided_at, due_at = excluded.due_at
                        """)
                .bind("epoch", epoch)
                .bind("message", message.value())
                .bind("now", Scribe.parameter(scribe.now()))
                .execute();
        if (recalled > 0) {
            cancelDeliveries(scribe, List.of(message.value()), List.of(epoch));
            ReactionChange.end(scribe.handle(), List.of(message.value()), List.of(epoch));
        }
        return recalled > 0;
    }

    /**
     * Ends messages at once, as if their time were over.
     *
     * @param epochs the epoch of each of the messages
     */
    static void end(Scribe scribe, List<UUID> messages, List<Long> epochs, Deletion.Reason reason) {
        scribe.handle()
                .createUpdate(
                        """
                        WITH dead AS (
                             UPDATE message SET content = NULL, expires_at = least(expires_at, :now)
                               FROM unnest(:epochs, :messages) AS asked (epoch, message_id)
                              WHERE message.epoch = asked.epoch AND message.message_id = asked.message_id
                                AND content IS NOT NULL
                             RETURNING message.*)
                        INSERT INTO doomed (message_id, epoch, organization_id, key_tree, key_leaf, blobs, reason,
                                            decided_at, due_at)
                        SELECT message_id, epoch, organization_id, key_tree, key_leaf, blobs, :reason, :now, :now
                          FROM dead
                            ON CONFLICT (message_id) DO UPDATE
                           SET reason = excluded.reason, decided_at = excluded.decided_at, due_at = excluded.due_at
                        """)
                .bindArray("epochs", Long.class, epochs)
                .bindArray("messages", UUID.class, messages)
                .bind("reason", reason.name())
                .bind("now", Scribe.parameter(scribe.now()))
                .execute();
        cancelDeliveries(scribe, messages, epochs);
        ReactionChange.end(scribe.handle(), messages, epochs);
    }

    /**
     * Ends messages of a conversation up to a position, {@value #AT_ONCE} at most.
     *
     * @return how many were ended
     */
    static int endSome(Scribe scribe, ConversationId conversation, long position) {
        List<Target> targets = alive(scribe.handle(), conversation, 0, position);
        if (!targets.isEmpty()) {
            end(scribe, targets);
        }
        return targets.size();
    }

    /** A message that is to be ended. */
    record Target(long epoch, UUID message, long position) {}

    private static Target target(ResultSet row) throws SQLException {
        return new Target(
                row.getLong("epoch"), row.getObject("message_id", UUID.class), row.getLong("position"));
    }

    /**
     * The first messages of a conversation between two positions that are alive, {@value #AT_ONCE} at most, in their
     * order. Who ends many of them looks for them without the journal's lock: those that have ended already, and are
     * passed over, become more and more.
     */
    static List<Target> alive(Handle handle, ConversationId conversation, long after, long through) {
        return handle.createQuery(
                """
                        SELECT epoch, message_id, position FROM message
                         WHERE conversation_id = :conversation AND position > :after AND position <= :through
                           AND content IS NOT NULL AND expires_at > now()
                         ORDER BY position LIMIT :most
                        """)
                .bind("conversation", conversation.value())
                .bind("after", after)
                .bind("through", through)
                .bind("most", AT_ONCE)
                .map((row, _) -> target(row))
                .list();
    }

    /** Ends messages that nobody can see any more. */
    static void end(Scribe scribe, List<Target> targets) {
        end(
                scribe,
                targets.stream().map(Target::message).toList(),
                targets.stream().map(Target::epoch).toList(),
                Deletion.Reason.REMOVED);
    }

    /**
     * Begins the end of messages that all their readers have read.
     *
     * @param epochs the epoch of each of the messages
     * @param gone the end of those without files
     * @param fileGone the end of those with some
     */
    static void burn(Scribe scribe, List<UUID> messages, List<Long> epochs, Instant gone, Instant fileGone) {
        scribe.handle()
                .createUpdate(
                        """
                        WITH burning AS (
                             UPDATE message
                                SET expires_at = least(
                                        expires_at, CASE WHEN blobs IS NULL THEN :gone ELSE :fileGone END)
                               FROM unnest(:epochs, :messages) AS asked (epoch, message_id)
                              WHERE message.epoch = asked.epoch AND message.message_id = asked.message_id
                                AND content IS NOT NULL
                                AND NOT EXISTS (
                                    SELECT FROM membership
                                     WHERE membership.conversation_id = message.conversation_id
                                       AND membership.left_at IS NULL
                                       AND message.position > membership.visible_after
                                       AND (membership.person_id <> message.sender_id
                                            OR message.recipient_id = message.sender_id)
                                       AND NOT EXISTS (
                                           SELECT FROM burn
                                            WHERE burn.epoch = message.epoch
                                              AND burn.message_id = message.message_id
                                              AND burn.person_id = membership.person_id))
                             RETURNING message.*)
                        INSERT INTO doomed (message_id, epoch, organization_id, key_tree, key_leaf, blobs, reason,
                                            decided_at, due_at)
                        SELECT message_id, epoch, organization_id, key_tree, key_leaf, blobs, 'READ', :now, expires_at
                          FROM burning
                            ON CONFLICT DO NOTHING
                        """)
                .bindArray("epochs", Long.class, epochs)
                .bindArray("messages", UUID.class, messages)
                .bind("gone", Scribe.parameter(gone))
                .bind("fileGone", Scribe.parameter(fileGone))
                .bind("now", Scribe.parameter(scribe.now()))
                .execute();
    }

    private static void cancelDeliveries(Scribe scribe, List<UUID> messages, List<Long> epochs) {
        scribe.handle()
                .createUpdate(CANCEL_DELIVERIES)
                .bindArray("epochs", Long.class, epochs)
                .bindArray("messages", UUID.class, messages)
                .execute();
    }
}
