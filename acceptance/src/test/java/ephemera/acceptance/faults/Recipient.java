package ephemera.acceptance.faults;

import ephemera.acceptance.client.Event;
import ephemera.acceptance.client.EventStream;
import ephemera.acceptance.client.Reply;
import ephemera.acceptance.client.Tiger;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Somebody whose stream is opened again whenever it ends, who acknowledges most of what comes, and who notices
 * everything that comes twice, out of order or although it was acknowledged.
 *
 * <p>One thread reads and two acknowledge, as the published JS client does. Thread-safe.
 */
final class Recipient {
    private static final Duration STEP = Duration.ofMillis(40);
    private static final int MOST_IDS = 50;

    private final String token;
    private final Tiger tiger;
    private final Promises promises;
    private final long seed;

    /** By label, the message as it came first. */
    private final Map<String, Came> came = new ConcurrentHashMap<>();
    /** When the server said that it has noted an acknowledgement, by event id. */
    private final Map<String, Long> acknowledged = new ConcurrentHashMap<>();
    /** Events whose acknowledgement was sent, whatever the answer. */
    private final Set<String> tried = ConcurrentHashMap.newKeySet();
    /** Every event with a place of its own in the log. */
    private final Set<String> durable = ConcurrentHashMap.newKeySet();
    private final BlockingQueue<String> toAcknowledge = new LinkedBlockingQueue<>();
    private volatile boolean finished;
    private final AtomicInteger streams = new AtomicInteger();
    private long highest;

    private record Came(String eventId, String messageId, long sortNumber) {
    }

    Recipient(String token, Tiger tiger, Promises promises, long seed) {
        this.token = token;
        this.tiger = tiger;
        this.promises = promises;
        this.seed = seed;
    }

    /** Begins to read and to acknowledge, on threads of its own, which are given so that their end can be awaited. */
    List<Thread> start() {
        return List.of(start("reader", this::readAll),
                start("acknowledger", () -> acknowledgeAll(new Random(seed + 1))),
                start("acknowledger", () -> acknowledgeAll(new Random(seed + 2))));
    }

    private Thread start(String name, Runnable work) {
        return Thread.ofVirtual().name(name).start(() -> {
            try {
                work.run();
            } catch (RuntimeException | AssertionError e) {
                promises.breach("a " + name + " gave up: " + e);
            }
        });
    }

    /** Has the threads end once nothing waits for acknowledgement. */
    void finish() {
        finished = true;
    }

    /** Says whether all these messages came. */
    boolean has(List<Promises.Sent> expected) {
        return came.size() >= expected.size()
                && expected.stream().allMatch(each -> came.containsKey(each.said().label()));
    }

    /** Gives how many messages came and how many streams they took. */
    int messages() {
        return came.size();
    }

    /** Gives how many streams were opened. */
    int streams() {
        return streams.get();
    }

    /** Gives how many events the server has noted as acknowledged. */
    int acknowledgements() {
        return acknowledged.size();
    }

    // ---- reading ----

    private void readAll() {
        Random random = new Random(seed);
        while (!finished) {
            long opened = System.nanoTime();
            try (EventStream stream = tiger.events("heartbeat_5")) {
                streams.incrementAndGet();
                follow(stream, opened, random);
            } catch (UncheckedIOException | AssertionError e) {
                if (String.valueOf(e.getMessage()).contains("answered with 4")) {
                    promises.breach("a stream was refused: " + e.getMessage());
                }
                LockSupport.parkNanos(STEP.toNanos());
            }
        }
    }

    private void follow(EventStream stream, long opened, Random random) {
        Set<String> here = new HashSet<>();
        long last = 0;
        while (!finished) {
            Event event = stream.poll(STEP).orElse(null);
            if (event == null) {
                if (stream.end().isPresent()) {
                    noteEnd(stream.end().get());
                    return;
                }
                continue;
            }
            take(event, opened, here);
            if (event.isMessage()) {
                long sortNumber = event.payload().path("sort_number").asLong(0);
                if (sortNumber <= last) {
                    promises.breach("on one stream %d came after %d".formatted(sortNumber, last));
                }
                last = sortNumber;
                take(event, sortNumber);
            }
            // What is left out now and then comes again with the next stream.
            if (event.isAcknowledged() && random.nextInt(50) != 0) {
                toAcknowledge.add(event.id());
            }
        }
    }

    private void noteEnd(String why) {
        if (!why.startsWith("closed")) {
            promises.breach("a stream ended: " + why);
        }
    }

