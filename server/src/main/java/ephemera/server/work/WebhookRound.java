package ephemera.server.work;

import ephemera.core.outreach.EntityText;
import ephemera.core.outreach.Outcome;
import ephemera.core.outreach.Retry;
import ephemera.core.outreach.Trouble;
import ephemera.core.outreach.WebhookId;
import ephemera.server.channel.webhook.WebhookCaller;
import ephemera.server.store.PostgresOutbox;
import ephemera.server.store.PostgresOutbox.Claim;
import ephemera.server.store.PostgresWebhooks;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Delivers what the outbox holds to the webhooks, until it is closed.
 *
 * <p>At most 32 attempts are under way in this process, four of one webhook, and one of a webhook whose last attempt
 * failed: receivers that do not answer cannot take all the places. Thread-safe.
 */
public final class WebhookRound implements AutoCloseable {

    private static final Logger LOG = System.getLogger(WebhookRound.class.getName());

    private static final int PLACES = 32;
    private static final int PLACES_EACH = 4;
    /** Much longer than an attempt takes, so that nobody else begins while it is under way. */
    private static final Duration LEASE = Duration.ofSeconds(60);
    /** Others may have noted something, and what failed falls due. */
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
    private static final Duration MEASURE_EVERY = Duration.ofSeconds(10);
    /** How long those that were given up are kept. */
    private static final Duration DEAD_KEPT = Duration.ofDays(7);
    private static final Duration LAST_WORDS = Duration.ofSeconds(5);

    private final PostgresOutbox outbox;
    private final PostgresWebhooks webhooks;
    private final EntityText text;
    private final WebhookCaller caller;
    private final RandomGenerator random;
    private final Meter meter;
    private final Semaphore woken = new Semaphore(0);
    private final Thread thread = Thread.ofVirtual().name("webhooks").unstarted(this::run);
    private volatile boolean closed;

    /** Attempts under way, by webhook; guarded by this object, as is the next field. */
    private final Map<WebhookId, Integer> busy = new HashMap<>();

    /** The webhooks whose last attempt failed. */
    private final Set<WebhookId> failing = new HashSet<>();

    /**
     * Makes the round; it begins when {@link #start} is called.
     *
     * @param text what is sent
     */
    public WebhookRound(
            PostgresOutbox outbox,
            PostgresWebhooks webhooks,
            EntityText text,
            WebhookCaller caller,
            RandomGenerator random,
            Meter meter) {
        this.outbox = outbox;
        this.webhooks = webhooks;
        this.text = text;
        this.caller = caller;
        this.random = random;
        this.meter = meter;
    }

    /** What is measured of the deliveries. */
    public interface Meter {

        /** An attempt ended so: {@code accepted}, {@code withheld}, or a {@link Trouble} in lower case. */
        void attempted(String outcome);

        /** So many deliveries were given up. */
        void died(int deliveries);

        /** So many deliveries wait, for all servers together, the oldest of them for so long. */
        void waiting(int length, Duration oldest);
    }

    /** Begins to deliver. */
    public void start() {
        outbox.whenNoted(woken::release);
        thread.start();
    }

