package ephemera.core.outreach;

import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * When a failed delivery is tried again: exponential back-off with full jitter, so that those who failed together do
 * not come back together. Stateless.
 */
public final class Retry {

    /** How often a delivery is tried at most. */
    public static final int ATTEMPTS = 15;

    /** How old a delivery gets at most that is not done. */
    public static final Duration AGE = Duration.ofHours(24);

    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofHours(1);

    private Retry() {}

    /**
     * How long to wait before the next attempt; empty if there is none.
     *
     * <p>After attempt n between nothing and 2ⁿ seconds, at most an hour; not before the receiver wants it, unless that
     * is later than in an hour.
     *
     * @param attempts how many there were, at least one
     * @param age since when the delivery waits
     * @param asked how long the receiver wants to be left alone, if it said so
     */
    public static Optional<Duration> after(
            int attempts, Duration age, Optional<Duration> asked, RandomGenerator random) {
        if (attempts >= ATTEMPTS) {
            return Optional.empty();
        }
        long bound = Math.min(FIRST.toMillis() << Math.min(attempts, 30), LONGEST.toMillis());
        Duration jittered = Duration.ofMillis(random.nextLong(bound + 1));
        // A receiver may ask for any time; it is left alone as long as our own back-off would at most.
        Duration wait = asked.map(least -> least.compareTo(LONGEST) < 0 ? least : LONGEST)
                .filter(least -> least.compareTo(jittered) > 0)
                .orElse(jittered);
        return age.plus(wait).compareTo(AGE) < 0 ? Optional.of(wait) : Optional.empty();
    }
}
