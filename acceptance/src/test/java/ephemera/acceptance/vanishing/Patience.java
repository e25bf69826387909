package ephemera.acceptance.vanishing;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** How these tests wait: for an instant of the clock that they share with the server, or for something to be so. */
final class Patience {

    private Patience() {}

    /** Waits until an instant. */
    static void until(Instant instant) {
        for (Instant now = Instant.now(); now.isBefore(instant); now = Instant.now()) {
            LockSupport.parkNanos(Duration.between(now, instant).toNanos());
        }
    }

    /** Waits until something is so; later than the deadline is a failure. */
    static void until(String what, Instant deadline, BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError("It is past " + deadline + ", and not so that " + what + ".");
            }
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
        }
    }
}