    private void run() {
        long measureAt = System.nanoTime();
        while (!closed) {
            try {
                if (System.nanoTime() - measureAt >= 0) {
                    measureAt = System.nanoTime() + MEASURE_EVERY.toNanos();
                    tidy();
                }
                if (!webhooks.areAny() || !begin()) {
                    boolean _ = woken.tryAcquire(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
                    woken.drainPermits();
                }
            } catch (InterruptedException _) {
                closed = true;
            } catch (RuntimeException e) {
                LOG.log(Level.WARNING, "The deliveries to webhooks pause; they go on in a moment.", e);
                pause();
            }
        }
    }

    private void tidy() {
        int died = outbox.sweep(DEAD_KEPT);
        if (died > 0) {
            LOG.log(Level.WARNING, "{0} deliveries to webhooks waited for a day and were given up.", died);
            meter.died(died);
        }
        PostgresOutbox.Backlog backlog = outbox.backlog();
        meter.waiting(backlog.length(), backlog.oldest());
    }

    /** Claims as much as there is room for and has it done; false if nothing is to be done at the moment. */
    private boolean begin() {
        int free = free();
        List<Claim> claims = free == 0 ? List.of() : outbox.claim(free, PLACES_EACH, fewer(), LEASE);
        for (Claim claim : claims) {
            take(claim.webhook());
            Thread _ = Thread.ofVirtual().name("webhook " + claim.id()).start(() -> {
                try {
                    deliver(claim);
                } catch (RuntimeException e) {
                    // It stays claimed for a while and is then tried again.
                    LOG.log(Level.WARNING, "The outcome of the delivery " + claim.id() + " could not be noted.", e);
                } finally {
                    giveBack(claim.webhook());
                }
            });
        }
        return !claims.isEmpty();
    }

    /** Makes one attempt and notes what came of it. */
    void deliver(Claim claim) {
        Outcome outcome = attempt(claim);
        switch (outcome) {
            case Outcome.Accepted _ -> {
                meter.attempted("accepted");
                noteHealth(claim.webhook(), true);
                outbox.done(claim);
            }
            case Outcome.Withheld() -> {
                meter.attempted("withheld");
                outbox.done(claim);
            }
            case Outcome.Failed failed -> {
                meter.attempted(failed.trouble().name().toLowerCase(Locale.ROOT));
                noteHealth(claim.webhook(), !failed.trouble().passing());
                fail(claim, failed);
            }
        }
    }

    private void fail(Claim claim, Outcome.Failed failed) {
        Optional<Duration> wait = failed.trouble().passing()
                ? Retry.after(claim.attempt(), claim.age(), failed.retryAfter(), random)
                : Optional.empty();
        if (wait.isPresent()) {
            outbox.again(claim, failed, wait.get());
        } else if (outbox.dead(claim, failed)) {
            meter.died(1);
        }
    }

    private Outcome attempt(Claim claim) {
        try {
            Optional<PostgresWebhooks.Target> target = webhooks.target(claim.webhook());
            if (target.isEmpty()) {
                noteHealth(claim.webhook(), true);
                return new Outcome.Withheld();
            }
            return text.of(target.get().webhook(), claim.update())
                    .map(body -> caller.call(target.get().webhook(), target.get().secrets(), claim.id(), body))
                    .orElseGet(Outcome.Withheld::new);
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "The delivery " + claim.id() + " could not be written.", e);
            return Outcome.Failed.of(Trouble.NOT_WRITTEN);
        }
    }

    private synchronized int free() {
        return PLACES - busy.values().stream().mapToInt(Integer::intValue).sum();
    }

    private synchronized Map<WebhookId, Integer> fewer() {
        Map<WebhookId, Integer> fewer = new HashMap<>();
        failing.forEach(webhook -> fewer.put(webhook, 1));
        busy.forEach(
                (webhook, under) -> fewer.merge(webhook, PLACES_EACH - under, (one, _) -> Math.max(one - under, 0)));
        return fewer;
    }

    private synchronized void take(WebhookId webhook) {
        busy.merge(webhook, 1, Integer::sum);
    }

    private synchronized void giveBack(WebhookId webhook) {
        busy.computeIfPresent(webhook, (_, under) -> under == 1 ? null : under - 1);
        woken.release();
        notifyAll();
    }

    private synchronized void noteHealth(WebhookId webhook, boolean healthy) {
        if (healthy) {
            failing.remove(webhook);
        } else {
            failing.add(webhook);
        }
    }

    private void pause() {
        try {
            Thread.sleep(LOOK_EVERY);
        } catch (InterruptedException _) {
            closed = true;
        }
    }

    /** Ends; what is under way has some seconds to be noted, and is otherwise tried again by others. */
    @Override
    public void close() {
        closed = true;
        // Not by an interrupt: it would break the connection to the database that the thread may be using.
        woken.release();
        long deadline = System.nanoTime() + LAST_WORDS.toNanos();
        try {
            thread.join(LAST_WORDS);
            synchronized (this) {
                for (long left = LAST_WORDS.toMillis();
                        !busy.isEmpty() && left > 0;
                        left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())) {
                    wait(left);
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        caller.close();
    }
}
