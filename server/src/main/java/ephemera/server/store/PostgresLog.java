package ephemera.server.store;

import ephemera.core.directory.PersonId;
import ephemera.core.inbox.Log;
import ephemera.core.inbox.Ranges;
import ephemera.core.talk.Audience;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Entry;
import ephemera.core.talk.Message;
import ephemera.core.talk.Notice;
import ephemera.core.talk.Position;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/**
 * A person's view of the journal, composed from the conversations they are in and the notices that concern them.
 *
 * <p>The head is read first; rows up to it never change their order or get neighbours, so the reads that follow need no
 * common snapshot. Thread-safe.
 */
public final class PostgresLog implements Log, AutoCloseable {

    /** The bytes of sealed messages in a page: a few hundred of the longest would be too many for the memory. */
    static final int PAGE_BYTES = 4 << 20;

    /** The earlier messages in a page that a new member was told, for the same reason. */
    private static final int PAGE_HISTORY = 100;

    private final Database database;
    private final Json json;
    private final MessageRow messages;
    private final AcknowledgementWriter acknowledgements;

    /** Makes the log on that database. */
    public PostgresLog(Database database, Json json, Sealing sealing) {
        this.database = database;
        this.json = json;
        this.messages = new MessageRow(sealing);
        this.acknowledgements = new AcknowledgementWriter(database);
    }

    /** Which run of the journal this is: positions of another generation mean nothing here. */
    public int generation() {
        return database.read(handle -> handle.createQuery("SELECT generation FROM journal").mapTo(Integer.class).one());
    }

    @Override
    public Position head() {
        return database.read(PostgresLog::head);
    }

    private static Position head(Handle handle) {
        return new Position(
                handle.createQuery("SELECT head FROM journal").mapTo(Long.class).one());
    }

    /**
     * What the person has acknowledged, from where on there is something that they have not, and where they were in.
     *
     * <p>Somebody may be in thousands of topics, most of which have nothing to tell: their rows say so, and no
     * partition is asked. Materialized, since the planner could ask first and filter afterwards. Positions that were
     * acknowledged one by one are many: with nothing added to them they are unpacked once, and not for each row.
     */
    private static final String HEARD =
            """
            WITH mine AS (
                 SELECT coalesce((SELECT positions + '{}' FROM acknowledged
                                   WHERE person_id = :person), '{}') AS positions,
                        EXISTS (SELECT FROM person
                                 WHERE person_id = :person AND standing = 'ADMINISTRATOR') AS administers),
            start AS (
                 SELECT CASE WHEN :repeated THEN :after
                             ELSE greatest(:after, coalesce((SELECT upper(first) - 1
                                                               FROM mine, unnest(mine.positions) AS first
                                                              WHERE lower(first) <= :after + 1
                                                                AND upper(first) > :after + 1), 0)) END AS after),
            heard AS MATERIALIZED (
                 SELECT stay.*,
                        topic.conversation_id IS NULL
                        OR latest_position > greatest(start.after, told_after) AND speaks_until > now() AS speaks,
                        topic.conversation_id IS NULL
                        OR noticed_position > greatest(start.after, told_after) AND noticed_until > now() AS notes
                   FROM start, stay LEFT JOIN topic ON topic.conversation_id = stay.conversation_id
                  WHERE stay.person_id = :person)
            """;

    /**
     * The look into {@code burn} stands inside a negation, where it stays a question about one row: as an anti join it
     * would be answered for all rows first, and the order and limit of the messages be lost. Whoever is in a group now
     * is in one that is not over: only of what people have left that is asked.
     */
    private static final String TOLD_MESSAGES =
            """
              FROM heard
             CROSS JOIN start
             CROSS JOIN mine
             CROSS JOIN LATERAL (
                   SELECT * FROM message
                    WHERE message.conversation_id = heard.conversation_id
                      AND message.position > greatest(start.after, heard.told_after)
                      AND message.position <= least(:through, coalesce(heard.left_at, :through))
                      AND message.expires_at > now() AND NOT message.recalled
                      AND (:repeated OR NOT message.position <@ mine.positions)
                      AND NOT (message.delete_on_read
                               AND EXISTS (SELECT FROM burn
                                            WHERE burn.epoch = message.epoch
                                              AND burn.message_id = message.message_id
                                              AND burn.person_id = :person AND gone_at <= now()))
                    ORDER BY message.position LIMIT :limit) AS message
             WHERE heard.speaks
               AND NOT (heard.left_at IS NOT NULL
                        AND EXISTS (SELECT FROM conversation
                                     WHERE conversation.conversation_id = heard.conversation_id AND deleted))
            """;

