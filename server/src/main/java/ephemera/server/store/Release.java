package ephemera.server.store;

import ephemera.core.talk.MessageId;
import ephemera.core.vault.Blobs;
import ephemera.core.vault.Deletion;
import ephemera.core.vault.KeyId;
import ephemera.core.vault.KeyRing;
import ephemera.core.vault.Slice;
import ephemera.core.vault.Term;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * What destroys the content of holds that were released, and keeps the key store's view of holds true.
 *
 * <p>Every step can be repeated: after a crash at any point the next round goes on. One process at a time does it.
 * Thread-safe.
 */
public final class Release {

    private static final Logger LOG = System.getLogger(Release.class.getName());
    private static final int AT_ONCE = 5_000;
    private static final UUID FIRST = new UUID(0, 0);

    /** Also what somebody who had not yet heard of the release has left since. */
    private static final String UNSETTLED =
            """
            SELECT * FROM hold
             WHERE destroyed_at IS NULL OR EXISTS (SELECT FROM held WHERE held.hold_id = hold.hold_id)
             ORDER BY number
            """;

    private final Database database;
    private final KeyRing keys;
    private final Blobs blobs;
    private final DeletionRecord record;
    private final Rescue rescue;
    private final Consumer<CrashPoint> steps;

    /** Makes what destroys on that database, those keys and those files. */
    public Release(Database database, KeyRing keys, Blobs blobs, DeletionRecord record, Rescue rescue) {
        this(database, keys, blobs, record, rescue, CrashPoint::reached);
    }

    /** Makes one that tells each step after it is done. */
    Release(
            Database database,
            KeyRing keys,
            Blobs blobs,
            DeletionRecord record,
            Rescue rescue,
            Consumer<CrashPoint> steps) {
        this.database = database;
        this.keys = keys;
        this.blobs = blobs;
        this.record = record;
        this.rescue = rescue;
        this.steps = steps;
    }

    /** Destroys what is released; where there is no hold, it costs one query. */
    public void settle() {
        List<Hold> unsettled = unsettled();
        boolean released = unsettled.stream().anyMatch(hold -> hold.releasedAt().isPresent());
        if (released || rescue.wasNeeded() == unsettled.isEmpty() || !fresh().isEmpty()) {
            database.change(handle -> {
                Holds.lock(handle);
                settleAll();
                return handle;
            });
        }
    }

    private List<Hold> unsettled() {
        return database.read(handle -> handle.createQuery(UNSETTLED).map((row, _) -> Hold.read(row)).list());
    }

    /** Nobody places or releases meanwhile; other connections than the one that has the lock do the work. */
    private void settleAll() {
        List<Hold> unsettled = unsettled();
        mark(unsettled);
        boolean adopted = true;
        for (Hold hold : fresh()) {
            adopted &= rescue.adopt(hold);
        }
        if (!adopted) {
            LOG.log(Level.DEBUG, "a hold waits for what another one has not secured yet");
        }
        for (Hold hold : unsettled) {
            if (hold.releasedAt().isPresent() && adopted) {
                destroy(hold);
            }
        }
    }

    private List<Hold> fresh() {
        return database.read(handle -> handle.createQuery(
                "SELECT * FROM hold WHERE NOT adopted AND released_at IS NULL ORDER BY number")
                .map((row, _) -> Hold.read(row))
                .list());
    }

    /** Sees to it that the key store has slices of the holds that there are, and of no others. */
    private void mark(List<Hold> unsettled) {
        Set<Slice> marks = keys.slices().stream()
                .filter(slice -> slice.term() == Term.HELD)
                .collect(Collectors.toSet());
        for (Hold hold : unsettled) {
            if (!marks.remove(hold.slice()) && hold.releasedAt().isEmpty()) {
                // The rows come from a backup, and the keys do not.
                keys.prepare(hold.slice());
            }
        }
        // Somebody died before the hold was placed, or after it was destroyed.
        marks.forEach(keys::destroy);
    }

