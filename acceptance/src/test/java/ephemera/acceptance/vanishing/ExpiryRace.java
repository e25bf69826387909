package ephemera.acceptance.vanishing;

import ephemera.acceptance.client.Credentials;
import ephemera.acceptance.client.Event;
import ephemera.acceptance.client.EventStream;
import ephemera.acceptance.client.Reply;
import ephemera.acceptance.client.Tiger;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.databind.json.JsonMapper;

/**
 * Everything that a reader can do with a message, tried twenty times within ten milliseconds of its end, and read twice
 * in the second before.
 *
 * <p>Who asks at or after the end must get nothing; who is answered before it must be served, but for streams; in
 * between both may happen. Messages are added in the order of their ends while the race is on. Thread-safe.
 */
final class ExpiryRace {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration AROUND = Duration.ofMillis(10);
    /** Who is so late makes room for those who may still be in time, and asks when the others have asked. */
    private static final Duration TOO_LATE = Duration.ofMillis(15);
    private static final int AT_ONCE = 32;

    private final URI server;
    private final Credentials sink;
    private final Random random = new Random();
    private final BlockingQueue<Letter> letters = new LinkedBlockingQueue<>();
    private final Map<String, Letter> byId = new ConcurrentHashMap<>();
    private final Map<String, String> resumeAt = new HashMap<>();
    private final Queue<Runnable> postponed = new ConcurrentLinkedQueue<>();
    private final Queue<String> breaches = new ConcurrentLinkedQueue<>();
    private final Set<String> losses = ConcurrentHashMap.newKeySet();
    private final AtomicLong tries = new AtomicLong();
    private final AtomicLong wins = new AtomicLong();
    private final AtomicLong close = new AtomicLong();

    /** What is tried, as often as its name stands in the round. */
    private enum Try {
        READ, FILE, STATUS, FORWARD, MARK, REPLAY, RESUME
    }

    private static final List<Try> ROUND = List.of(
            Try.READ, Try.READ, Try.READ, Try.READ, Try.READ, Try.READ, Try.FILE, Try.FILE, Try.FILE, Try.STATUS,
            Try.STATUS, Try.STATUS, Try.STATUS, Try.FORWARD, Try.FORWARD, Try.MARK, Try.MARK, Try.MARK, Try.REPLAY,
            Try.RESUME);

    /** Who asks so long before the end is answered in time by the slowest of servers too. */
    private static final Duration BEFORE = Duration.ofSeconds(1);
    private static final List<Try> EARLY = List.of(Try.READ, Try.FILE);
    /** How often something is tried with each message. */
    static final int TRIES = ROUND.size() + EARLY.size();

    /** Makes a race at a server; what is forwarded goes to somebody whose streams nobody reads. */
    ExpiryRace(URI server, Credentials sink) {
        this.server = server;
        this.sink = sink;
    }

    /** Tells of a lasting message, after which its reader's streams can be resumed. */
    void before(Letter letter) {
        try (EventStream stream = Tiger.at(server).as(letter.reader()).events().untilLive()) {
            resumeAt.put(letter.reader().token(),
                    stream.await(event -> event.messageId().equals(letter.id())).lastEventId());
        }
    }

    /** Lets a message take part. */
    void add(Letter letter) {
        byId.put(letter.id(), letter);
        letters.add(letter);
    }

    /** Races for so many messages, as they are added; returns when all is tried. */
    void run(int messages) {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            BlockingQueue<Runnable> due = new LinkedBlockingQueue<>();
            for (int i = 0; i < AT_ONCE; i++) {
                threads.execute(() -> work(due));
            }
            for (int i = 0; i < messages; i++) {
                Letter letter = letters.take();
                EARLY.forEach(what -> threads.execute(() -> {
                    Patience.until(letter.end().minusNanos(random.nextLong(BEFORE.toNanos())));
                    attempt(what, letter);
                }));
                List<Instant> instants = new ArrayList<>();
                ROUND.forEach(_ -> instants.add(letter.end().minus(AROUND)
                        .plusNanos(random.nextLong(2 * AROUND.toNanos()))));
                instants.sort(null);
                List<Try> round = new ArrayList<>(ROUND);
                Collections.shuffle(round, random);
                for (int j = 0; j < round.size(); j++) {
                    Instant at = instants.get(j);
                    Try what = round.get(j);
                    due.add(() -> attemptInTime(what, letter, at));
                }
            }
            for (int i = 0; i < AT_ONCE; i++) {
                due.add(() -> {
                    throw new Over();
                });
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted during the race", e);
        }
    }

