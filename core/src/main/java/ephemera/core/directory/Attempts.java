package ephemera.core.directory;

import ephemera.core.Failure;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Counts failed sign-ins and refuses further ones for a while.
 *
 * <p>Each subject (a login at an address, a key, a remote address) may fail a number of times within a window; then every attempt is
 * refused until the window has passed, right or wrong. The counts live in memory, in a table of bounded size that forgets the
 * oldest subject first. Thread-safe.
 */
public final class Attempts {

    private static final int SUBJECTS = 100_000;

    private final InstantSource clock;
    private final int allowed;
    private final Duration window;
    private final Map<String, Count> counts = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Count> eldest) {
            return size() > SUBJECTS;
        }
    };

    private record Count(int failures, Instant since) {}

    /** Makes a counter that allows so many failures of one subject within the window. */
    public Attempts(InstantSource clock, int allowed, Duration window) {
        this.clock = clock;
        this.allowed = allowed;
        this.window = window;
    }

    /**
     * Passes if the subject may try now.
     *
     * @throws ephemera.core.Refused with {@code TOO_MANY} and the time to wait
     */
    public synchronized void check(String subject) {
        Count count = counts.get(subject);
        if (count == null || count.failures < allowed) {
            return;
        }
        Duration wait = Duration.between(clock.instant(), count.since.plus(window));
        if (wait.isPositive()) {
            throw Failure.TOO_MANY.refused().retryAfter(wait);
        }
        counts.remove(subject);
    }

    /** Notes a failure of the subject. */
    public synchronized void failed(String subject) {
        Instant now = clock.instant();
        Count count = counts.get(subject);
        boolean fresh = count == null || now.isAfter(count.since.plus(window));
        counts.put(subject, fresh ? new Count(1, now) : new Count(count.failures + 1, count.since));
    }

    /** How many more failures the subject is allowed. */
    public synchronized int left(String subject) {
        Count count = counts.get(subject);
        return count == null ? allowed : Math.max(0, allowed - count.failures);
    }

    /** Forgets the failures of a subject that has succeeded. */
    public synchronized void succeeded(String subject) {
        counts.remove(subject);
    }
}
