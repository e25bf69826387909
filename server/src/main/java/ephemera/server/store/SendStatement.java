package ephemera.server.store;

import ephemera.core.directory.PersonId;
import ephemera.core.talk.Attachment;
import ephemera.core.talk.Audience;
import ephemera.core.talk.Entry;
import ephemera.core.talk.Message;
import ephemera.core.talk.Notice;
import ephemera.core.talk.Outgoing;
import ephemera.core.talk.Position;
import ephemera.core.vault.Epoch;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The statement that appends many messages at once: numbers them, stores them, all or none, in one round trip.
 *
 * <p>This is the hot path of the product: plain JDBC, one array parameter for each column. Thread-safe.
 */
final class SendStatement {

    /**
     * A request id is looked for in the slots of yesterday and today, and taken in today's: of two writers the
     * journal's lock makes the second one wait until it sees what the first one has taken.
     */
    private static final String NUMBERED =
            """
            WITH numbered AS (UPDATE journal SET head = head + ? RETURNING head - ? AS base),
            given AS (
                 SELECT row.*
                   FROM unnest(?::int8[], ?::uuid[], ?::text[], ?::uuid[], ?::uuid[], ?::uuid[], ?::int4[], ?::bool[],
                               ?::bool[], ?::int4[], ?::text[], ?::text[], ?::uuid[], ?::int8[], ?::int4[], ?::bytea[],
                               ?::text[], ?::int8[])
                        WITH ORDINALITY AS row (
                               epoch, message_id, organization_id, conversation_id, sender_id, recipient_id, lifespan,
                               delete_on_read, strict, priority, request_id, sub_type, request, key_tree, key_leaf,
                               content, blobs, ends_at, ordinality)),
            taken AS (
                 INSERT INTO request (slot, day, request, message_id)
                 SELECT today() % 3, today(), given.request, given.message_id FROM numbered, given
                  WHERE given.request IS NOT NULL
                    AND NOT EXISTS (SELECT FROM request AS earlier
                                     WHERE earlier.slot = (today() - 1) % 3 AND earlier.request = given.request)
                     ON CONFLICT DO NOTHING
                 RETURNING message_id)
            """;

    private static final String STORE =
            """
            INSERT INTO message (
                   epoch, position, message_id, organization_id, conversation_id, sender_id, recipient_id,
                   sent_at, expires_at, lifespan, delete_on_read, strict, priority, request_id, sub_type,
                   key_tree, key_leaf, content, blobs, recalled)
            SELECT given.epoch, base + given.ordinality, given.message_id, given.organization_id,
                   given.conversation_id, given.sender_id, given.recipient_id, date_trunc('milliseconds', now()),
                   CASE given.lifespan WHEN 0 THEN to_timestamp(253370764800) ELSE
                   least(date_trunc('milliseconds', now()) + given.lifespan * interval '1 minute',
                         to_timestamp(least(given.ends_at, 253370764800))) END,
                   given.lifespan, given.delete_on_read, given.strict, given.priority, given.request_id, given.sub_type,
                   given.key_tree, given.key_leaf, given.content, given.blobs::uuid[], false
              FROM numbered, given
             WHERE given.request IS NULL OR given.message_id IN (SELECT message_id FROM taken)
            """;

    /**
     * A message to append, with what is encoded and sealed outside the writer's thread.
     *
     * @param outgoing the message
     * @param epoch where it is stored
     * @param sealed what it says
     * @param request by what it is recognised when the sender repeats it
     */
    record Row(Outgoing outgoing, Epoch epoch, Sealing.Sealed sealed, Optional<UUID> request) {}

    /** What came of a row. */
    sealed interface Result {

        /** The message was stored. */
        record Stored(Message message, Entry entry) implements Result {}

        /** The sender had used the request id before: nothing was stored. */
        record Repeated() implements Result {}
    }

    private static final String SQL =
            NUMBERED + STORE + "RETURNING message_id, position, sent_at, expires_at";

    /**
     * Tells topics what is newest in them and opens them again. What is newest by somebody else than the newest one's
     * sender is found among this batch and what the topic knew.
     */
    private static final String STORE_IN_TOPICS =
            ", stored AS (" + STORE
                    + """
                    RETURNING message_id, position, sent_at, expires_at, conversation_id, sender_id, epoch,
                              organization_id),
                    newest AS (
                         SELECT DISTINCT ON (conversation_id) * FROM stored ORDER BY conversation_id, position DESC),
                    noted AS (
                         UPDATE topic
                            SET latest_position = newest.position, latest_epoch = newest.epoch,
                                latest_message = newest.message_id, latest_sender = newest.sender_id,
                                other_position = greatest(
                                    (SELECT max(stored.position) FROM stored
                                      WHERE stored.conversation_id = newest.conversation_id
                                        AND stored.sender_id <> newest.sender_id),
                                    CASE WHEN topic.latest_sender <> newest.sender_id THEN topic.latest_position
                                         ELSE topic.other_position END),
                                speaks_until = greatest(
                                    topic.speaks_until,
                                    (SELECT max(stored.expires_at) FROM stored
                                      WHERE stored.conversation_id = newest.conversation_id)),
                                changed_at = newest.sent_at, resolved = false
                           FROM newest WHERE topic.conversation_id = newest.conversation_id
                         RETURNING OLD.resolved AS was_resolved, newest.*)
                    """;

    private static final String FROM_STORED = " SELECT message_id, position, sent_at, expires_at FROM stored";

    /** The same with messages in topics. */
    private static final String SQL_WITH_TOPICS = NUMBERED + STORE_IN_TOPICS + FROM_STORED;

    /** The same where an organization has webhooks, which are to be told of what is stored in its topics. */
    private static final String SQL_WITH_WEBHOOKS =
            NUMBERED + STORE_IN_TOPICS + ", told AS (" + PostgresOutbox.NOTE_STORED + ")" + FROM_STORED;

