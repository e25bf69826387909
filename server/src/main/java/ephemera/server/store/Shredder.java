package ephemera.server.store;

import ephemera.core.Refused;
import ephemera.core.talk.MessageId;
import ephemera.core.vault.Blobs;
import ephemera.core.vault.Deletion;
import ephemera.core.vault.Epoch;
import ephemera.core.vault.KeyId;
import ephemera.core.vault.KeyRing;
import ephemera.core.vault.Slice;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;

/**
 * What makes expired, read and recalled messages physically end.
 *
 * <p>Every step can be repeated, and the row that asks for it goes in the same transaction that records it: after a
 * crash at any point the next round goes on. Several servers may do this at once; each destruction is recorded once.
 * Destroying the keys of a slice needs neither the database nor room on the disk, unless there are legal holds: what is
 * held is rescued first, and destruction waits for that. Thread-safe.
 */
public final class Shredder {

    private static final Logger LOG = System.getLogger(Shredder.class.getName());
    private static final int AT_ONCE = 5_000;

    private final Database database;
    private final KeyRing keys;
    private final Rescue rescue;
    private final Blobs blobs;
    private final Epochs epochs;
    private final DeletionRecord record;
    private final InstantSource clock;
    private final Meter meter;

    /**
     * Makes a shredder.
     *
     * @param rescue is had before anything is destroyed
     * @param clock tells the database's time also while the database is away
     */
    public Shredder(
            Database database,
            KeyRing keys,
            Rescue rescue,
            Blobs blobs,
            Epochs epochs,
            DeletionRecord record,
            InstantSource clock,
            Meter meter) {
        this.database = database;
        this.keys = keys;
        this.rescue = rescue;
        this.blobs = blobs;
        this.epochs = epochs;
        this.record = record;
        this.clock = clock;
        this.meter = meter;
    }

    /** What is measured of a shredder. */
    public interface Meter {

        /** The keys of a slice were destroyed. */
        void sliceDestroyed();

        /** The keys of so many messages were destroyed before the end of their slices. */
        void punctured(int messages);

        /** An epoch was closed in that time. */
        void epochClosed(long nanoseconds);

        /** What should be gone and is not: how many rows, and since when the oldest one, in seconds. */
        void overdue(long rows, long seconds);
    }

    /** Destroys the keys of all slices that are over, also while the database is away. */
    public void destroyKeys() {
        Instant now = clock.instant();
        keys.forgetOver(now);
        Set<Slice> slices = keys.slices();
        boolean holds = rescue.isNeeded(slices);
        for (Slice slice : slices) {
            if (!slice.end().isAfter(now) && (!holds || isRescued(slice))) {
                CrashPoint.SLICE_DUE.reached();
                keys.destroy(slice);
                CrashPoint.SLICE_KEYS_DESTROYED.reached();
            }
        }
    }

    /** Destroys the keys of all slices that are over, and records it. */
    public void destroySlices() {
        destroyKeys();
        List<Slice> over = overSlices();
        // Asked anew after that: who holds what ended since then has placed the hold before it ended.
        boolean holds = !over.isEmpty() && rescue.isNeeded();
        for (Slice slice : over) {
            // Also where this server had none: another one may have entered it, and not yet come to its end.
            if (!holds || isRescued(slice)) {
                keys.destroy(slice);
                recordSlice(slice);
                CrashPoint.SLICE_RECORDED.reached();
            }
        }
    }