    private void destroy(Hold hold) {
        destroyOwn(hold);
        steps.accept(CrashPoint.RELEASED_KEYS_PUNCTURED);
        keys.destroy(hold.slice());
        steps.accept(CrashPoint.RELEASED_KEYS_DESTROYED);
        blobs.delete(hold.epoch());
        steps.accept(CrashPoint.RELEASED_FILES_REMOVED);
        int gone = AT_ONCE;
        while (gone == AT_ONCE) {
            gone = destroyRows(hold);
        }
        database.change(handle -> handle.createUpdate(
                "UPDATE hold SET destroyed_at = clock_timestamp() WHERE hold_id = :hold")
                .bind("hold", hold.id())
                .execute());
        steps.accept(CrashPoint.RELEASED_RECORDED);
    }

    /**
     * Destroys the keys and files that the messages had while they were alive: that is due, but not all of it may be
     * done yet, and what is recorded must be true.
     */
    private void destroyOwn(Hold hold) {
        List<Gone> some = copies(hold, FIRST);
        while (!some.isEmpty()) {
            for (Gone each : some) {
                if (!each.blobs().isEmpty()) {
                    blobs.delete(each.blobs(), each.own().slice());
                }
            }
            keys.puncture(some.stream().map(Gone::own).toList());
            some = copies(hold, some.getLast().message().value());
        }
    }

    private List<Gone> copies(Hold hold, UUID after) {
        return database.read(handle -> handle.createQuery(
                """
                        SELECT * FROM held
                         WHERE hold_id = :hold AND message_id > :after
                           AND NOT EXISTS (SELECT FROM held AS other
                                            WHERE other.message_id = held.message_id AND other.hold_id <> :hold)
                         ORDER BY message_id LIMIT :some
                        """)
                .bind("hold", hold.id())
                .bind("after", after)
                .bind("some", AT_ONCE)
                .map((row, _) -> gone(row, hold))
                .list());
    }

    /** What a hold had of a message. */
    private record Gone(
            MessageId message, String organization, KeyId own, Optional<KeyId> key, List<UUID> blobs) {}

    private static Gone gone(ResultSet row, Hold hold) throws SQLException {
        KeyId own = new KeyId(
                Slice.ofCode(row.getLong("slice")).orElseThrow(), row.getLong("own_tree"), row.getInt("own_leaf"));
        Optional<Long> tree = Optional.ofNullable(row.getObject("key_tree", Long.class));
        int leaf = row.getInt("key_leaf");
        return new Gone(
                new MessageId(row.getObject("message_id", UUID.class)),
                row.getString("organization_id"),
                own,
                tree.map(number -> new KeyId(hold.slice(), number, leaf)),
                MessageRow.blobs(row));
    }

    /** Deletes some rows, and records those messages of which no other hold has anything. */
    private int destroyRows(Hold hold) {
        return database.change(handle -> {
            List<Gone> gone = handle.createQuery(
                    """
                            DELETE FROM held
                             WHERE hold_id = :hold
                               AND message_id IN (SELECT message_id FROM held WHERE hold_id = :hold LIMIT :some)
                            RETURNING *
                            """)
                    .bind("hold", hold.id())
                    .bind("some", AT_ONCE)
                    .map((row, _) -> gone(row, hold))
                    .list();
            Set<UUID> elsewhere = Rescue.held(
                    handle, gone.stream().map(each -> each.message().value()).toList());
            Instant now = handle.createQuery("SELECT clock_timestamp() AS now")
                    .map((row, _) -> MessageRow.instant(row, "now"))
                    .one();
            List<Deletion.Draft> drafts = new ArrayList<>(gone.size());
            for (Gone each : gone) {
                if (!elsewhere.contains(each.message().value())) {
                    drafts.add(Deletion.Draft.message(
                            each.organization(),
                            each.message().value(),
                            Deletion.Reason.RELEASED,
                            each.key().or(() -> Optional.of(each.own())),
                            hold.releasedAt().orElseThrow(),
                            now));
                }
            }
            record.append(handle, drafts);
            return gone.size();
        });
    }
}