    private void take(Event event, long opened, Set<String> here) {
        if (event.lastEventId().isEmpty()) {
            return;
        }
        durable.add(event.id());
        if (!here.add(event.id())) {
            promises.breach("an event came twice on one stream: " + event);
        }
        if (acknowledged.getOrDefault(event.id(), Long.MAX_VALUE) < opened) {
            promises.breach("an event came again after its acknowledgement was answered with 204: " + event);
        }
    }

    private void take(Event event, long sortNumber) {
        String label = Promises.Said.labelOf(event.text("body"));
        Came now = new Came(event.id(), event.messageId(), sortNumber);
        Came before = came.putIfAbsent(label, now);
        if (before == null) {
            // Streams resume where the one before ended: what is new comes in order over all of them.
            if (sortNumber < highest) {
                promises.breach("%d came first after %d had come".formatted(sortNumber, highest));
            }
            highest = Math.max(highest, sortNumber);
        } else if (!before.equals(now)) {
            promises.breach("one send became two messages: " + before + " and " + now);
        }
    }

    // ---- acknowledging ----

    private void acknowledgeAll(Random random) {
        List<String> ids = new ArrayList<>(MOST_IDS);
        while (!finished || !toAcknowledge.isEmpty()) {
            try {
                String first = toAcknowledge.poll(STEP.toMillis(), TimeUnit.MILLISECONDS);
                if (first != null) {
                    ids.add(first);
                    toAcknowledge.drainTo(ids, random.nextInt(MOST_IDS));
                    acknowledge(ids, random);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while acknowledging", e);
            } finally {
                ids.clear();
            }
        }
    }

    private void acknowledge(List<String> ids, Random random) {
        tried.addAll(ids);
        try {
            Reply reply = tiger.acknowledge(ids);
            if (reply.status() == 204) {
                long now = System.nanoTime();
                ids.forEach(id -> acknowledged.putIfAbsent(id, now));
                return;
            }
            if (reply.status() != 503) {
                promises.breach("an acknowledgement was refused: " + reply);
            }
        } catch (UncheckedIOException _) {
            // Nobody answered.
        }
        // Some clients try again and some do not.
        if (random.nextBoolean()) {
            toAcknowledge.addAll(ids);
        }
        LockSupport.parkNanos(STEP.toNanos());
    }

    // ---- afterwards ----

    /**
     * Notes what is missing of what this person must have been told, and what is another message than was acknowledged.
     */
    void checkEverythingCame() {
        for (Promises.Sent each : promises.to(token)) {
            Came found = came.get(each.said().label());
            if (found == null) {
                promises.breach("an acknowledged message never came: " + each.token() + " at " + each.sortNumber());
            } else if (!found.messageId().equals(each.token()) || found.sortNumber() != each.sortNumber()) {
                promises.breach("a message came as %s that was acknowledged as %s".formatted(found, each));
            }
        }
        came.keySet().stream().filter(label -> promises.labelled(label).isEmpty())
                .forEach(label -> promises.breach("a message came that nobody sent: " + label));
    }

    /**
     * Opens a last stream and notes what it replays although it was acknowledged, and what it leaves out although it
     * was not.
     */
    void checkReplay() {
        try (EventStream stream = tiger.events("heartbeat_5").untilLive()) {
            Set<String> replayed = new HashSet<>();
            stream.received().stream().filter(event -> !event.lastEventId().isEmpty())
                    .forEach(event -> replayed.add(event.id()));
            replayed.stream().filter(acknowledged::containsKey)
                    .forEach(id -> promises.breach("an acknowledged event was replayed at the end: " + id));
            durable.stream().filter(id -> !tried.contains(id) && !replayed.contains(id))
                    .forEach(id -> promises.breach("an event was not replayed although nobody acknowledged it: " + id));
            stream.acknowledgeAll();
        }
        try (EventStream stream = tiger.events("heartbeat_5").untilLive()) {
            stream.received().stream().filter(event -> !event.lastEventId().isEmpty())
                    .forEach(event -> promises.breach("an event came again after all were acknowledged: " + event));
        }
    }

    /** Notes which files are not as they were sent. */
    void checkFiles() {
        promises.to(token).stream().filter(each -> each.said().draft().attachment().isPresent()).forEach(each -> {
            Reply reply = tiger.attachment(each.token());
            if (reply.status() != 200 || !Arrays.equals(reply.body(), Promises.file(each.said().label()))) {
                promises.breach("a file is not what was sent: " + reply.request() + " -> " + reply.status());
            }
        });
    }
}
