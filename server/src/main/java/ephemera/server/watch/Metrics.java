package ephemera.server.watch;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;

/**
 * What the server counts and times, each under a name of its own here.
 *
 * <p>All methods but {@link #scrape} may be called from any thread, the event loop included: they never wait. Counting
 * takes about ten nanoseconds, timing a request about a hundred.
 */
public final class Metrics implements AutoCloseable {

    /** The media type of {@link #scrape}. */
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();
    private final Counter sends = counter("ephemera.sends.acknowledged", "Messages acknowledged to their senders");
    private final DistributionSummary batches = DistributionSummary.builder("ephemera.journal.batch")
            .description("Changes in one transaction of the journal")
            .serviceLevelObjectives(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
            .register(registry);
    private final Timer commits = Timer.builder("ephemera.journal.commit")
            .description("Time of one transaction of the journal, until it is on disk")
            .serviceLevelObjectives(millis(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000))
            .register(registry);
    private final Counter delivered = counter("ephemera.events.delivered", "Events written to streams");
    private final Counter replays = counter("ephemera.stream.replays", "Streams that began with a replay");
    private final Counter replayed = counter("ephemera.events.replayed", "Events written by replays");
    private final Counter fallbacks =
            counter("ephemera.stream.fallbacks", "Streams that became too slow and read from the database again");
    private final Counter loginFailures = counter("ephemera.login.failures", "Sign-ins refused for wrong credentials");
    private final AtomicInteger streams = new AtomicInteger();
    private final Counter slices = counter("ephemera.slices.destroyed", "Slices whose keys were all destroyed");
    private final Counter punctured =
            counter("ephemera.keys.destroyed", "Keys of messages that were destroyed before the end of their slices");
    private final Timer closings = Timer.builder("ephemera.epochs.closed")
            .description("Time to remove the rows and files of an epoch")
            .serviceLevelObjectives(millis(10, 20, 50, 100, 200, 500, 1000, 5000))
            .register(registry);
    private final Counter webhooksDied =
            counter("ephemera.webhooks.given.up", "Deliveries to webhooks that were given up");
    private final AtomicInteger webhooksWaiting = new AtomicInteger();
    private final AtomicLong webhooksOldest = new AtomicLong();
    private final AtomicLong overdueRows = new AtomicLong();
    private final AtomicLong overdueSeconds = new AtomicLong();

    /** Makes the metrics of one server, with those of its process. */
    public Metrics() {
        gauge("ephemera.streams.open", "Event streams open", streams::get);
        gauge("ephemera.overdue.rows", "Rows that should be gone and are not", overdueRows::intValue);
        gauge(
                "ephemera.overdue.oldest.seconds",
                "Since when the oldest row or key should be gone that is not",
                overdueSeconds::intValue);
        queue("webhooks", webhooksWaiting::get);
        gauge(
                "ephemera.webhooks.oldest.seconds",
                "Since when the oldest delivery to a webhook waits",
                webhooksOldest::intValue);
        new JvmMemoryMetrics().bindTo(registry);
        collections.bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        // Not JvmThreadMetrics: it walks all threads six times a scrape to tell their states.
        gauge("jvm.threads.live", "Platform threads", ManagementFactory.getThreadMXBean()::getThreadCount);
    }

    /**
     * Returns the meters of one route, to be kept beside it.
     *
     * @param method the HTTP method
     * @param template the path with its parameters named, such as {@code /v2/message/{token}/}; never an actual path
     */
    public Route route(String method, String template) {
        return new Route(registry, method, template);
    }

    /** Counts sends that were acknowledged. */
    public void sendsAcknowledged(int count) {
        sends.increment(count);
    }

    /**
     * Notes one transaction of the journal.
     *
     * @param changes the changes in it
     * @param nanos the time until it was committed
     */
    public void journalCommitted(int changes, long nanos) {
        batches.record(changes);
        commits.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** Counts events written to streams. */
    public void eventsDelivered(int count) {
        delivered.increment(count);
    }

    /** Counts a slice whose keys were destroyed. */
    public void sliceDestroyed() {
        slices.increment();
    }

    /** Counts keys that were destroyed before the end of their slices. */
    public void keysPunctured(int count) {
        punctured.increment(count);
    }

    /** Notes an epoch that was closed. */
    public void epochClosed(long nanos) {
        closings.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** Sets how much should be gone and is not. */
    public void overdue(long rows, long seconds) {
        overdueRows.set(rows);
        overdueSeconds.set(seconds);
    }

    /**
     * Counts an attempt of a delivery to a webhook.
     *
     * @param outcome one of a few words in lower case
     */
    public void webhookAttempted(String outcome) {
        Counter.builder("ephemera.webhooks.attempts")
                .description("Attempts of deliveries to webhooks, by what came of them")
                .tag("outcome", outcome)
                .register(registry)
                .increment();
    }

    /** Counts deliveries to webhooks that were given up. */
    public void webhooksGivenUp(int count) {
        webhooksDied.increment(count);
    }

    /** Sets how many deliveries to webhooks wait, and how long the oldest of them has been waiting. */
    public void webhooksWaiting(int length, Duration oldest) {
        webhooksWaiting.set(length);
        webhooksOldest.set(oldest.toSeconds());
    }

    /** Notes that a stream opened; {@link #streamClosed} must follow once. */
    public void streamOpened() {
        streams.incrementAndGet();
    }

    /** Notes that a stream closed. */
    public void streamClosed() {
        streams.decrementAndGet();
    }

    /** Notes a replay and the events in it. */
    public void streamReplayed(int events) {
        replays.increment();
        replayed.increment(events);
    }

    /** Notes that a stream became too slow for its buffer and reads from the database again. */
    public void streamFellBack() {
        fallbacks.increment();
    }

    /** Notes a sign-in refused for wrong credentials. */
    public void loginFailed() {
        loginFailures.increment();
    }

    /**
     * Shows the depth of a queue, asked at each scrape.
     *
     * @param name lower case words parted by dashes, one queue each
     * @param depth must be quick and safe for use by several threads
     */
    public void queue(String name, IntSupplier depth) {
        Gauge.builder("ephemera.queue.depth", depth, IntSupplier::getAsInt)
                .description("Entries that wait in a queue")
                .tag("queue", name)
                .strongReference(true)
                .register(registry);
    }

    /** Returns the registry, for libraries that bring metrics of their own, such as the connection pool. */
    public MeterRegistry registry() {
        return registry;
    }

    /** Returns all values in the text format of Prometheus; takes milliseconds, so not on the event loop. */
    public String scrape() {
        return registry.scrape();
    }

    /** Stops watching the process; values stay readable. */
    @Override
    public void close() {
        collections.close();
        registry.close();
    }

    private Counter counter(String name, String description) {
        return Counter.builder(name).description(description).register(registry);
    }

    private void gauge(String name, String description, IntSupplier value) {
        Gauge.builder(name, value, IntSupplier::getAsInt)
                .description(description)
                .strongReference(true)
                .register(registry);
    }

    static Duration[] millis(long... bounds) {
        return Arrays.stream(bounds).mapToObj(Duration::ofMillis).toArray(Duration[]::new);
    }
}
