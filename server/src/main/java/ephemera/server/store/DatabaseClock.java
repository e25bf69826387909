package ephemera.server.store;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * The database's clock as this process can tell it: its own clock, corrected by the difference that was measured last.
 *
 * <p>Good for what was read from the database already and waits in memory; reads ask the database itself. Thread-safe.
 */
public final class DatabaseClock implements InstantSource {

    private final Database database;
    private final InstantSource own;
    private volatile Duration ahead = Duration.ZERO;

    /** Makes a clock that agrees with the own one until {@link #measure} is called. */
    public DatabaseClock(Database database, InstantSource own) {
        this.database = database;
        this.own = own;
    }

    /** Measures the difference; what the question takes is counted half to each way. */
    public void measure() {
        Instant asked = own.instant();
        Instant told = database.read(handle -> handle.createQuery("SELECT clock_timestamp() AS now")
                .map((row, _) -> MessageRow.instant(row, "now"))
                .one());
        Duration took = Duration.between(asked, own.instant());
        ahead = Duration.between(asked.plus(took.dividedBy(2)), told);
    }

    @Override
    public Instant instant() {
        return own.instant().plus(ahead);
    }
}