    /**
     * A group is told as it is when it is told, so it is told to those only who may look at it then, by the rule of
     * {@code Groups.group}. What was thought of a message that is gone cannot be told any more.
     */
    private static final String TOLD_NOTICES =
            """
              FROM (SELECT notice.* FROM notice, start
                     WHERE notice.person_id = :person AND notice.position > start.after
                       AND notice.position <= :through AND notice.expires_at > now()
                     UNION ALL
                    SELECT notice.* FROM heard CROSS JOIN start CROSS JOIN LATERAL (
                           SELECT * FROM notice
                            WHERE notice.conversation_id = heard.conversation_id
                              AND notice.position > greatest(start.after, heard.told_after)
                              AND notice.position <= least(:through, coalesce(heard.left_at, :through))
                              AND notice.expires_at > now()) AS notice
                     WHERE heard.notes) AS notice
             CROSS JOIN mine
             WHERE (:repeated
                    OR NOT int8range(notice.position - notice.width + 1, notice.position, '[]') <@ mine.positions)
               AND NOT (notice.kind IN ('JOINED', 'LEFT', 'GROUP_LISTED', 'GROUP_CHANGED')
                        AND NOT EXISTS (SELECT FROM conversation AS shown
                                         WHERE shown.conversation_id = (notice.detail ->> 'id')::uuid
                                           AND NOT shown.deleted
                                           AND (shown.is_public OR mine.administers
                                                OR EXISTS (SELECT FROM membership
                                                            WHERE membership.conversation_id = shown.conversation_id
                                                              AND membership.person_id = :person
                                                              AND membership.left_at IS NULL))))
               AND NOT (notice.kind = 'REACTED'
                        AND NOT EXISTS (SELECT FROM message
                                         WHERE message.epoch = notice.epoch
                                           AND message.message_id = (notice.detail ->> 'message')::uuid
                                           AND message.expires_at > now() AND NOT message.recalled
                                           AND message.content IS NOT NULL
                                           AND NOT EXISTS (SELECT FROM conversation
                                                            WHERE conversation.conversation_id
                                                                      = message.conversation_id
                                                              AND deleted)
                                           AND NOT EXISTS (SELECT FROM burn
                                                            WHERE burn.epoch = message.epoch
                                                              AND burn.message_id = message.message_id
                                                              AND burn.person_id = :person AND gone_at <= now())))
            """;

    private static final String FIRST_MESSAGES = "SELECT * FROM (SELECT *, sum(octet_length(content))"
            + " OVER (ORDER BY position) AS so_far FROM (" + HEARD + "SELECT " + MessageRow.COLUMNS + TOLD_MESSAGES
            + " ORDER BY message.position LIMIT :limit) AS message) AS message"
            + " WHERE so_far - octet_length(content) < :bytes ORDER BY position";

    @Override
    public Page read(PersonId person, Position after, boolean acknowledgedToo, int limit) {
        return database.read(handle -> {
            Position head = head(handle);
            Query query = new Query(person, after, head, acknowledgedToo, limit);
            List<Sent> sent = messages(handle, query);
            boolean isAll = sent.size() < limit && (sent.isEmpty() || sent.getLast().soFar() < PAGE_BYTES);
            long complete = isAll ? head.value() : sent.getLast().position();
            List<Entry> found = new ArrayList<>(
                    sent.stream().flatMap(each -> each.entry().stream()).toList());
            complete = Math.min(complete, notices(handle, query, found));
            found.sort(Comparator.comparing(Entry::position));
            long through = complete;
            found.removeIf(entry -> entry.position().value() > through
                    || entry.position().value() <= after.value());
            return new Page(found, new Position(through), through < head.value());
        });
    }

