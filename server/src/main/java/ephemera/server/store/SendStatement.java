package ephemera.server.store;

import ephemera.core.Lifespan;
import ephemera.core.talk.Attachment;
import ephemera.core.talk.Audience;
import ephemera.core.talk.Content;
import ephemera.core.talk.Entry;
import ephemera.core.talk.Message;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Notice;
import ephemera.core.talk.Outgoing;
import ephemera.core.talk.Position;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
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
import java.util.stream.Stream;

/**
 * The statement that appends many messages at once: numbers them, stores them, all or none, in one round trip.
 *
 * <p>This is the hot path of the product: plain JDBC, one array parameter for each column. Stateless.
 */
final class SendStatement {

    private static final String SQL =
            """
            WITH numbered AS (UPDATE journal SET head = head + ? RETURNING head - ? AS base)
            INSERT INTO message (
                   position, message_id, organization_id, conversation_id, sender_id, recipient_id,
                   sent_at, expires_at, lifespan, delete_on_read, priority, request_id, sub_type,
                   body, data, blob, blob_name, blob_type, blob_size, origin)
            SELECT base + row.ordinality, row.message_id, row.organization_id, row.conversation_id, row.sender_id,
                   row.recipient_id, date_trunc('milliseconds', now()),
                   date_trunc('milliseconds', now()) + row.lifespan * interval '1 minute', row.lifespan,
                   row.delete_on_read, row.priority, row.request_id, row.sub_type,
                   row.body, row.data, row.blob, row.blob_name, row.blob_type, row.blob_size, row.origin
              FROM numbered,
                   unnest(?::uuid[], ?::text[], ?::uuid[], ?::uuid[], ?::uuid[], ?::int[], ?::bool[], ?::int[],
                          ?::text[], ?::text[], ?::bytea[], ?::bytea[], ?::uuid[], ?::bytea[], ?::text[],
                          ?::bigint[], ?::bytea[])
                   WITH ORDINALITY AS row (
                          message_id, organization_id, conversation_id, sender_id, recipient_id, lifespan,
                          delete_on_read, priority, request_id, sub_type, body, data, blob, blob_name, blob_type,
                          blob_size, origin, ordinality)
                ON CONFLICT DO NOTHING
            RETURNING message_id, position, sent_at
            """;

    /**
     * A message to append, with what is encoded outside the writer's thread.
     *
     * @param outgoing the message
     * @param body its body as bytes
     * @param data its data items as bytes, if it has any
     * @param origin where it comes from as bytes, if that is known
     */
    record Row(Outgoing outgoing, byte[] body, Optional<byte[]> data, Optional<byte[]> origin) {

        static Row of(Outgoing outgoing, Json json) {
            Content content = outgoing.content();
            return new Row(
                    outgoing,
                    content.body().getBytes(StandardCharsets.UTF_8),
                    content.data().isEmpty() ? Optional.empty() : Optional.of(json.writeData(content.data())),
                    outgoing.origin().map(json::writeOrigin));
        }
    }

    /** What came of a row. */
    sealed interface Result {

        /** The message was stored. */
        record Stored(Message message, Entry entry) implements Result {}

        /** The sender had used the request id before: nothing was stored. */
        record Repeated() implements Result {}
    }

    /** Appends the rows and returns what came of each, in their order. */
    List<Result> append(Connection connection, List<Row> rows) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(SQL)) {
            statement.setInt(1, rows.size());
            statement.setInt(2, rows.size());
            Columns columns = new Columns(connection, statement, rows);
            columns.add("uuid", Outgoing::id, MessageId::value);
            columns.add("text", Outgoing::organization, token -> token.token());
            columns.add("uuid", Outgoing::conversation, id -> id.value());
            columns.add("uuid", Outgoing::sender, id -> id.value());
            columns.add("uuid", Outgoing::recipient, id -> id.map(person -> person.value()).orElse(null));
            columns.add("int4", Outgoing::lifespan, Lifespan::minutes);
            columns.add("bool", Outgoing::traits, Message.Traits::deleteOnRead);
            columns.add("int4", Outgoing::traits, traits -> traits.priority().level());
            columns.add("text", Outgoing::traits, traits -> unlessEmpty(traits.requestId()).orElse(null));
            columns.add("text", Outgoing::traits, traits -> unlessEmpty(traits.subType()).orElse(null));
            columns.addBytes(Row::body);
            columns.addBytes(row -> row.data().orElse(null));
            columns.add("uuid", SendStatement::attachment, file -> file.map(Attachment::blob).orElse(null));
            columns.addBytes(row -> attachmentName(row.outgoing()).orElse(null));
            columns.add("text", SendStatement::attachment, file -> file.map(Attachment::type).orElse(null));
            columns.add("int8", SendStatement::attachment, file -> file.map(Attachment::size).orElse(null));
            columns.addBytes(row -> row.origin().orElse(null));
            return results(statement, rows);
        }
    }

    private List<Result> results(PreparedStatement statement, List<Row> rows) throws SQLException {
        Map<UUID, Result> stored = HashMap.newHashMap(rows.size());
        Map<UUID, Outgoing> byId = HashMap.newHashMap(rows.size());
        rows.forEach(row -> byId.put(row.outgoing().id().value(), row.outgoing()));
        try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                UUID id = row.getObject(1, UUID.class);
                Outgoing outgoing = Objects.requireNonNull(byId.get(id), "a message that was not given");
                Message message = message(outgoing, row.getLong(2), MessageRow.instant(row, "sent_at"));
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
    private static Message message(Outgoing outgoing, long position, Instant sentAt) {
        return new Message(
                outgoing.id(),
                outgoing.organization(),
                outgoing.conversation(),
                new Position(position),
                outgoing.sender(),
                outgoing.recipient(),
                sentAt,
                sentAt.plus(Duration.ofMinutes(outgoing.lifespan().minutes())),
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

        <P> void add(String type, Function<Outgoing, P> part, Function<P, Object> value) throws SQLException {
            Object[] values = new Object[rows.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = value.apply(part.apply(rows.get(i).outgoing()));
            }
            statement.setArray(parameter++, connection.createArrayOf(type, values));
        }

        void addBytes(Function<Row, byte[]> value) throws SQLException {
            byte[][] values = new byte[rows.size()][];
            Arrays.setAll(values, i -> value.apply(rows.get(i)));
            statement.setArray(parameter++, connection.createArrayOf("bytea", values));
        }
    }

    private static Optional<Attachment> attachment(Outgoing outgoing) {
        return outgoing.content().attachment();
    }

    private static Optional<byte[]> attachmentName(Outgoing outgoing) {
        return attachment(outgoing).map(attachment -> attachment.name().getBytes(StandardCharsets.UTF_8));
    }

    private static Optional<String> unlessEmpty(String text) {
        return Optional.of(text).filter(present -> !present.isEmpty());
    }
}
