package ephemera.acceptance.bench;

import ephemera.acceptance.client.Credentials;
import ephemera.acceptance.client.Reply;
import ephemera.acceptance.client.Tiger;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Reads of messages around the instant at which they expire, by their recipients: a read that begins at or after the
 * instant has to find nothing, one that is answered before has to find the message.
 *
 * <p>Right only where server and benchmark share one clock.
 */
final class SampledReads {
    private static final Duration BEFORE = Duration.ofMillis(40);
    private static final Duration PAUSE = Duration.ofMillis(2);
    private static final Duration AFTER = Duration.ofMillis(60);

    private final Tiger server;
    private final List<Credentials> readers;
    private final List<DyingMessages.Sample> sample;
    private final AtomicInteger reads = new AtomicInteger();
    private final AtomicInteger missed = new AtomicInteger();
    private final AtomicInteger late = new AtomicInteger();
    private final AtomicInteger early = new AtomicInteger();

    /**
     * What the reads found.
     *
     * @param reads how many were judged
     * @param messages how many messages were read until they were gone
     * @param late how many reads found a message that was over
     * @param early how many reads missed a message that was not over
     */
    record Verdict(int reads, int messages, int late, int early) {
    }

    SampledReads(URI server, List<Credentials> readers, List<DyingMessages.Sample> sample) {
        this.server = Tiger.at(server);
        this.readers = readers;
        this.sample = sample;
    }

    /** Reads each message around its instant, and tells after the last one what was found. */
    Verdict run() {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> work = new ArrayList<>();
            sample.forEach(each -> work.add(threads.submit(() -> watch(each))));
            for (Future<?> each : work) {
                each.get();
            }
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException("a message could not be read around its end", e);
        }
        return new Verdict(reads.get(), sample.size() - missed.get(), late.get(), early.get());
    }

    private void watch(DyingMessages.Sample message) {
        Tiger reader = server.as(readers.get(message.pair()));
        Reply first = reader.message(message.token());
        if (!first.isSuccess()) {
            // Read too late to know its instant.
            missed.incrementAndGet();
            return;
        }
        Instant end = Instant.parse(first.reply().required("created_time").asString())
                .plus(Duration.ofMinutes(first.reply().required("ttl").asInt()));
        SendPart.sleepUntil(System.nanoTime() + Duration.between(Instant.now(), end.minus(BEFORE)).toNanos());
        Instant began;
        while ((began = Instant.now()).isBefore(end.plus(AFTER))) {
            boolean found = reader.message(message.token()).isSuccess();
            reads.incrementAndGet();
            if (found && !began.isBefore(end)) {
                late.incrementAndGet();
            } else if (!found && Instant.now().isBefore(end)) {
                early.incrementAndGet();
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }
}
