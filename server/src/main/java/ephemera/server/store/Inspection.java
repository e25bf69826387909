package ephemera.server.store;

import ephemera.core.talk.Attachment;
import ephemera.core.talk.Message;
import ephemera.core.talk.MessageId;
import ephemera.core.vault.Epoch;
import ephemera.core.vault.KeyId;
import ephemera.core.vault.KeyRing;
import ephemera.core.vault.KeyStore;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiPredicate;

/**
 * What the tables tell about messages that should be gone, and about those that should not.
 *
 * <p>Every question is asked of one epoch and of some thousand rows at a time, so that nobody waits for it: neither the
 * server that runs nor the end of an epoch. Changes nothing. Thread-safe.
 */
public final class Inspection {

    private static final int AT_ONCE = 5_000;
    private static final int MOST_NAMES = 20;
    private static final UUID FIRST = new UUID(0, 0);

    private final Database database;
    private final KeyRing keys;
    private final MessageRow messages;
    private final Duration grace;

    /**
     * Makes an inspection.
     *
     * @param grace how long after its time something may still be there, since a server is just about it
     */
    public Inspection(Database database, KeyRing keys, Duration grace) {
        this.database = database;
        this.keys = keys;
        this.messages = new MessageRow(new Sealing(keys, new Json()));
        this.grace = grace;
    }

    /** The database's time, less what is granted: what should have been gone by then is overdue. */
    public Instant due() {
        return database.read(handle -> handle.createQuery("SELECT clock_timestamp() AS now")
                .map((row, _) -> MessageRow.instant(row, "now"))
                .one())
                .minus(grace);
    }

    /** The epochs that are open, and not overdue. */
    public List<Epoch> open() {
        return epochs("SELECT epoch FROM epoch WHERE ends_at > :due ORDER BY epoch");
    }

    /** Where the files of legal holds are. */
    public List<Epoch> held() {
        return database.read(handle -> handle.createQuery("SELECT * FROM hold WHERE destroyed_at IS NULL")
                .map((row, _) -> Hold.read(row).epoch())
                .list());
    }

    private List<Epoch> epochs(String query) {
        Instant due = due();
        return database.read(handle -> handle.createQuery(query)
                .bind("due", Scribe.parameter(due))
                .mapTo(Long.class)
                .map(Epoch::ofCode)
                .list());
    }

    /** How many rows there are in epochs that are over. */
    public long rowsOfEndedEpochs() {
        long rows = 0;
        for (Epoch epoch : epochs("SELECT epoch FROM epoch WHERE ends_at <= :due ORDER BY epoch")) {
            rows += database.read(handle -> handle.createQuery(
                    """
                            SELECT (SELECT count(*) FROM message WHERE epoch = :epoch)
                                 + (SELECT count(*) FROM receipt WHERE epoch = :epoch)
                                 + (SELECT count(*) FROM burn WHERE epoch = :epoch)
                                 + (SELECT count(*) FROM notice WHERE epoch = :epoch)
                                 + (SELECT count(*) FROM delivery WHERE epoch = :epoch)
                                 + (SELECT count(*) FROM reaction WHERE epoch = :epoch)
                                 + (SELECT count(*) FROM audit WHERE epoch = :epoch)
                            """)
                    .bind("epoch", epoch.code())
                    .mapTo(Long.class)
                    .one());
        }
        return rows;
    }

    /** The partitions that are there though their epoch was closed, or never opened. */
    public List<String> strayPartitions() {
        return database.read(handle -> handle.createQuery(
                """
                        SELECT relname FROM pg_class
                         WHERE relkind = 'r' AND pg_table_is_visible(oid)
                           AND relname ~ '^(message|receipt|burn|notice|delivery|reaction|audit)_[0-9]+$'
                           AND NOT EXISTS (SELECT FROM epoch
                                            WHERE epoch = substring(relname FROM '[0-9]+$')::numeric)
                         ORDER BY relname
                        """)
                .mapTo(String.class)
                .list());
    }

    /** How many messages died early and still have content, or a file. */
    public long unscrubbed() {
        Instant due = due();
        return database.read(handle -> handle.createQuery(
                "SELECT count(*) FROM doomed WHERE NOT scrubbed AND due_at <= :due")
                .bind("due", Scribe.parameter(due))
                .mapTo(Long.class)
                .one());
    }

    /**
     * How many messages died early and have keys nevertheless.
     *
     * @param bound how long the key may last after the early end
     */
    public long unpunctured(Duration bound) {
        Instant due = due().minus(bound);
        UUID last = FIRST;
        long found = 0;
        while (true) {
            List<Doomed> some = doomed(due, last);
            found += some.stream().filter(each -> each.key().filter(this::isThere).isPresent()).count();
            if (some.size() < AT_ONCE) {
                return found;
            }
            last = some.getLast().message();
        }
    }

    private record Doomed(UUID message, Optional<KeyId> key) {}

