package ephemera.server.store;

import ephemera.core.Lifespan;
import ephemera.core.vault.Grid;
import ephemera.core.vault.KeyRing;
import ephemera.core.vault.Slice;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Makes partitions and key trees before the first message needs them, so that no sender waits for either.
 *
 * <p>It looks at which lifespans were used lately; a lifespan that nobody used in an hour is made for at its next use,
 * by its sender. Thread-safe.
 */
public final class Ahead {

    private static final Duration LATELY = Duration.ofHours(1);
    /** Twice as long as two rounds are apart. */
    private static final Duration COMING = Duration.ofSeconds(20);
    /** More different lifespans than people use; whoever tries them all out waits for each. */
    private static final int MOST = 200;

    private final Epochs epochs;
    private final KeyRing keys;
    private final Grid grid;
    private final InstantSource clock;
    private final Map<Lifespan, Instant> used = new ConcurrentHashMap<>();

    /** Makes it for those partitions and keys. */
    public Ahead(Epochs epochs, KeyRing keys, Grid grid, InstantSource clock) {
        this.epochs = epochs;
        this.keys = keys;
        this.grid = grid;
        this.clock = clock;
    }

    /** Notes that a lifespan is in use. */
    void used(Lifespan lifespan) {
        if (used.size() < MOST || used.containsKey(lifespan)) {
            used.put(lifespan, clock.instant());
        }
    }

    /** Makes what will be needed within the next seconds; to be called every ten seconds. */
    public void prepare() {
        Instant now = clock.instant();
        used.values().removeIf(last -> last.plus(LATELY).isBefore(now));
        epochs.fades(now.plus(COMING));
        epochs.audited(now.plus(COMING));
        for (Lifespan lifespan : used.keySet()) {
            Slice slice = grid.slice(now.plus(COMING), lifespan);
            epochs.require(slice);
            keys.prepare(slice);
        }
    }
}