    private record Query(PersonId person, Position after, Position head, boolean acknowledgedToo, int limit) {

        org.jdbi.v3.core.statement.Query on(Handle handle, String sql) {
            return handle.createQuery(sql)
                    .bind("person", person.value())
                    .bind("after", after.value())
                    .bind("through", head.value())
                    .bind("repeated", acknowledgedToo)
                    .bind("limit", limit);
        }
    }

    /**
     * A row of the message table; without an entry if what it says has gone since it was found.
     *
     * @param soFar the bytes of it and of those before it in the page
     */
    private record Sent(long position, long soFar, Optional<Entry> entry) {}

    private List<Sent> messages(Handle handle, Query query) {
        return query.on(handle, FIRST_MESSAGES)
                .bind("bytes", PAGE_BYTES)
                .map((row, _) -> new Sent(
                        row.getLong("position"),
                        row.getLong("so_far"),
                        messages.read(row).map(SendStatement::entry)))
                .list();
    }

    /** A row of the notice table; the details of a history, which may be long, are read piece by piece. */
    private record Told(long epoch, NoticeRow.Kind kind, String detail, long last, int width, boolean personal,
            UUID conversation, Instant at, Instant expiresAt) {

        long before() {
            return last - width;
        }
    }

    private static final String NOTICE_COLUMNS =
            """
            SELECT notice.epoch, notice.position, notice.width, notice.person_id, notice.conversation_id, notice.kind,
                   notice.at, notice.expires_at,
                   CASE WHEN notice.kind = 'HISTORY' THEN '{}' ELSE notice.detail END AS detail
            """;

    /** Adds the events of notices and returns up to which position none is missing. */
    private long notices(Handle handle, Query query, List<Entry> found) {
        List<Told> rows = query.on(
                handle,
                HEARD + NOTICE_COLUMNS + TOLD_NOTICES + " ORDER BY notice.position LIMIT :limit")
                .map((row, _) -> told(row))
                .list();
        List<Ranges.Range> acknowledged = query.acknowledgedToo() || rows.stream().allMatch(row -> row.width() == 1)
                ? List.of()
                : acknowledged(handle, query.person());
        int mostEarlier = Math.min(query.limit(), PAGE_HISTORY);
        int earlier = 0;
        for (Told row : rows) {
            boolean isHistory = row.kind() == NoticeRow.Kind.HISTORY;
            if (isHistory && earlier == mostEarlier) {
                return row.before();
            }
            long from = Math.max(row.before(), query.after().value());
            long through = isHistory ? Math.min(row.last(), from + mostEarlier - earlier) : row.last();
            List<Entry> entries =
                    isHistory ? history(handle, row, query.person(), from, through) : entries(row, query.person());
            for (Entry entry : entries) {
                long position = entry.position().value();
                if (acknowledged.stream().noneMatch(range -> range.first() <= position && position <= range.last())) {
                    found.add(entry);
                }
            }
            if (through < row.last()) {
                return through;
            }
            earlier += isHistory ? (int) (through - from) : 0;
        }
        return rows.size() < query.limit() ? query.head().value() : rows.getLast().last();
    }

    private static Told told(ResultSet row) throws SQLException {
        return new Told(
                row.getLong("epoch"),
                NoticeRow.Kind.valueOf(row.getString("kind")),
                row.getString("detail"),
                row.getLong("position"),
                row.getInt("width"),
                row.getObject("person_id") != null,
                row.getObject("conversation_id", UUID.class),
                MessageRow.instant(row, "at"),
                MessageRow.instant(row, "expires_at"));
    }

    private List<Entry> entries(Told row, PersonId person) {
        Audience audience = row.personal()
                ? Audience.Only.person(person)
                : new Audience.Members(new ConversationId(row.conversation()));
        List<Entry> entries = new ArrayList<>(row.width());
        long position = row.before();
        for (Notice notice : NoticeRow.read(row.kind(), json.read(row.detail()), row.at())) {
            position++;
            entries.add(new Entry(new Position(position), audience, notice, row.expiresAt()));
        }
        return entries;
    }

