package ephemera.core.directory;

import ephemera.core.Failure;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Counts failed sign-ins and refuses further ones for a while.
 *
 * <p>Each subject (a login at an address, a key, a remote address) may fail a number of times within a window; then
 * every attempt is refused until the window has passed, right or wrong. The counts live in memory, in a table of
 * bounded size that forgets the oldest subject first. Thread-safe.
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
        current(subject).filter(count -> count.failures >= allowed).ifPresent(count -> {
            throw Failure.TOO_MANY.refused().retryAfter(Duration.between(clock.instant(), count.since.plus(window)));
        });
    }

    /** Notes a failure of the subject. */
    public synchronized void failed(String subject) {
        Count count = current(subject).orElseGet(() -> new Count(0, clock.instant()));
        counts.put(subject, new Count(count.failures + 1, count.since));
    }

    /** How many more failures the subject is allowed. */
    public synchronized int left(String subject) {
        return Math.max(0, allowed - current(subject).map(Count::failures).orElse(0));
    }

    /** The count of a subject whose window has not passed; an older one is forgotten. */
    private Optional<Count> current(String subject) {
        Count count = counts.get(subject);
        if (count != null && !clock.instant().isBefore(count.since.plus(window))) {
            counts.remove(subject);
            return Optional.empty();
        }
        return Optional.ofNullable(count);
    }

    /** Forgets the failures of a subject that has succeeded. */
    public synchronized void succeeded(String subject) {
        counts.remove(subject);
    }
}
