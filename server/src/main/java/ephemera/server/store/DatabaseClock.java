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

    private static final int QUESTIONS = 5;

    private final Database database;
    private final InstantSource own;
    private volatile Duration ahead = Duration.ZERO;

    /** Makes a clock that agrees with the own one until {@link #measure} is called. */
    public DatabaseClock(Database database, InstantSource own) {
        this.database = database;
        this.own = own;
    }

    /**
     * Measures the difference. By each answer it is at most the answer less the time of the question, however long the
     * answer was on its way: the least of several counts, so that content ends a trifle early and never late.
     */
    public void measure() {
        Duration most = ahead();
        for (int i = 1; i < QUESTIONS; i++) {
            Duration next = ahead();
            if (next.compareTo(most) < 0) {
                most = next;
            }
        }
        ahead = most;
    }

    private Duration ahead() {
        return database.read(handle -> {
            Instant asked = own.instant();
            Instant told = handle.createQuery("SELECT clock_timestamp() AS now")
                    .map((row, _) -> MessageRow.instant(row, "now"))
                    .one();
            return Duration.between(asked, told);
        });
    }

    @Override
    public Instant instant() {
        return own.instant().plus(ahead);
    }
}