    private final PostgresOutbox outbox;

    /** Makes the statement, which notes what it stores in that outbox. */
    SendStatement(PostgresOutbox outbox) {
        this.outbox = outbox;
    }

    /** Appends the rows and returns what came of each, in their order. */
    List<Result> append(Connection connection, List<Row> rows) throws SQLException {
        boolean inTopics = rows.stream().anyMatch(row -> row.outgoing().inTopic());
        String sql = !inTopics ? SQL : areNoted(rows) ? SQL_WITH_WEBHOOKS : SQL_WITH_TOPICS;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setInt(1, rows.size());
            statement.setInt(2, rows.size());
            Columns columns = new Columns(connection, statement, rows);
            columns.add("int8", row -> row.epoch().code());
            columns.add("uuid", row -> row.outgoing().id().value());
            columns.add("text", row -> row.outgoing().organization().token());
            columns.add("uuid", row -> row.outgoing().conversation().value());
            columns.add("uuid", row -> row.outgoing().sender().value());
            columns.add("uuid", row -> row.outgoing().recipient().map(PersonId::value).orElse(null));
            columns.add("int4", row -> row.outgoing().lifespan().minutes());
            columns.add("bool", row -> row.outgoing().traits().deleteOnRead());
            columns.add("bool", row -> row.outgoing().traits().strict());
            columns.add("int4", row -> row.outgoing().traits().priority().level());
            columns.add("text", row -> unlessEmpty(row.outgoing().traits().requestId()));
            columns.add("text", row -> unlessEmpty(row.outgoing().traits().subType()));
            columns.add("uuid", row -> row.request().orElse(null));
            columns.add("int8", row -> row.sealed().key().tree());
            columns.add("int4", row -> row.sealed().key().leaf());
            columns.addBytes(row -> row.sealed().bytes());
            columns.add("text", row -> blobs(row.outgoing().content().attachments()));
            columns.add("int8", row -> row.outgoing().slice().end().getEpochSecond());
            return results(statement, rows);
        }
    }

    /** Tells the outbox that these rows were committed. */
    void committed(List<Row> rows) {
        if (areNoted(rows)) {
            outbox.noted();
        }
    }

    private boolean areNoted(List<Row> rows) {
        return outbox.isUsed()
                && rows.stream()
                        .map(Row::outgoing)
                        .anyMatch(each -> each.inTopic() && outbox.concerns(each.organization()));
    }

    private List<Result> results(PreparedStatement statement, List<Row> rows) throws SQLException {
        Map<UUID, Result> stored = HashMap.newHashMap(rows.size());
        Map<UUID, Outgoing> byId = HashMap.newHashMap(rows.size());
        rows.forEach(row -> byId.put(row.outgoing().id().value(), row.outgoing()));
        try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                UUID id = row.getObject(1, UUID.class);
                Outgoing outgoing = Objects.requireNonNull(byId.get(id), "a message that was not given");
                Message message = message(
                        outgoing,
                        row.getLong(2),
                        MessageRow.instant(row, "sent_at"),
                        MessageRow.instant(row, "expires_at"));
                stored.put(id, new Result.Stored(message, entry(message)));
            }
        }
        List<Result> results = new ArrayList<>(rows.size());
        for (Row row : rows) {
            results.add(stored.getOrDefault(row.outgoing().id().value(), new Result.Repeated()));
        }
        return results;
    }

    /** The message as it stands in the journal. */
    static Message message(Outgoing outgoing, long position, Instant sentAt, Instant expiresAt) {
        return new Message(
                outgoing.id(),
                outgoing.organization(),
                outgoing.conversation(),
                new Position(position),
                outgoing.sender(),
                outgoing.recipient(),
                sentAt,
                expiresAt,
                outgoing.lifespan(),
                outgoing.traits(),
                outgoing.content(),
                outgoing.origin());
    }

    /** The entry that tells a message to whom it concerns. */
    static Entry entry(Message message) {
        Audience audience = message.recipient()
                .<Audience>map(recipient -> new Audience.Only(
                        Stream.of(message.sender(), recipient).distinct().toList()))
                .orElseGet(() -> new Audience.Members(message.conversation()));
        return new Entry(message.position(), audience, new Notice.Sent(message, false), message.expiresAt());
    }

    /** Array parameters in the order of the statement's columns. */
    private static final class Columns {

        private final Connection connection;
        private final PreparedStatement statement;
        private final List<Row> rows;
        private int parameter = 3;

        Columns(Connection connection, PreparedStatement statement, List<Row> rows) {
            this.connection = connection;
            this.statement = statement;
            this.rows = rows;
        }

        void add(String type, Function<Row, @Nullable Object> value) throws SQLException {
            @Nullable
            Object[] values = new @Nullable Object[rows.size()];
            Arrays.setAll(values, i -> value.apply(rows.get(i)));
            statement.setArray(parameter++, connection.createArrayOf(type, values));
        }

        void addBytes(Function<Row, byte[]> value) throws SQLException {
            byte[][] values = new byte[rows.size()][];
            Arrays.setAll(values, i -> value.apply(rows.get(i)));
            statement.setArray(parameter++, connection.createArrayOf("bytea", values));
        }
    }

    /** The files of a message as the database writes an array: rows with arrays of different lengths are no array. */
    private static @Nullable String blobs(List<Attachment> attachments) {
        return attachments.isEmpty()
                ? null
                : attachments.stream()
                        .map(attachment -> attachment.blob().toString())
                        .collect(Collectors.joining(",", "{", "}"));
    }

    private static @Nullable String unlessEmpty(String text) {
        return text.isEmpty() ? null : text;
    }
}
