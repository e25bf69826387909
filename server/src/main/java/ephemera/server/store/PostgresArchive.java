package ephemera.server.store;

import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.PersonId;
import ephemera.core.talk.Archive;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Emoji;
import ephemera.core.talk.Message;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Mute;
import ephemera.core.talk.Reaction;
import ephemera.core.talk.Receipt;
import ephemera.core.talk.ReceiptStatus;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Reads of what was said, in PostgreSQL. Thread-safe. */
public final class PostgresArchive implements Archive {

    private final Database database;
    private final MessageRow messages;
    private final Epochs epochs;

    /** Makes the store on that database. */
    public PostgresArchive(Database database, Sealing sealing, Epochs epochs) {
        this.database = database;
        this.messages = new MessageRow(sealing);
        this.epochs = epochs;
    }

    /**
     * Whether the viewer sees the message now: alive, not burnt for them, and in the part of the conversation that is
     * theirs.
     */
    private static final String IS_VISIBLE =
            """
            (EXISTS (SELECT FROM stay AS membership
                     WHERE membership.conversation_id = message.conversation_id
                       AND membership.person_id = :viewer
                       AND message.position > membership.visible_after
                       AND (membership.left_at IS NULL OR message.position <= membership.left_at))
            OR EXISTS (SELECT FROM topic WHERE topic.conversation_id = message.conversation_id AND NOT topic.deleted))
            """;

    /** Whether the message's group is over: until its messages are ended, a moment later, they are not served. */
    private static final String IS_OVER =
            """
            EXISTS (SELECT FROM conversation
                     WHERE conversation.conversation_id = message.conversation_id AND conversation.deleted)
            """;

    private static final String IS_BURNT =
            """
            EXISTS (SELECT FROM burn
                     WHERE burn.epoch = message.epoch AND burn.message_id = message.message_id
                       AND burn.person_id = :viewer AND gone_at <= now())
            """;

    private static final String IS_MESSAGE_BURNT =
            """
            EXISTS (SELECT FROM burn
                     WHERE burn.epoch = :epoch AND burn.message_id = :id AND burn.person_id = :viewer
                       AND gone_at <= now())
            """;

    private static final String IS_FILE_BURNT =
            """
            EXISTS (SELECT FROM burn
                     WHERE burn.epoch = :epoch AND burn.message_id = :id AND burn.person_id = :viewer
                       AND gone_at + CASE WHEN strict THEN interval '1 minute' ELSE interval '0' END <= now())
            """;

    @Override
    public Found message(MessageId id, OrganizationId organization, PersonId viewer) {
        return find(id, organization, viewer, IS_MESSAGE_BURNT);
    }

    @Override
    public Found attached(MessageId id, OrganizationId organization, PersonId viewer) {
        return find(id, organization, viewer, IS_FILE_BURNT);
    }

    private Found find(MessageId id, OrganizationId organization, PersonId viewer, String isBurnt) {
        return database.read(handle -> handle.createQuery("SELECT " + MessageRow.COLUMNS + ", " + IS_VISIBLE
                + " AS visible, " + isBurnt + " AS burnt "
                + """
                                  FROM message
                                 WHERE epoch = :epoch AND message_id = :id AND organization_id = :organization
                                   AND expires_at > now() AND NOT recalled AND NOT
                                """
                + IS_OVER)
                .bind("epoch", epochs.of(id))
                .bind("id", id.value())
                .bind("organization", organization.token())
                .bind("viewer", viewer.value())
                .map((row, _) -> found(row, viewer))
                .findOne()
                .orElseGet(Found.Missing::new));
    }

    private Found found(ResultSet row, PersonId viewer) throws SQLException {
        if (row.getBoolean("burnt")) {
            return new Found.Missing();
        }
        if (row.getBoolean("visible")) {
            return messages.read(row).<Found>map(Found.Visible::new).orElseGet(Found.Missing::new);
        }
        Message message = MessageRow.envelope(row);
        // A party to a conversation of two who does not see its message has deleted it.
        boolean deleted = message.recipient().isPresent()
                && (message.recipient().get().equals(viewer) || message.sender().equals(viewer));
        return deleted ? new Found.Missing() : new Found.Hidden();
    }

