package ephemera.server.store;

import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.PersonId;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Message;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Position;
import ephemera.core.talk.Topic;
import ephemera.core.talk.TopicArchive;
import ephemera.core.talk.TopicQuery;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.StatementContext;

/** Reads of topics, in PostgreSQL. Thread-safe. */
public final class PostgresTopics implements TopicArchive {

    private final Database database;
    private final MessageRow messages;

    /** Makes the store on that database. */
    public PostgresTopics(Database database, Sealing sealing) {
        this.database = database;
        this.messages = new MessageRow(sealing);
    }

    /** Own messages never make a topic unread, and do not hide what others wrote before them. */
    private static final String IS_UNREAD =
            """
            CASE topic.latest_sender WHEN :viewer THEN topic.other_position ELSE topic.latest_position END
                > coalesce((SELECT topic_reading.position FROM topic_reading
                             WHERE topic_reading.conversation_id = topic.conversation_id
                               AND topic_reading.person_id = :viewer), 0)
            """;

    private static final String TOPIC =
            "SELECT topic.*, speaks_until > now() AS speaks, " + IS_UNREAD + " AS unread FROM topic ";

    private static final String IS_ALIVE =
            """
            message.expires_at > now() AND NOT message.recalled
            AND NOT (message.delete_on_read AND EXISTS (
                     SELECT FROM burn WHERE burn.epoch = message.epoch AND burn.message_id = message.message_id
                                        AND burn.person_id = :viewer AND gone_at <= now()))
            """;

    /** Another process may have deleted it a moment ago. */
    private static final String IS_THERE =
            "EXISTS (SELECT FROM topic WHERE topic.conversation_id = :topic AND NOT topic.deleted) AND ";

    @Override
    public Optional<Topic> topic(ConversationId id, OrganizationId organization, PersonId viewer) {
        return database.read(handle -> {
            List<Row> rows = handle.createQuery(
                    TOPIC + "WHERE conversation_id = :id AND organization_id = :organization AND NOT deleted")
                    .bind("id", id.value())
                    .bind("organization", organization.token())
                    .bind("viewer", viewer.value())
                    .map(PostgresTopics::row)
                    .list();
            return withLatest(handle, rows, viewer).stream().findFirst();
        });
    }

    @Override
    public TopicQuery.Page query(OrganizationId organization, PersonId viewer, TopicQuery query) {
        boolean ascending = query.ascending() != query.backward();
        StringBuilder sql = new StringBuilder(TOPIC);
        query.entities().ifPresent(_ -> sql.append("JOIN unnest(:entities) AS asked (entity) USING (entity) "));
        if (!query.texts().isEmpty()) {
            sql.append("JOIN person ON person.person_id = topic.author_id ");
        }
        sql.append("WHERE topic.organization_id = :organization AND NOT deleted ");
        if (!query.without().isEmpty()) {
            sql.append("AND (entity IS NULL OR entity <> ALL (:without)) ");
        }
        query.resolved().ifPresent(_ -> sql.append("AND resolved = :resolved "));
        query.unread().ifPresent(_ -> sql.append("AND (" + IS_UNREAD + ") = :unread "));
        for (int i = 0; i < query.texts().size(); i++) {
            sql.append("AND ").append(test(query.texts().get(i))).append("text").append(i).append(' ');
        }
        query.from().ifPresent(_ -> sql.append(beyond(query.order(), ascending)));
        sql.append(sorted(query.order(), ascending)).append(" LIMIT :limit");
        return database.read(handle -> {
            Query asked = handle.createQuery(sql)
                    .bind("viewer", viewer.value())
                    .bind("organization", organization.token())
                    .bind("limit", query.limit() + 1);
            query.entities().ifPresent(names -> asked.bindArray("entities", String.class, names.stream().distinct()
                    .toArray()));
            if (!query.without().isEmpty()) {
                asked.bindArray("without", String.class, query.without());
            }
            query.resolved().ifPresent(value -> asked.bind("resolved", value));
            query.unread().ifPresent(value -> asked.bind("unread", value));
            for (int i = 0; i < query.texts().size(); i++) {
                asked.bind("text" + i, parameter(query.texts().get(i)));
            }
            query.from().ifPresent(place -> asked
                    .bind("at", Scribe.parameter(place.at()))
                    .bind("id", place.topic().value()));
            List<Row> rows = asked.map(PostgresTopics::row).list();
            boolean more = rows.size() > query.limit();
            List<Row> wanted = more ? rows.subList(0, query.limit()) : rows;
            return new TopicQuery.Page(withLatest(handle, query.backward() ? wanted.reversed() : wanted, viewer), more);
        });
    }

