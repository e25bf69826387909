package ephemera.server.store;

import ephemera.core.directory.PersonId;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Notice;
import ephemera.core.talk.ReceiptStatus;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.UUID;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * How receipts move forward: many calls of many readers in one transaction, with a fixed number of statements.
 *
 * <p>A receipt is stored as a run: all messages of a conversation that were for the reader between two positions. A
 * reader who acknowledges a thousand waiting messages in one call writes one row; one who picks single messages writes
 * one row for each, and every message keeps the exact time at which it was marked. Stateless.
 */
final class MarkChange {

    /** How long a delete-on-read message stays after it was read: the vendor's clients count the same minute. */
    static final Duration AFTER_READING = Duration.ofSeconds(60);

    private final Json json;
    private final Epochs epochs;

    MarkChange(Json json, Epochs epochs) {
        this.json = json;
        this.epochs = epochs;
    }

    /** What one call asks for. */
    record Request(PersonId reader, Map<MessageId, ReceiptStatus> statuses) {}

    /** A message for a reader, and how far it had come. */
    private record Target(
            long epoch,
            PersonId reader,
            MessageId message,
            String requestId,
            long position,
            ConversationId conversation,
            PersonId sender,
            boolean inGroup,
            Instant expiresAt,
            boolean deleteOnRead,
            boolean strict,
            boolean delivered,
            boolean read) {}

    /** A reader's receipts of one kind in one conversation and epoch. */
    private record Row(long epoch, ConversationId conversation, PersonId reader, boolean read) {}

    /** Whom a notice is for and what it says of several messages of one epoch. */
    private record Telling(long epoch, PersonId told, PersonId reader, boolean inGroup, ReceiptStatus status) {}

    /**
     * Makes the changes of all requests.
     *
     * @return whether anything was read that was not read before
     */
    boolean mark(Scribe scribe, List<Request> requests) {
        Map<Row, List<Target>> moved = new LinkedHashMap<>();
        Map<Telling, List<Target>> told = new LinkedHashMap<>();
        Map<PersonId, Map<MessageId, ReceiptStatus>> asked = merged(requests);
        for (Target target : targets(scribe, asked)) {
            ReceiptStatus wanted = Objects.requireNonNull(asked.get(target.reader()), "a reader who did not ask")
                    .get(target.message());
            boolean reads = wanted == ReceiptStatus.READ && !target.read();
            boolean delivers = wanted != ReceiptStatus.NEW && !target.delivered() && !target.read();
            if (delivers) {
                moved.computeIfAbsent(row(target, false), _ -> new ArrayList<>()).add(target);
            }
            if (reads) {
                moved.computeIfAbsent(row(target, true), _ -> new ArrayList<>()).add(target);
            }
            if (reads || delivers) {
                ReceiptStatus status = reads ? ReceiptStatus.READ : ReceiptStatus.DELIVERED;
                for (PersonId person : new TreeSet<UUID>(
                        List.of(target.sender().value(), target.reader().value()))
                        .stream().map(PersonId::new).toList()) {
                    told.computeIfAbsent(
                            new Telling(target.epoch(), person, target.reader(), target.inGroup(), status),
                            _ -> new ArrayList<>())
                            .add(target);
                }
            }
        }
        if (moved.isEmpty()) {
            return false;
        }
        insertRuns(scribe, moved);
        List<TopicChanges.Reading> readings = new ArrayList<>();
        moved.forEach((row, targets) -> {
            if (row.read() && targets.getLast().inGroup()) {
                readings.add(new TopicChanges.Reading(
                        row.conversation(), row.reader(), targets.getLast().position()));
            }
        });
        if (!readings.isEmpty()) {
            TopicChanges.read(scribe.handle(), readings);
        }
        burn(scribe, moved, false);
        burn(scribe, moved, true);
        told.forEach((telling, targets) -> tell(scribe, telling, targets));
        return moved.keySet().stream().anyMatch(Row::read);
    }

    private static Row row(Target target, boolean read) {
        return new Row(target.epoch(), target.conversation(), target.reader(), read);
    }

    /** The furthest that each reader asks for each message. */
    private static Map<PersonId, Map<MessageId, ReceiptStatus>> merged(List<Request> requests) {
        Map<PersonId, Map<MessageId, ReceiptStatus>> merged = new LinkedHashMap<>();
        for (Request request : requests) {
            Map<MessageId, ReceiptStatus> asked = merged.computeIfAbsent(request.reader(), _ -> new LinkedHashMap<>());
            request.statuses()
                    .forEach((message, status) -> asked.merge(message, status,
                            (one, other) -> one.compareTo(other) >= 0 ? one : other));
        }
        return merged;
    }

