package ephemera.server;

import ephemera.core.inbox.Inbox;
import ephemera.server.store.DatabaseClock;
import ephemera.server.store.Sweep;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * What must happen as time passes: settling auto-ack streams, removing what has expired, comparing clocks.
 *
 * <p>Nothing that a user can see depends on its being punctual: reads judge expiry themselves.
 */
final class Housekeeping implements AutoCloseable {

    private static final Logger LOG = System.getLogger(Housekeeping.class.getName());
    private static final Duration UNCLAIMED = Duration.ofHours(1);

    private final Inbox inbox;
    private final Sweep sweep;
    private final DatabaseClock clock;
    private final ScheduledExecutorService timer =
            Executors.newScheduledThreadPool(2, Thread.ofPlatform().name("housekeeping ", 0).factory());

    Housekeeping(Inbox inbox, Sweep sweep, DatabaseClock clock) {
        this.inbox = inbox;
        this.sweep = sweep;
        this.clock = clock;
    }

    void start() {
        every(250, TimeUnit.MILLISECONDS, inbox::settle);
        every(10, TimeUnit.SECONDS, clock::measure);
        every(15, TimeUnit.SECONDS, sweep::expired);
        every(600, TimeUnit.SECONDS, () -> sweep.orphans(clock.instant().minus(UNCLAIMED)));
    }

    private void every(long period, TimeUnit unit, Runnable work) {
        ScheduledFuture<?> _ = timer.scheduleWithFixedDelay(
                () -> {
                    try {
                        work.run();
                    } catch (RuntimeException e) {
                        // A failed round is no reason to end all further ones.
                        LOG.log(Level.WARNING, "housekeeping failed; it will be tried again", e);
                    }
                },
                period,
                period,
                unit);
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
