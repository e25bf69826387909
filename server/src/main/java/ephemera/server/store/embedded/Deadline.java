package ephemera.server.store.embedded;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** An instant until which something is waited for, on the clock that no one sets. */
record Deadline(long nanoTime) {

    static Deadline in(Duration duration) {
        return new Deadline(System.nanoTime() + duration.toNanos());
    }

    boolean isOver() {
        return System.nanoTime() - nanoTime >= 0;
    }

    /** Lets the calling thread rest for one step of a wait; an interrupt ends the program's wait as a failure. */
    void pause(Duration step) {
        try {
            TimeUnit.NANOSECONDS.sleep(step.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting for PostgreSQL", e);
        }
    }

    /** Waits until the condition holds; tells whether it did before the deadline. */
    boolean await(Duration step, BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            if (isOver()) {
                return false;
            }
            pause(step);
        }
        return true;
    }
}