    /** The messages that are alive and for the readers, in the order of their positions. */
    private List<Target> targets(Scribe scribe, Map<PersonId, Map<MessageId, ReceiptStatus>> asked) {
        List<UUID> readers = new ArrayList<>();
        List<UUID> messages = new ArrayList<>();
        List<Long> places = new ArrayList<>();
        asked.forEach((reader, statuses) -> statuses.keySet().forEach(message -> {
            readers.add(reader.value());
            messages.add(message.value());
            places.add(epochs.of(message));
        }));
        return scribe.handle()
                .createQuery(
                        """
                        SELECT message.epoch, asked.person_id, message.message_id,
                               coalesce(message.request_id, '') AS request_id,
                               message.position, message.conversation_id,
                               message.sender_id, message.recipient_id IS NULL AS in_group, message.expires_at,
                               message.delete_on_read, message.strict,
                               EXISTS (SELECT FROM receipt
                                        WHERE receipt.epoch = message.epoch
                                          AND receipt.conversation_id = message.conversation_id
                                          AND receipt.person_id = asked.person_id AND NOT is_read
                                          AND last_position >= message.position
                                          AND first_position <= message.position) AS delivered,
                               EXISTS (SELECT FROM receipt
                                        WHERE receipt.epoch = message.epoch
                                          AND receipt.conversation_id = message.conversation_id
                                          AND receipt.person_id = asked.person_id AND is_read
                                          AND last_position >= message.position
                                          AND first_position <= message.position) AS read
                          FROM unnest(:readers, :messages, :epochs) AS asked (person_id, message_id, epoch)
                          JOIN message ON message.epoch = asked.epoch AND message.message_id = asked.message_id
                          JOIN stay AS membership ON membership.conversation_id = message.conversation_id
                                                 AND membership.person_id = asked.person_id
                         WHERE message.expires_at > now() AND NOT message.recalled
                           AND (message.sender_id <> asked.person_id OR message.recipient_id = asked.person_id)
                           AND message.position > membership.visible_after
                           AND (membership.left_at IS NULL OR message.position <= membership.left_at)
                         ORDER BY message.position
                        """)
                .bindArray("readers", UUID.class, readers)
                .bindArray("messages", UUID.class, messages)
                .bindArray("epochs", Long.class, places)
                .map(MarkChange::target)
                .list();
    }

    private static Target target(ResultSet row, StatementContext context) throws SQLException {
        return new Target(
                row.getLong("epoch"),
                new PersonId(row.getObject("person_id", UUID.class)),
                new MessageId(row.getObject("message_id", UUID.class)),
                row.getString("request_id"),
                row.getLong("position"),
                new ConversationId(row.getObject("conversation_id", UUID.class)),
                new PersonId(row.getObject("sender_id", UUID.class)),
                row.getBoolean("in_group"),
                MessageRow.instant(row, "expires_at"),
                row.getBoolean("delete_on_read"),
                row.getBoolean("strict"),
                row.getBoolean("delivered"),
                row.getBoolean("read"));
    }