    /** An earlier message that a notice names: by its own position, and at the one that the notice gave it. */
    private record Earlier(UUID group, long position, long toldAt) {}

    /**
     * Some of the earlier messages that a new member was told, as far as they live; each has the position that the
     * notice gave it.
     *
     * @param from after which of these positions
     * @param through up to which of them
     */
    private List<Entry> history(Handle handle, Told row, PersonId person, long from, long through) {
        List<Earlier> told = handle.createQuery(
                """
                        SELECT (detail ->> 'id')::uuid AS conversation_id, told.position::bigint,
                               :before + place AS place
                          FROM notice
                         CROSS JOIN jsonb_array_elements_text(detail -> 'positions')
                                    WITH ORDINALITY AS told (position, place)
                         WHERE epoch = :epoch AND notice.position = :last
                           AND place > :from - :before AND place <= :through - :before
                         ORDER BY place
                        """)
                .bind("epoch", row.epoch())
                .bind("last", row.last())
                .bind("before", row.before())
                .bind("from", from)
                .bind("through", through)
                .map((found, _) -> new Earlier(
                        found.getObject("conversation_id", UUID.class),
                        found.getLong("position"),
                        found.getLong("place")))
                .list();
        if (told.isEmpty()) {
            return List.of();
        }
        Map<Long, Message> alive = alive(
                handle, person, told.getFirst().group(), told.stream().map(Earlier::position).toList());
        return told.stream()
                .flatMap(each -> Optional.ofNullable(alive.get(each.position()))
                        .map(message -> new Entry(
                                new Position(each.toldAt()),
                                Audience.Only.person(person),
                                new Notice.Sent(message, true),
                                message.expiresAt()))
                        .stream())
                .toList();
    }

    /** Those of a group's messages that live and have not burnt for somebody, by their positions. */
    private Map<Long, Message> alive(Handle handle, PersonId person, UUID group, List<Long> positions) {
        Map<Long, Message> alive = new HashMap<>();
        handle.createQuery("SELECT " + MessageRow.COLUMNS
                + """
                         FROM message
                        WHERE conversation_id = :group AND position = ANY (:positions)
                          AND expires_at > now() AND NOT recalled
                          AND NOT EXISTS (SELECT FROM conversation WHERE conversation_id = :group AND deleted)
                          AND NOT (message.delete_on_read
                                   AND EXISTS (SELECT FROM burn
                                                WHERE burn.epoch = message.epoch
                                                  AND burn.message_id = message.message_id
                                                  AND burn.person_id = :person AND gone_at <= now()))
                        """)
                .bind("person", person.value())
                .bind("group", group)
                .bindArray("positions", Long.class, positions)
                .map((found, _) -> messages.read(found))
                .forEach(found -> found.ifPresent(message -> alive.put(message.position().value(), message)));
        return alive;
    }

    private static List<Ranges.Range> acknowledged(Handle handle, PersonId person) {
        return handle.createQuery(
                """
                        SELECT lower(range) AS first, upper(range) - 1 AS last
                          FROM acknowledged, unnest(positions) AS range WHERE person_id = :person
                        """)
                .bind("person", person.value())
                .map((row, _) -> new Ranges.Range(row.getLong("first"), row.getLong("last")))
                .list();
    }

    @Override
    public long count(PersonId person, Position after, boolean acknowledgedToo) {
        return database.read(handle -> {
            Query query = new Query(person, after, head(handle), acknowledgedToo, Integer.MAX_VALUE);
            long messages = query.on(handle, HEARD + "SELECT count(*)" + TOLD_MESSAGES)
                    .mapTo(Long.class)
                    .one();
            long notices = query.on(handle, HEARD + "SELECT coalesce(sum(notice.width), 0)" + TOLD_NOTICES)
                    .mapTo(Long.class)
                    .one();
            return messages + notices;
        });
    }

    @Override
    public void acknowledge(PersonId person, Ranges acknowledged) {
        acknowledgements.write(person, acknowledged);
    }

    /** Begins to write acknowledgements. */
    public void start() {
        acknowledgements.start();
    }

    @Override
    public void close() {
        acknowledgements.close();
    }
}
