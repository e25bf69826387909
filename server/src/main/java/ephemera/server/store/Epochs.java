package ephemera.server.store;

import ephemera.core.talk.MessageId;
import ephemera.core.vault.Epoch;
import ephemera.core.vault.Grid;
import ephemera.core.vault.Slice;
import ephemera.core.vault.Term;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;

/**
 * Which slices are in use, and in which epoch each has its place.
 *
 * <p>A slice is entered before anything is stored that ends with it, and keeps its epoch also if the grid is configured
 * otherwise later. Known slices are remembered; a slice that was destroyed is forgotten when its epoch is closed.
 * Thread-safe.
 */
public final class Epochs {

    /** How long streams are told of changes that are no messages; who was away longer takes a fresh snapshot. */
    static final Duration NOTICE_LIFESPAN = Duration.ofDays(30);

    /** How long the audit trail is kept at least. */
    private static final Duration AUDIT_LIFESPAN = Duration.ofDays(365);

    /** How long a message may live whose part of the audit trail goes with it. */
    private static final Duration LONGEST_AUDIT = Duration.ofDays(370);

    /** Stands for an epoch that does not exist: no row has it. */
    static final long NONE = -1;

    private final Database database;
    private final Grid grid;
    private final Map<Slice, Epoch> known = new ConcurrentHashMap<>();

    /** Makes the register on that database. */
    public Epochs(Database database, Grid grid) {
        this.database = database;
        this.grid = grid;
    }

    /** The epoch of a slice; entered, and made with its partitions, if it is new. */
    public Epoch require(Slice slice) {
        Epoch epoch = known.get(slice);
        return epoch != null ? epoch : enter(slice);
    }

    /** Until when streams are told of a change that happens now and is no message's. */
    Fade fades(Instant now) {
        Instant until = now.plus(NOTICE_LIFESPAN);
        return new Fade(until, require(grid.containing(Term.MONTH, until)).code());
    }

    /** The number of the epoch with which goes what is told of a change that happens now and is no message's. */
    long audited(Instant now) {
        // One slice for all of an epoch: no key of it is ever used.
        Epoch epoch = grid.epoch(grid.containing(Term.YEAR, now.plus(AUDIT_LIFESPAN)));
        return require(new Slice(epoch.term(), epoch.endSecond())).code();
    }

    /** The number of the epoch with which goes what is told of a message: its own, unless that has no end. */
    long audited(MessageId message, Instant now) {
        return message.slice()
                .filter(slice -> slice.term().ends() && slice.end().isBefore(now.plus(LONGEST_AUDIT)))
                .flatMap(this::find)
                .map(Epoch::code)
                .orElseGet(() -> audited(now));
    }

    private synchronized Epoch enter(Slice slice) {
        Optional<Epoch> entered = find(slice);
        if (entered.isPresent()) {
            return entered.get();
        }
        Epoch wished = grid.epoch(slice);
        long code = database.change(handle -> {
            handle.createQuery("SELECT open_epoch(:epoch, :ends)")
                    .bind("epoch", wished.code())
                    .bind("ends", end(wished.end()))
                    .mapTo(String.class)
                    .list();
            return handle.createQuery(
                    """
                            WITH entered AS (
                                 INSERT INTO slice (slice, epoch, ends_at) VALUES (:slice, :epoch, :ends)
                                     ON CONFLICT DO NOTHING RETURNING epoch)
                            SELECT epoch FROM entered UNION ALL SELECT epoch FROM slice WHERE slice = :slice
                            """)
                    .bind("slice", slice.code())
                    .bind("epoch", wished.code())
                    .bind("ends", end(slice.end()))
                    .mapTo(Long.class)
                    .first();
        });
        Epoch epoch = Epoch.ofCode(code);
        known.put(slice, epoch);
        return epoch;
    }

    /** The epoch of a slice; empty if nothing was ever stored in the slice, or its epoch is closed. */
    public Optional<Epoch> find(Slice slice) {
        Epoch remembered = known.get(slice);
        if (remembered != null) {
            return Optional.of(remembered);
        }
        Optional<Epoch> found = database.read(handle -> handle.createQuery(
                "SELECT epoch FROM slice WHERE slice = :slice")
                .bind("slice", slice.code())
                .mapTo(Long.class)
                .findOne())
                .map(Epoch::ofCode);
        found.ifPresent(epoch -> known.put(slice, epoch));
        return found;
    }

    /** The number of the epoch in which a message has its row; {@link #NONE} if there is no such epoch. */
    long of(MessageId message) {
        return message.slice().flatMap(this::find).map(Epoch::code).orElse(NONE);
    }

    /** The numbers of the epochs of several messages, in their order. */
    List<Long> of(Collection<MessageId> messages) {
        return messages.stream().map(this::of).toList();
    }

    /** Forgets the slices of an epoch that is closed. */
    void forget(Epoch epoch) {
        known.values().removeIf(epoch::equals);
    }

    /** An instant as the database keeps it; what does not end is later than everything. */
    static Object end(Instant instant) {
        return instant.equals(Instant.MAX) ? Scribe.parameter(Instant.parse("9999-12-31T00:00:00Z"))
                : Scribe.parameter(instant);
    }

    /** All epochs that are open. */
    static List<Epoch> open(Handle handle) {
        return handle.createQuery("SELECT epoch FROM epoch ORDER BY epoch")
                .mapTo(Long.class)
                .map(Epoch::ofCode)
                .list();
    }
}