    /** There is nothing more to try. */
    private static final class Over extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private void work(BlockingQueue<Runnable> due) {
        try {
            while (true) {
                due.take().run();
            }
        } catch (Over _) {
            for (Runnable next = postponed.poll(); next != null; next = postponed.poll()) {
                next.run();
            }
        } catch (InterruptedException _) {
            // The test is over.
        }
    }

    private void attemptInTime(Try what, Letter letter, Instant at) {
        Patience.until(at);
        if (Instant.now().isAfter(at.plus(TOO_LATE))) {
            postponed.add(() -> attempt(what, letter));
        } else {
            attempt(what, letter);
        }
    }

    private void attempt(Try what, Letter letter) {
        Instant asked = Instant.now();
        try {
            Reply reply = call(what, letter);
            judge(what, letter, reply, asked, Instant.now());
        } catch (RuntimeException | AssertionError e) {
            breaches.add(what + " was not answered: " + e);
        }
        tries.incrementAndGet();
        if (Duration.between(asked, letter.end()).abs().compareTo(AROUND) <= 0) {
            close.incrementAndGet();
        }
    }

    private Reply call(Try what, Letter letter) {
        Tiger reader = Tiger.at(server).as(letter.reader());
        return switch (what) {
            case READ -> reader.message(letter.id());
            case FILE -> letter.draft().attachment().isPresent() ? reader.attachment(letter.id())
                    : reader.message(letter.id());
            case STATUS -> reader.messageStatus(letter.id());
            case FORWARD -> reader.forward(letter.id(), sink.token());
            case MARK -> reader.read(letter.id());
            case REPLAY -> replay(reader, Optional.empty());
            case RESUME -> replay(reader, Optional.ofNullable(resumeAt.get(letter.reader().token())));
        };
    }

    private static Reply replay(Tiger reader, Optional<String> after) {
        Map<String, String> headers = new LinkedHashMap<>(
                Map.of("Accept", "text/event-stream", "TT-X-Features", "close-after-messages"));
        after.ifPresent(id -> headers.put("Last-Event-ID", id));
        return reader.call("GET", "/v2/events", headers, new byte[0]).expect(200);
    }

    private void judge(Try what, Letter letter, Reply reply, Instant asked, Instant answered) {
        boolean served = switch (what) {
            case READ, FILE, STATUS, FORWARD -> reply.isSuccess();
            // Of what is over nothing is marked, and nobody is told; the sender's stream shows whether that is so.
            case MARK -> reply.expect(200).status() == 200 && asked.isBefore(letter.end());
            case REPLAY, RESUME -> tells(reply, letter);
        };
        String story = "%s asked %s, answered %s, end %s: %s".formatted(what, asked, answered, letter.end(), reply);
        if (served && !asked.isBefore(letter.end())) {
            breaches.add("served after the end: " + story);
        } else if (!served && answered.isBefore(letter.end()) && !isStream(what)) {
            breaches.add("refused before the end: " + story);
        } else if (served && what != Try.MARK) {
            wins.incrementAndGet();
        }
        if (!reply.isSuccess()) {
            losses.add(outcome(reply));
        }
    }

    /**
     * What a stream still has to tell ends by the server's idea of the database's clock, which may be a trifle ahead.
     */
    private static boolean isStream(Try what) {
        return what == Try.REPLAY || what == Try.RESUME;
    }

    /** Whether a stream told the message itself, not only that somebody has read it, nor a copy that was forwarded. */
    private static boolean tells(Reply stream, Letter letter) {
        return stream.text().lines().filter(line -> line.startsWith("data:") && line.contains(letter.id()))
                .map(line -> JSON.readTree(line.substring("data:".length())).path("event").path("tigertext:iq:message"))
                .anyMatch(message -> message.path("message_id").asString("").equals(letter.id()));
    }

    /** What somebody is told who is refused. */
    static String outcome(Reply reply) {
        return reply.isSuccess() ? Integer.toString(reply.status())
                : reply.status() + " " + reply.json().path("error").path("code").asString("without code");
    }

    /** What must not have happened and did, the first of it. */
    List<String> breaches() {
        return breaches.stream().limit(20).toList();
    }

    /** The different ways in which requests were refused. */
    Set<String> losses() {
        return losses;
    }

    /** How often something was tried. */
    long tries() {
        return tries.get();
    }

    /** How often content was served before the end. */
    long wins() {
        return wins.get();
    }

    /** How often somebody asked so near to the end as was planned. */
    long close() {
        return close.get();
    }

    /** Of the events of the sender's stream those that tell of a reading at or after the end. */
    List<Event> markedLate(List<Event> told) {
        return told.stream().filter(event -> event.text("status").equals("Read"))
                .filter(event -> Optional.ofNullable(byId.get(event.messageId())).filter(letter -> !Instant
                        .parse(event.text("timestamp")).isBefore(letter.end())).isPresent())
                .toList();
    }
}