    /**
     * Whom a message was for, and when it reached them. Somebody who has cleared a conversation of two, or has left a
     * group and come back, has not unread anything: receipts never move backward.
     */
    private static final String READERS =
            """
            SELECT membership.person_id, delivered.at AS delivered_at, seen.at AS read_at
              FROM stay AS membership
              LEFT JOIN LATERAL (
                   SELECT first_position, at FROM receipt
                    WHERE receipt.epoch = message.epoch AND receipt.conversation_id = message.conversation_id
                      AND receipt.person_id = membership.person_id AND NOT is_read
                      AND last_position >= message.position
                    ORDER BY last_position LIMIT 1) AS delivered
                ON delivered.first_position <= message.position
              LEFT JOIN LATERAL (
                   SELECT first_position, at FROM receipt
                    WHERE receipt.epoch = message.epoch AND receipt.conversation_id = message.conversation_id
                      AND receipt.person_id = membership.person_id AND is_read
                      AND last_position >= message.position
                    ORDER BY last_position LIMIT 1) AS seen
                ON seen.first_position <= message.position
             WHERE membership.conversation_id = message.conversation_id
               AND (membership.person_id <> message.sender_id OR message.recipient_id = message.sender_id)
               AND (message.recipient_id IS NOT NULL
                    OR (message.position > membership.visible_after
                        AND (membership.left_at IS NULL OR message.position <= membership.left_at)))
            """;

    @Override
    public Map<MessageId, Receipts> receipts(
            Collection<MessageId> ids, OrganizationId organization, PersonId viewer) {
        Map<MessageId, Receipts> found = new HashMap<>();
        database.read(handle -> {
            handle.createQuery(
                    """
                            SELECT message.message_id, message.sender_id, message.recalled, message.sent_at,
                                   reader.person_id, reader.delivered_at, reader.read_at, delivery.channel
                              FROM unnest(:epochs, :ids) AS asked (epoch, message_id)
                              JOIN message ON message.epoch = asked.epoch AND message.message_id = asked.message_id
                              LEFT JOIN LATERAL (
                            """
                            + READERS
                            + """
                                   ) AS reader ON true
                              LEFT JOIN delivery
                                ON delivery.epoch = message.epoch AND delivery.message_id = message.message_id
                               AND delivery.person_id = reader.person_id
                             WHERE message.organization_id = :organization
                               AND message.expires_at > now() AND
                            """
                            + IS_VISIBLE + " AND NOT " + IS_BURNT + " AND NOT " + IS_OVER)
                    .bindArray("epochs", Long.class, epochs.of(ids))
                    .bindArray("ids", UUID.class, ids.stream().map(MessageId::value).toArray())
                    .bind("organization", organization.token())
                    .bind("viewer", viewer.value())
                    .map((row, _) -> {
                        Receipts receipts = found.computeIfAbsent(
                                new MessageId(row.getObject("message_id", UUID.class)), _ -> receipts(row));
                        return row.getObject("person_id") != null && receipts.receipts().add(receipt(row));
                    })
                    .list();
            return found;
        });
        return found;
    }

