package ephemera.acceptance.client;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * The time that something which must happen is given, so long that no slow machine misses it.
 *
 * <p>Only time counts in which somebody looks: of a pause in which the whole machine stood still a second counts, since
 * what is waited for stood still too. To be used by one thread.
 */
public final class Deadline {
    /** How long a test waits for what must happen, unless the thing itself takes longer. */
    public static final Duration LONGEST = Duration.ofSeconds(60);
    /** How long one may wait at most before looking again. */
    private static final Duration STEP = Duration.ofSeconds(1);
    private static final Duration PAUSE = Duration.ofMillis(50);

    private long leftNanos;
    private long lookedNanos = System.nanoTime();

    private Deadline(Duration longest) {
        leftNanos = longest.toNanos();
    }

    /** Begins to count. */
    public static Deadline in(Duration longest) {
        return new Deadline(longest);
    }

    /** Says whether the time is over. */
    public boolean isOver() {
        long now = System.nanoTime();
        leftNanos -= Math.min(now - lookedNanos, STEP.toNanos());
        lookedNanos = now;
        return leftNanos <= 0;
    }

    /** Gives for how many nanoseconds to wait until one looks again: a second at most, and none when it is over. */
    public long step() {
        return isOver() ? 0 : Math.min(leftNanos, STEP.toNanos());
    }

    /** Waits until something is so, as long as it may take; it is looked once more after that. */
    public static void until(String what, BooleanSupplier condition) {
        until(what, LONGEST, condition);
    }

    /** Waits until something is so, so long at most; it is looked once more after that. */
    public static void until(String what, Duration longest, BooleanSupplier condition) {
        Deadline deadline = in(longest);
        boolean last = false;
        while (!condition.getAsBoolean()) {
            if (last) {
                throw new AssertionError("It took longer than " + longest.toSeconds() + " s until " + what + ".");
            }
            LockSupport.parkNanos(PAUSE.toNanos());
            last = deadline.isOver();
        }
    }

    /** Repeats a check until it passes; what is wrong at the end of the time, it fails with. */
    public static void untilPasses(Runnable check) {
        Deadline deadline = in(LONGEST);
        while (true) {
            boolean last = deadline.isOver();
            try {
                check.run();
                return;
            } catch (AssertionError | UncheckedIOException e) {
                if (last) {
                    throw e;
                }
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }
}