    /**
     * Stores the receipts as runs. Two marked messages of an epoch are in one run if no other message of that epoch for
     * the reader stands between them. Earlier runs inside a new one are about messages that are gone; without them,
     * runs never overlap, and readers need to look at one only.
     */
    private static void insertRuns(Scribe scribe, Map<Row, List<Target>> moved) {
        List<Long> places = new ArrayList<>();
        List<UUID> conversations = new ArrayList<>();
        List<UUID> readers = new ArrayList<>();
        List<Boolean> read = new ArrayList<>();
        List<Long> positions = new ArrayList<>();
        moved.forEach((row, targets) -> targets.forEach(target -> {
            places.add(row.epoch());
            conversations.add(row.conversation().value());
            readers.add(row.reader().value());
            read.add(row.read());
            positions.add(target.position());
        }));
        scribe.handle()
                .createUpdate(
                        """
                        WITH marked AS (
                             SELECT * FROM unnest(:epochs, :conversations, :readers, :read, :positions)
                                        AS marked (epoch, conversation_id, person_id, is_read, position)),
                        span AS (
                             SELECT epoch, conversation_id, person_id, is_read,
                                    min(position) AS low, max(position) AS high
                               FROM marked GROUP BY epoch, conversation_id, person_id, is_read),
                        numbered AS (
                             SELECT span.*, message.position,
                                    row_number() OVER (
                                        PARTITION BY span.epoch, span.conversation_id, span.person_id, span.is_read
                                            ORDER BY message.position) AS place
                               FROM span
                               JOIN message ON message.epoch = span.epoch
                                           AND message.conversation_id = span.conversation_id
                                           AND message.position BETWEEN span.low AND span.high
                                           AND (message.sender_id <> span.person_id
                                                OR message.recipient_id = span.person_id)),
                        islands AS (
                             SELECT numbered.*,
                                    place - row_number() OVER (
                                        PARTITION BY epoch, conversation_id, person_id, is_read
                                            ORDER BY position) AS island
                               FROM numbered JOIN marked USING (epoch, conversation_id, person_id, is_read, position)),
                        runs AS (
                             SELECT epoch, conversation_id, person_id, is_read, max(position) AS last_position,
                                    min(position) AS first_position
                               FROM islands GROUP BY epoch, conversation_id, person_id, is_read, island),
                        swallowed AS (
                             DELETE FROM receipt USING runs
                              WHERE receipt.epoch = runs.epoch AND receipt.conversation_id = runs.conversation_id
                                AND receipt.person_id = runs.person_id AND receipt.is_read = runs.is_read
                                AND receipt.last_position BETWEEN runs.first_position AND runs.last_position)
                        INSERT INTO receipt (epoch, conversation_id, person_id, is_read, last_position, first_position,
                                             at)
                        SELECT epoch, conversation_id, person_id, is_read, last_position, first_position, :now
                          FROM runs
                            ON CONFLICT DO NOTHING
                        """)
                .bindArray("epochs", Long.class, places)
                .bindArray("conversations", UUID.class, conversations)
                .bindArray("readers", UUID.class, readers)
                .bindArray("read", Boolean.class, read)
                .bindArray("positions", Long.class, positions)
                .bind("now", Scribe.parameter(scribe.now()))
                .execute();
    }

    /**
     * Begins the last minute of delete-on-read messages: between two people for both of them, in a group for the
     * reader, and for everybody once the last recipient has read. Strict ones have no such minute, only their files.
     */
    private static void burn(Scribe scribe, Map<Row, List<Target>> moved, boolean strict) {
        List<UUID> messages = new ArrayList<>();
        List<UUID> readers = new ArrayList<>();
        List<Long> places = new ArrayList<>();
        moved.forEach((row, targets) -> targets.stream()
                .filter(target -> row.read() && target.deleteOnRead() && target.strict() == strict)
                .forEach(target -> {
                    messages.add(target.message().value());
                    readers.add(target.reader().value());
                    places.add(target.epoch());
                }));
        if (messages.isEmpty()) {
            return;
        }
        Instant later = scribe.now().plus(AFTER_READING);
        Instant gone = strict ? scribe.now() : later;
        scribe.handle()
                .createUpdate(
                        """
                        INSERT INTO burn (epoch, message_id, person_id, gone_at)
                        SELECT epoch, message_id, person_id, :gone
                          FROM unnest(:epochs, :messages, :readers) AS read (epoch, message_id, person_id)
                            ON CONFLICT DO NOTHING
                        """)
                .bindArray("epochs", Long.class, places)
                .bindArray("messages", UUID.class, messages)
                .bindArray("readers", UUID.class, readers)
                .bind("gone", Scribe.parameter(gone))
                .execute();
        Doom.burn(scribe, messages, places, gone, later);
    }

    private void tell(Scribe scribe, Telling telling, List<Target> targets) {
        List<Notice.Marked> notices = new ArrayList<>(targets.size());
        Instant expiresAt = Instant.MIN;
        for (Target target : targets) {
            notices.add(new Notice.Marked(
                    target.message(),
                    target.requestId(),
                    telling.inGroup(),
                    telling.reader(),
                    telling.status(),
                    scribe.now()));
            expiresAt = expiresAt.isAfter(target.expiresAt()) ? expiresAt : target.expiresAt();
        }
        scribe.tell(telling.told(), NoticeRow.marked(notices, json), notices, new Fade(expiresAt, telling.epoch()));
    }
}