    private static String test(TopicQuery.TextTest test) {
        String field = switch (test.field()) {
            case SUBJECT -> "subject";
            case AUTHOR_NAME -> "coalesce(person.external_id, person.person_id::text)";
            case AUTHOR_EMAIL -> "coalesce(person.email, '')";
        };
        return switch (test.operator()) {
            case EQUAL -> field + " = :";
            case NOT_EQUAL -> field + " <> :";
            case GREATER -> field + " COLLATE \"C\" > :";
            case GREATER_EQUAL -> field + " COLLATE \"C\" >= :";
            case LESS -> field + " COLLATE \"C\" < :";
            case LESS_EQUAL -> field + " COLLATE \"C\" <= :";
            case CONTAIN -> "lower(" + field + ") ~~ :";
        };
    }

    private static String parameter(TopicQuery.TextTest test) {
        return test.operator() != TopicQuery.TextTest.Operator.CONTAIN
                ? test.value()
                : "%" + test.value().toLowerCase(Locale.ROOT).replace("\\", "\\\\").replace("%", "\\%").replace("_",
                        "\\_") + "%";
    }

    private static String beyond(TopicQuery.Order order, boolean ascending) {
        return switch (order) {
            case CREATED -> ascending
                    ? "AND (topic.created_at, conversation_id) > (:at, :id) "
                    : "AND (topic.created_at, conversation_id) < (:at, :id) ";
            case CHANGED -> ascending
                    ? "AND (changed_at, conversation_id) > (:at, :id) "
                    : "AND (changed_at, conversation_id) < (:at, :id) ";
        };
    }

    private static String sorted(TopicQuery.Order order, boolean ascending) {
        return switch (order) {
            case CREATED -> ascending
                    ? "ORDER BY topic.created_at, conversation_id"
                    : "ORDER BY topic.created_at DESC, conversation_id DESC";
            case CHANGED -> ascending
                    ? "ORDER BY changed_at, conversation_id"
                    : "ORDER BY changed_at DESC, conversation_id DESC";
        };
    }

    /** A topic, and where its newest message is; empty if every message is over. */
    private record Row(Topic topic, long epoch, Optional<UUID> latest) {}

    private static Row row(ResultSet row, StatementContext context) throws SQLException {
        Topic topic = new Topic(
                new ConversationId(row.getObject("conversation_id", UUID.class)),
                new OrganizationId(row.getString("organization_id")),
                new PersonId(row.getObject("author_id", UUID.class)),
                new Topic.About(
                        row.getString("subject"), Optional.ofNullable(row.getString("entity")),
                        row.getString("custom")),
                row.getBoolean("resolved"),
                MessageRow.instant(row, "created_at"),
                MessageRow.instant(row, "changed_at"),
                Optional.empty(),
                row.getBoolean("unread"));
        boolean speaks = row.getBoolean("speaks");
        return new Row(topic, row.getLong("latest_epoch"),
                Optional.ofNullable(row.getObject("latest_message", UUID.class)).filter(_ -> speaks));
    }