    /** Looks for reactions first: most messages have none, and then none is looked for. */
    @Override
    public Map<MessageId, List<Reaction>> reactions(
            Collection<MessageId> ids, OrganizationId organization, PersonId viewer) {
        Map<MessageId, List<Reaction>> found = new HashMap<>();
        database.read(handle -> handle.createQuery(
                """
                        WITH reaction AS MATERIALIZED (
                             SELECT reaction.*
                               FROM unnest(:epochs, :ids) AS asked (epoch, message_id)
                               JOIN reaction ON reaction.epoch = asked.epoch AND reaction.message_id = asked.message_id)
                        SELECT reaction.message_id, reaction.person_id, reaction.emoji, reaction.at
                          FROM reaction
                          JOIN message ON message.epoch = reaction.epoch AND message.message_id = reaction.message_id
                         WHERE message.organization_id = :organization AND message.expires_at > now()
                           AND NOT message.recalled AND message.content IS NOT NULL AND
                        """
                        + IS_VISIBLE + " AND NOT " + IS_BURNT + " AND NOT " + IS_OVER
                        + " ORDER BY reaction.at, reaction.emoji, reaction.person_id")
                .bindArray("epochs", Long.class, epochs.of(ids))
                .bindArray("ids", UUID.class, ids.stream().map(MessageId::value).toArray())
                .bind("organization", organization.token())
                .bind("viewer", viewer.value())
                .map((row, _) -> found.computeIfAbsent(
                        new MessageId(row.getObject("message_id", UUID.class)), _ -> new ArrayList<>())
                        .add(new Reaction(
                                new PersonId(row.getObject("person_id", UUID.class)),
                                Emoji.valueOf(row.getString("emoji")),
                                MessageRow.instant(row, "at"))))
                .list());
        return found;
    }

    private static Receipts receipts(ResultSet row) {
        try {
            return new Receipts(
                    new PersonId(row.getObject("sender_id", UUID.class)),
                    row.getBoolean("recalled"),
                    new ArrayList<>());
        } catch (SQLException e) {
            throw new IllegalStateException("the columns of the receipts query", e);
        }
    }

    private static Receipt receipt(ResultSet row) throws SQLException {
        boolean read = row.getObject("read_at") != null;
        boolean delivered = row.getObject("delivered_at") != null;
        return new Receipt(
                new PersonId(row.getObject("person_id", UUID.class)),
                read ? ReceiptStatus.READ : delivered ? ReceiptStatus.DELIVERED : ReceiptStatus.NEW,
                MessageRow.instant(row, read ? "read_at" : delivered ? "delivered_at" : "sent_at"),
                Optional.ofNullable(row.getString("channel")).map(channel -> channel.toLowerCase(Locale.ROOT)));
    }

    @Override
    public List<ConversationId> roster(PersonId person) {
        return database.read(handle -> handle.createQuery(
                """
                        SELECT membership.conversation_id
                          FROM membership
                          JOIN conversation USING (conversation_id)
                          LEFT JOIN LATERAL (
                               SELECT message.sent_at FROM message
                                WHERE message.conversation_id = membership.conversation_id
                                  AND message.position > membership.visible_after
                                ORDER BY message.position DESC LIMIT 1) AS latest ON true
                         WHERE membership.person_id = :person AND membership.listed
                           AND membership.left_at IS NULL AND NOT conversation.deleted
                         ORDER BY greatest(latest.sent_at, membership.listed_at) DESC, membership.conversation_id
                        """)
                .bind("person", person.value())
                .map((row, _) -> new ConversationId(row.getObject("conversation_id", UUID.class)))
                .list());
    }

    @Override
    public List<Mute> mutes(PersonId person) {
        return database.read(handle -> handle.createQuery(
                """
                        SELECT kind, target, since, minutes FROM mute
                         WHERE person_id = :person AND since + minutes * interval '1 minute' > now()
                         ORDER BY since
                        """)
                .bind("person", person.value())
                .map((row, _) -> new Mute(
                        person,
                        Mute.Kind.valueOf(row.getString("kind")),
                        row.getString("target"),
                        MessageRow.instant(row, "since"),
                        row.getInt("minutes")))
                .list());
    }

    @Override
    public List<ConversationId> publicGroups(OrganizationId organization, String text, int limit) {
        return database.read(handle -> handle.createQuery(
                """
                        SELECT conversation_id FROM conversation
                         WHERE organization_id = :organization AND is_public AND NOT deleted
                           AND strpos(lower(name), :text) > 0
                         ORDER BY lower(name), conversation_id LIMIT :limit
                        """)
                .bind("organization", organization.token())
                .bind("text", text.toLowerCase(Locale.ROOT))
                .bind("limit", limit)
                .map((row, _) -> new ConversationId(row.getObject("conversation_id", UUID.class)))
                .list());
    }
}