    private List<Doomed> doomed(Instant due, UUID after) {
        return database.read(handle -> handle.createQuery(
                """
                        SELECT message_id, key_tree, key_leaf FROM doomed
                         WHERE due_at <= :due AND message_id > :after ORDER BY message_id LIMIT :some
                        """)
                .bind("due", Scribe.parameter(due))
                .bind("after", after)
                .bind("some", AT_ONCE)
                .map((row, _) -> new Doomed(row.getObject("message_id", UUID.class), key(row)))
                .list());
    }

    private static Optional<KeyId> key(ResultSet row) throws SQLException {
        long tree = row.getLong("key_tree");
        int leaf = row.getInt("key_leaf");
        return new MessageId(row.getObject("message_id", UUID.class))
                .slice()
                .map(slice -> new KeyId(slice, tree, leaf));
    }

    private boolean isThere(KeyId key) {
        try {
            return keys.find(key).isPresent();
        } catch (KeyStore.Damaged _) {
            // It is told elsewhere that the file is damaged; nobody reads with it what it says.
            return false;
        }
    }

    /**
     * The files that were to wait for a message until a time that is over, also if one was about to take them: none of
     * them should be there.
     *
     * @param bound how long after their time they may be there
     */
    public List<UUID> overdueUploads(Duration bound) {
        Instant due = due().minus(bound);
        return database.read(handle -> handle.createQuery(
                """
                        SELECT upload_id FROM upload
                         WHERE content IS NOT NULL AND ends_at <= :due ORDER BY upload_id
                        """)
                .bind("due", Scribe.parameter(due))
                .mapTo(UUID.class)
                .list());
    }

    /** The files of messages in an epoch that are gone: none of them should be there. */
    public List<UUID> deadFiles(Epoch epoch) {
        Instant due = due();
        return database.read(handle -> handle.createQuery(
                """
                        SELECT unnest(message.blobs) FROM message LEFT JOIN doomed USING (message_id)
                         WHERE message.epoch = :epoch AND message.blobs IS NOT NULL AND message.content IS NULL
                           AND (doomed.due_at IS NULL OR doomed.due_at <= :due)
                        """)
                .bind("epoch", epoch.code())
                .bind("due", Scribe.parameter(due))
                .mapTo(UUID.class)
                .list());
    }

    /**
     * Messages that are alive.
     *
     * @param count how many there are
     * @param unreadable how many of them cannot be read
     * @param names some of those, each with the reason
     */
    public record Living(long count, long unreadable, List<String> names) {}

    /**
     * Opens every message of an epoch that is alive.
     *
     * @param files whether the epoch's folder holds a file
     */
    public Living living(Epoch epoch, BiPredicate<Epoch, UUID> files) {
        List<String> names = new ArrayList<>();
        UUID last = FIRST;
        long count = 0;
        long unreadable = 0;
        while (true) {
            List<Opened> some = opened(epoch, last, files);
            count += some.size();
            for (Opened each : some) {
                // What ended while we looked is no damage: its row tells so before its key and its file go.
                if (each.flaw().isPresent() && isAlive(epoch, each.message())) {
                    unreadable++;
                    if (names.size() < MOST_NAMES) {
                        names.add("message " + each.message() + ": " + each.flaw().get());
                    }
                }
            }
            if (some.size() < AT_ONCE) {
                return new Living(count, unreadable, names);
            }
            last = some.getLast().message();
        }
    }

    /** A message that was opened, and what was wrong with it. */
    private record Opened(UUID message, Optional<String> flaw) {}

    private List<Opened> opened(Epoch epoch, UUID after, BiPredicate<Epoch, UUID> files) {
        return database.read(handle -> handle.createQuery(
                "SELECT " + MessageRow.COLUMNS
                        + """
                         FROM message
                         WHERE epoch = :epoch AND message_id > :after AND content IS NOT NULL AND expires_at > now()
                         ORDER BY message_id LIMIT :some
                        """)
                .bind("epoch", epoch.code())
                .bind("after", after)
                .bind("some", AT_ONCE)
                .map((row, _) -> new Opened(row.getObject("message_id", UUID.class), flaw(row, epoch, files)))
                .list());
    }

    private Optional<String> flaw(ResultSet row, Epoch epoch, BiPredicate<Epoch, UUID> files) throws SQLException {
        try {
            Optional<Message> message = messages.read(row);
            if (message.isEmpty()) {
                return Optional.of("its key is missing");
            }
            return message.get().content().attachments().stream()
                    .map(Attachment::blob)
                    .filter(blob -> !files.test(epoch, blob))
                    .findFirst()
                    .map(blob -> "its file " + blob + " is missing");
        } catch (KeyStore.Damaged e) {
            return Optional.of("its key is damaged");
        } catch (IllegalStateException e) {
            return Optional.of("its content does not open");
        }
    }

    private boolean isAlive(Epoch epoch, UUID message) {
        return database.read(handle -> handle.createQuery(
                """
                        SELECT EXISTS (SELECT FROM message
                                        WHERE epoch = :epoch AND message_id = :message AND content IS NOT NULL
                                          AND expires_at > now())
                        """)
                .bind("epoch", epoch.code())
                .bind("message", message)
                .mapTo(Boolean.class)
                .one());
    }
}