    /** The topics with their newest messages, as far as the viewer may see these. */
    private List<Topic> withLatest(Handle handle, List<Row> rows, PersonId viewer) {
        Map<UUID, Message> latest = new HashMap<>();
        List<Row> spoken = rows.stream().filter(row -> row.latest().isPresent()).toList();
        handle.createQuery(
                "SELECT " + MessageRow.COLUMNS + " FROM unnest(:epochs, :messages) AS asked (epoch, message_id) "
                        + "JOIN message ON message.epoch = asked.epoch AND message.message_id = asked.message_id WHERE "
                        + IS_ALIVE)
                .bindArray("epochs", Long.class, spoken.stream().map(Row::epoch).toArray())
                .bindArray("messages", UUID.class, spoken.stream().map(row -> row.latest().orElseThrow()).toArray())
                .bind("viewer", viewer.value())
                .map((row, _) -> messages.read(row))
                .list()
                .forEach(found -> found.ifPresent(message -> latest.put(message.conversation().value(), message)));
        Object[] others = spoken.stream()
                .map(row -> row.topic().id().value())
                .filter(id -> !latest.containsKey(id))
                .toArray();
        if (others.length > 0) {
            // Where the newest one is over, recalled or burnt, all partitions are asked for the one before it.
            handle.createQuery(
                    "SELECT " + MessageRow.COLUMNS
                            + " FROM unnest(:topics) AS asked (conversation_id) "
                            + "CROSS JOIN LATERAL (SELECT * FROM message "
                            + "WHERE message.conversation_id = asked.conversation_id AND "
                            + IS_ALIVE
                            + " ORDER BY message.position DESC LIMIT 1) AS message")
                    .bindArray("topics", UUID.class, others)
                    .bind("viewer", viewer.value())
                    .map((row, _) -> messages.read(row))
                    .list()
                    .forEach(found -> found.ifPresent(message -> latest.put(message.conversation().value(), message)));
        }
        List<Topic> topics = new ArrayList<>(rows.size());
        for (Row row : rows) {
            topics.add(row.topic().with(Optional.ofNullable(latest.get(row.topic().id().value()))));
        }
        return topics;
    }

    @Override
    public Messages messages(
            ConversationId topic, PersonId viewer, Position from, boolean backward, int limit) {
        String sql =
                "SELECT " + MessageRow.COLUMNS + " FROM message WHERE message.conversation_id = :topic AND " + IS_THERE
                        + (backward ? "message.position < :from AND " : "message.position > :from AND ") + IS_ALIVE
                        + (backward ? " ORDER BY message.position DESC LIMIT :limit"
                                : " ORDER BY message.position LIMIT :limit");
        return database.read(handle -> {
            List<Optional<Message>> found = handle.createQuery(sql)
                    .bind("topic", topic.value())
                    .bind("viewer", viewer.value())
                    .bind("from", from.value())
                    .bind("limit", limit + 1)
                    .map((row, _) -> messages.read(row))
                    .list();
            boolean more = found.size() > limit;
            List<Message> wanted = found.stream().limit(limit).flatMap(Optional::stream).toList();
            return new Messages(backward ? wanted.reversed() : wanted, more);
        });
    }

    @Override
    public Unread unread(ConversationId topic, PersonId viewer, int limit) {
        Map<MessageId, Long> found = new LinkedHashMap<>();
        database.read(handle -> handle.createQuery(
                """
                SELECT message_id, message.position FROM message
                 WHERE conversation_id = :topic AND sender_id <> :viewer AND expires_at > now() AND NOT recalled
                   AND EXISTS (SELECT FROM topic WHERE topic.conversation_id = :topic AND NOT topic.deleted)
                   AND message.position > coalesce((SELECT topic_reading.position FROM topic_reading
                                                     WHERE conversation_id = :topic AND person_id = :viewer), 0)
                 ORDER BY message.position DESC LIMIT :limit
                """)
                .bind("topic", topic.value())
                .bind("viewer", viewer.value())
                .bind("limit", limit)
                .map((row, _) -> found.put(
                        new MessageId(row.getObject("message_id", UUID.class)), row.getLong("position")))
                .list());
        long newest = found.values().stream().mapToLong(Long::longValue).max().orElse(Position.START.value());
        return new Unread(List.copyOf(found.keySet()), new Position(newest));
    }
}
