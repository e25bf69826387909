package ephemera.acceptance.vanishing;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;

/** How these tests wait for an instant of the clock that they share with the server. */
final class Patience {

    private Patience() {}

    /** Waits until an instant. */
    static void until(Instant instant) {
        for (Instant now = Instant.now(); now.isBefore(instant); now = Instant.now()) {
            LockSupport.parkNanos(Duration.between(now, instant).toNanos());
        }
    }
}
