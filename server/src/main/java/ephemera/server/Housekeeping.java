package ephemera.server;

import ephemera.core.inbox.Inbox;
import ephemera.server.store.Ahead;
import ephemera.server.store.DatabaseClock;
import ephemera.server.store.DeletionRecord;
import ephemera.server.store.PostgresClients;
import ephemera.server.store.PostgresCredentials;
import ephemera.server.store.PostgresJournal;
import ephemera.server.store.Release;
import ephemera.server.store.Shredder;
import ephemera.server.store.Sweep;
import ephemera.server.store.UploadSweep;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * What must happen as time passes: settling auto-ack streams, destroying what has expired, comparing clocks.
 *
 * <p>Nothing that a user can see depends on its being punctual: reads judge expiry themselves.
 */
final class Housekeeping implements AutoCloseable {

    private static final Logger LOG = System.getLogger(Housekeeping.class.getName());
    private static final Duration UNCLAIMED = Duration.ofHours(1);
    private static final Duration PUNCTURE_EVERY = Duration.ofMinutes(1);

    private final Inbox inbox;
    private final PostgresJournal journal;
    private final Shredder shredder;
    private final Release release;
    private final Sweep sweep;
    private final UploadSweep uploads;
    private final PostgresCredentials credentials;
    private final PostgresClients clients;
    private final Ahead ahead;
    private final DeletionRecord record;
    private final DatabaseClock clock;
    private final Duration earlyDeath;
    private final ScheduledExecutorService timer =
            Executors.newScheduledThreadPool(4, Thread.ofPlatform().name("housekeeping ", 0).factory());
    /** For what needs no database, and must not stand in line with what waits for one. */
    private final ScheduledExecutorService keyTimer =
            Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("housekeeping of keys").factory());

    /**
     * Makes the jobs of one server.
     *
     * @param earlyDeath how long keys of messages that died early may last
     */
    Housekeeping(
            Inbox inbox,
            PostgresJournal journal,
            Shredder shredder,
            Release release,
            Sweep sweep,
            UploadSweep uploads,
            PostgresCredentials credentials,
            PostgresClients clients,
            Ahead ahead,
            DeletionRecord record,
            DatabaseClock clock,
            Duration earlyDeath) {
        this.inbox = inbox;
        this.journal = journal;
        this.shredder = shredder;
        this.release = release;
        this.sweep = sweep;
        this.uploads = uploads;
        this.credentials = credentials;
        this.clients = clients;
        this.ahead = ahead;
        this.record = record;
        this.clock = clock;
        this.earlyDeath = earlyDeath;
    }

    /** Ends what ended while no server ran, before anybody is served; then begins the rounds. */
    void start() {
        safely(shredder::destroySlices);
        safely(sweep::requests);
        safely(ahead::prepare);
        every(250, TimeUnit.MILLISECONDS, inbox::settle);
        every(10, TimeUnit.SECONDS, clock::measure);
        every(10, TimeUnit.SECONDS, ahead::prepare);
        ScheduledFuture<?> _ =
                keyTimer.scheduleWithFixedDelay(() -> safely(shredder::destroyKeys), 1, 1, TimeUnit.SECONDS);
        every(1, TimeUnit.SECONDS, shredder::destroySlices);
        every(1, TimeUnit.SECONDS, shredder::closeEpochs);
        every(1, TimeUnit.SECONDS, shredder::scrub);
        every(1, TimeUnit.SECONDS, journal::endDeleted);
        every(punctureEvery().toMillis(), TimeUnit.MILLISECONDS, shredder::puncture);
        every(punctureEvery().toMillis(), TimeUnit.MILLISECONDS, uploads::sweep);
        every(1, TimeUnit.SECONDS, release::settle);
        every(5, TimeUnit.SECONDS, shredder::measure);
        every(60, TimeUnit.SECONDS, record::signDays);
        every(10, TimeUnit.SECONDS, credentials::endRevoked);
        every(10, TimeUnit.SECONDS, clients::endRevoked);
        every(600, TimeUnit.SECONDS, sweep::requests);
        every(600, TimeUnit.SECONDS, sweep::tokens);
        every(600, TimeUnit.SECONDS, sweep::repeatable);
        every(600, TimeUnit.SECONDS, () -> sweep.files(clock.instant().minus(UNCLAIMED)));
    }

    /**
     * Half of what is promised, since a round takes time too, and a minute at most: a round without work costs a query.
     */
    private Duration punctureEvery() {
        Duration half = earlyDeath.dividedBy(2);
        return half.compareTo(PUNCTURE_EVERY) < 0 ? half : PUNCTURE_EVERY;
    }

    private void every(long period, TimeUnit unit, Runnable work) {
        ScheduledFuture<?> _ = timer.scheduleWithFixedDelay(() -> safely(work), period, period, unit);
    }

    /**
     * A failed round is no reason to end all further ones, nor not to serve; not even an {@link Error} is: keys that
     * nobody destroys any more would be a promise broken.
     */
    private static void safely(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            LOG.log(Level.WARNING, "housekeeping failed; it will be tried again", e);
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
        keyTimer.shutdownNow();
    }
}