    /** Secures what is held of a slice; one that keeps its keys for that is in nobody else's way. */
    private boolean isRescued(Slice slice) {
        try {
            return rescue.rescue(slice);
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "slice {0} may have held messages and is not destroyed yet: {1}", slice,
                    e.toString());
            return false;
        }
    }

    /** Secures what is held of an epoch, as far as it was not when its slices ended. */
    private boolean isRescued(Epoch epoch) {
        boolean whole = true;
        if (rescue.isNeeded()) {
            for (Slice slice : undestroyed(epoch)) {
                whole &= isRescued(slice);
            }
        }
        return whole;
    }

    private List<Slice> overSlices() {
        return database.read(handle -> handle.createQuery(
                "SELECT slice FROM slice WHERE destroyed_at IS NULL AND ends_at <= now() ORDER BY ends_at")
                .mapTo(Long.class)
                .map(code -> Slice.ofCode(code).orElseThrow())
                .list());
    }

    private void recordSlice(Slice slice) {
        database.change(handle -> {
            Optional<Instant> destroyed = handle.createQuery(
                    """
                            UPDATE slice SET destroyed_at = now() WHERE slice = :slice AND destroyed_at IS NULL
                            RETURNING destroyed_at
                            """)
                    .bind("slice", slice.code())
                    .map((row, _) -> MessageRow.instant(row, "destroyed_at"))
                    .findOne();
            destroyed.ifPresent(at -> {
                record.append(handle, List.of(Deletion.Draft.slice(slice, at)));
                meter.sliceDestroyed();
            });
            return destroyed;
        });
    }

    /**
     * Removes the rows and files of all epochs that are over.
     *
     * <p>Dropping comes before recording: on a full disk it makes the room that the record needs.
     */
    public void closeEpochs() {
        List<Epoch> over = database.read(handle -> handle.createQuery(
                "SELECT epoch FROM epoch WHERE ends_at <= now() ORDER BY ends_at")
                .mapTo(Long.class)
                .map(Epoch::ofCode)
                .list());
        for (Epoch epoch : over) {
            long began = System.nanoTime();
            try {
                if (isRescued(epoch)) {
                    close(epoch);
                    meter.epochClosed(System.nanoTime() - began);
                }
            } catch (JdbiException | Refused | UncheckedIOException e) {
                // Most likely a long read was in the way, or there is no room to record it: the next round tries again,
                // and the other epochs do not wait for this one.
                LOG.log(Level.WARNING, "epoch {0} could not be closed yet: {1}", epoch, e.getMessage());
            }
        }
    }

    private void close(Epoch epoch) {
        CrashPoint.EPOCH_DUE.reached();
        undestroyed(epoch).forEach(keys::destroy);
        blobs.delete(epoch);
        CrashPoint.EPOCH_FILES_REMOVED.reached();
        drop(epoch, "message", CrashPoint.EPOCH_MESSAGES_DROPPED);
        drop(epoch, "receipt", CrashPoint.EPOCH_RECEIPTS_DROPPED);
        drop(epoch, "burn", CrashPoint.EPOCH_BURNS_DROPPED);
        drop(epoch, "notice", CrashPoint.EPOCH_NOTICES_DROPPED);
        drop(epoch, "delivery", CrashPoint.EPOCH_DELIVERIES_DROPPED);
        drop(epoch, "reaction", CrashPoint.EPOCH_REACTIONS_DROPPED);
        drop(epoch, "audit", CrashPoint.EPOCH_AUDIT_DROPPED);
        database.change(handle -> {
            List<Doomed> doomed = handle.createQuery("DELETE FROM doomed WHERE epoch = :epoch RETURNING *")
                    .bind("epoch", epoch.code())
                    .map((row, _) -> doomed(row))
                    .list();
            handle.execute("DELETE FROM webhook_delivery WHERE epoch = ?", epoch.code());
            Instant now = now(handle);
            List<Deletion.Draft> drafts = new ArrayList<>(drafts(handle, doomed, now));
            handle.createQuery("DELETE FROM slice WHERE epoch = :epoch RETURNING slice, destroyed_at IS NULL AS open")
                    .bind("epoch", epoch.code())
                    .map((row, _) -> row.getBoolean("open") ? Optional.of(row.getLong("slice"))
                            : Optional.<Long>empty())
                    .list()
                    .forEach(open -> open.flatMap(Slice::ofCode)
                            .ifPresent(slice -> drafts.add(Deletion.Draft.slice(slice, now))));
            int closed = handle.createUpdate("DELETE FROM epoch WHERE epoch = :epoch")
                    .bind("epoch", epoch.code())
                    .execute();
            if (closed > 0) {
                drafts.add(Deletion.Draft.epoch(epoch, now));
            }
            return record.append(handle, drafts);
        });
        CrashPoint.EPOCH_RECORDED.reached();
        epochs.forget(epoch);
    }

    private List<Slice> undestroyed(Epoch epoch) {
        return database.read(handle -> handle.createQuery(
                "SELECT slice FROM slice WHERE epoch = :epoch AND destroyed_at IS NULL")
                .bind("epoch", epoch.code())
                .mapTo(Long.class)
                .map(code -> Slice.ofCode(code).orElseThrow())
                .list());
    }

    /** Drops a table's partition; gives way to readers that take long, and is tried again then. */
    private void drop(Epoch epoch, String table, CrashPoint next) {
        database.change(handle -> {
            handle.execute("SET LOCAL lock_timeout = '500ms'");
            return handle.createQuery("SELECT drop_partition(:table, :epoch)")
                    .bind("table", table)
                    .bind("epoch", epoch.code())
                    .mapTo(String.class)
                    .list();
        });
        next.reached();
    }

    /** A message that ends before its slice. */
    private record Doomed(
            MessageId message,
            long epoch,
            String organization,
            KeyId key,
            List<UUID> blobs,
            Deletion.Reason reason,
            Instant decidedAt,
            Instant dueAt) {

        Slice slice() {
            return key.slice();
        }
    }

    private static Doomed doomed(ResultSet row) throws SQLException {
        MessageId message = new MessageId(row.getObject("message_id", UUID.class));
        return new Doomed(
                message,
                row.getLong("epoch"),
                row.getString("organization_id"),
                new KeyId(message.slice().orElseThrow(), row.getLong("key_tree"), row.getInt("key_leaf")),
                MessageRow.blobs(row),
                Deletion.Reason.valueOf(row.getString("reason")),
                MessageRow.instant(row, "decided_at"),
                MessageRow.instant(row, "due_at"));
    }

    /** Empties the rows and removes the files of messages whose early end has come. */
    public void scrub() {
        int scrubbed;
        do {
            scrubbed = scrubSome();
        } while (scrubbed == AT_ONCE);
    }

    private int scrubSome() {
        List<Doomed> due = rescued(due(false, Optional.empty()));
        if (due.isEmpty()) {
            return 0;
        }
        for (Doomed each : due) {
            if (!each.blobs().isEmpty()) {
                blobs.delete(each.blobs(), each.slice());
            }
        }
        CrashPoint.DOOMED_FILES_REMOVED.reached();
        database.change(handle -> {
            handle.createUpdate(
                    """
                            UPDATE message SET content = NULL
                              FROM unnest(:epochs, :messages) AS asked (epoch, message_id)
                             WHERE message.epoch = asked.epoch AND message.message_id = asked.message_id
                               AND content IS NOT NULL
                            """)
                    .bindArray("epochs", Long.class, due.stream().map(Doomed::epoch).toList())
                    .bindArray("messages", UUID.class, ids(due))
                    .execute();
            ReactionChange.end(handle, ids(due), due.stream().map(Doomed::epoch).toList());
            return handle.createUpdate("UPDATE doomed SET scrubbed = true WHERE message_id = ANY (:messages)")
                    .bindArray("messages", UUID.class, ids(due))
                    .execute();
        });
        CrashPoint.DOOMED_SCRUBBED.reached();
        return due.size();
    }

    /** Those of which nothing is held, or all that is held is secured. */
    private List<Doomed> rescued(List<Doomed> due) {
        if (due.isEmpty() || !rescue.isNeeded()) {
            return due;
        }
        Set<UUID> kept = rescue.rescue(ids(due), due.stream().map(Doomed::epoch).distinct().toList());
        return due.stream().filter(each -> !kept.contains(each.message().value())).toList();
    }

    /** Some of those whose end has come, in its order, and after one of them. */
    private List<Doomed> due(boolean scrubbed, Optional<Doomed> after) {
        return database.read(handle -> handle.createQuery(
                """
                        SELECT * FROM doomed
                         WHERE scrubbed = :scrubbed AND due_at <= now() AND (due_at, message_id) > (:at, :message)
                         ORDER BY due_at, message_id LIMIT :some
                        """)
                .bind("scrubbed", scrubbed)
                .bind("at", Scribe.parameter(after.map(Doomed::dueAt).orElse(Instant.EPOCH)))
                .bind("message", after.map(last -> last.message().value()).orElse(new UUID(0, 0)))
                .bind("some", AT_ONCE)
                .map((row, _) -> doomed(row))
                .list());
    }

    private static List<UUID> ids(List<Doomed> doomed) {
        return doomed.stream().map(each -> each.message().value()).toList();
    }

    /**
     * Destroys the keys of messages whose early end has come: from now on no backup can be read either.
     *
     * <p>On a full disk nothing may be scrubbed nor recorded: that waits, and the keys do not.
     */
    public void puncture() {
        List<Doomed> due = due(false, Optional.empty());
        while (!due.isEmpty()) {
            keys.puncture(rescued(due).stream().map(Doomed::key).toList());
            due = due(false, Optional.of(due.getLast()));
        }
        Optional<RuntimeException> failure = Optional.empty();
        due = due(true, Optional.empty());
        while (!due.isEmpty()) {
            CrashPoint.DOOMED_DUE.reached();
            keys.puncture(due.stream().map(Doomed::key).toList());
            CrashPoint.DOOMED_PUNCTURED.reached();
            try {
                recordPunctured(ids(due));
            } catch (JdbiException | Refused e) {
                failure = Optional.of(e);
            }
            due = due(true, Optional.of(due.getLast()));
        }
        if (failure.isPresent()) {
            throw failure.get();
        }
    }

    private void recordPunctured(List<UUID> messages) {
        int punctured = database.change(handle -> {
            List<Doomed> gone = handle.createQuery("DELETE FROM doomed WHERE message_id = ANY (:ids) RETURNING *")
                    .bindArray("ids", UUID.class, messages)
                    .map((row, _) -> doomed(row))
                    .list();
            record.append(handle, drafts(handle, gone, now(handle)));
            return gone.size();
        });
        meter.punctured(punctured);
        CrashPoint.DOOMED_RECORDED.reached();
    }

    private static List<Deletion.Draft> drafts(Handle handle, List<Doomed> gone, Instant now) {
        List<Deletion.Draft> drafts = new ArrayList<>(gone.size());
        Set<UUID> held = Rescue.held(handle, ids(gone));
        // A held message is recorded when it is released.
        for (Doomed each : gone.stream().filter(one -> !held.contains(one.message().value())).toList()) {
            drafts.add(Deletion.Draft.message(
                    each.organization(),
                    each.message().value(),
                    each.reason(),
                    Optional.of(each.key()),
                    each.decidedAt(),
                    now));
        }
        return drafts;
    }

    private static Instant now(Handle handle) {
        return handle.createQuery("SELECT clock_timestamp() AS now")
                .map((row, _) -> MessageRow.instant(row, "now"))
                .one();
    }

    /** Tells the meter what should be gone and is not; of rows in partitions the database's estimate. */
    public void measure() {
        database.read(handle -> {
            Overdue overdue = handle.createQuery(
                    """
                            SELECT (SELECT coalesce(sum(greatest(reltuples, 0)), 0)::bigint FROM pg_class
                                     WHERE oid IN (SELECT to_regclass('message_' || epoch) FROM epoch
                                                    WHERE ends_at <= now()))
                                   + (SELECT count(*) FROM doomed WHERE due_at <= now() AND NOT scrubbed) AS rows,
                                   coalesce(extract(epoch FROM now() - least(
                                       (SELECT min(ends_at) FROM epoch WHERE ends_at <= now()),
                                       (SELECT min(ends_at) FROM slice WHERE ends_at <= now()
                                                                         AND destroyed_at IS NULL),
                                       (SELECT min(due_at) FROM doomed WHERE due_at <= now()))), 0)::bigint AS seconds
                            """)
                    .map((row, _) -> new Overdue(row.getLong("rows"), row.getLong("seconds")))
                    .one();
            meter.overdue(overdue.rows(), overdue.seconds());
            return overdue;
        });
    }

    private record Overdue(long rows, long seconds) {}
}
