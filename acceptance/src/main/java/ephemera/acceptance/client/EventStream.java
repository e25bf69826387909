package ephemera.acceptance.client;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An open event stream that is as strict as the published JS client 13.
 *
 * <p>It ends, with the reason in {@link #end}, when the server closes it, when an event is not one JSON object with one
 * token and exactly one key in {@code event} on one {@code data:} line, when an SSE event has a name, and when for
 * {@link #SILENCE} no data came. That time is counted in seconds in which this process ran: after a pause of the whole
 * machine the reader is given its turn before the silence is judged. All events that came stay readable. Thread-safe.
 */
public final class EventStream implements AutoCloseable {
    /** How long the published JS client waits for the next data, heartbeats included, before it reconnects. */
    public static final Duration SILENCE = Duration.ofSeconds(12);

    private static final int MOST_IDS = 50;
    private static final String PREFIX = "tigertext:iq:";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Tiger tiger;
    private final InputStream body;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Event> events = new ArrayList<>();
    private int taken;
    private int acknowledged;
    private boolean acknowledging;
    private int silentSeconds;
    private Optional<String> end = Optional.empty();

    private EventStream(Tiger tiger, InputStream body) {
        this.tiger = tiger;
        this.body = body;
    }

    /** Opens a stream as JS 13 does; anything but 200 with exactly {@code text/event-stream} is an error. */
    static EventStream open(Tiger tiger, List<String> features) {
        return open(tiger, features, Optional.empty());
    }

    /** Opens a stream that resumes behind the event whose {@code id:} is given, if any. */
    public static EventStream open(Tiger tiger, List<String> features, Optional<String> lastEventId) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Accept", "text/event-stream");
        headers.put("Cache-Control", "no-cache");
        if (!features.isEmpty()) {
            headers.put("TT-X-Features", String.join(",", features));
        }
        lastEventId.ifPresent(id -> headers.put("Last-Event-ID", id));
        return open(tiger, "/v2/events?lastEventId=", headers);
    }

    /** Opens a stream under any path and with any headers, for the forms of older clients. */
    public static EventStream open(Tiger tiger, String path, Map<String, String> headers) {
        try {
            HttpResponse<InputStream> response = tiger.open(path, headers);
            List<String> types = response.headers().allValues("Content-Type");
            if (response.statusCode() != 200 || !types.equals(List.of("text/event-stream"))) {
                response.body().close();
                throw new AssertionError("The event stream was answered with %d and content type %s.".formatted(
                        response.statusCode(), types));
            }
            EventStream stream = new EventStream(tiger, response.body());
            Thread.ofVirtual().name("stream-reader").start(stream::read);
            Thread.ofVirtual().name("stream-watchdog").start(stream::watch);
            return stream;
        } catch (IOException e) {
            throw new UncheckedIOException("The event stream could not be opened: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a stream was opened", e);
        }
    }

    /** Waits for the end of the replay and gives the stream itself. */
    public EventStream untilLive() {
        await(event -> event.isAdvisory("replay_stop"));
        return this;
    }

    /** Gives the next event that was not taken yet, waiting for it. */
    public Event next() {
        return next(_ -> true);
    }

    /** Takes events up to and including the next that fits, waiting for it, and gives it. */
    public Event next(Predicate<Event> wanted) {
        return locked(() -> {
            Deadline deadline = Deadline.in(Deadline.LONGEST);
            while (true) {
                while (taken < events.size()) {
                    Event event = events.get(taken++);
                    if (wanted.test(event)) {
                        return event;
                    }
                }
                waitForChange(deadline);
            }
        });
    }

    /** Takes the next event, if there is one or one comes in time; nothing at once when the stream is over. */
    public Optional<Event> poll(Duration longest) {
        return locked(() -> {
            long left = longest.toNanos();
            while (taken == events.size() && end.isEmpty() && left > 0) {
                left = changed.awaitNanos(left);
            }
            return taken < events.size() ? Optional.of(events.get(taken++)) : Optional.empty();
        });
    }

    /** Takes events up to and including the next with this name, waiting for it, and gives it. */
    public Event next(String name) {
        return next(event -> event.is(name));
    }

    /** Gives the first event of the whole stream that fits, waiting for it; takes nothing. */
    public Event await(Predicate<Event> wanted) {
        return await(1, wanted).getFirst();
    }

    /** Gives the first events of the whole stream that fit, waiting for so many; takes nothing. */
    public List<Event> await(int count, Predicate<Event> wanted) {
        return locked(() -> {
            Deadline deadline = Deadline.in(Deadline.LONGEST);
            while (true) {
                List<Event> found = events.stream().filter(wanted).limit(count).toList();
                if (found.size() == count) {
                    return found;
                }
                waitForChange(deadline);
            }
        });
    }

    /** Gives everything that came so far. */
    public List<Event> received() {
        return locked(() -> List.copyOf(events));
    }

    /** Gives the messages that came so far. */
    public List<Event> messages() {
        return received().stream().filter(Event::isMessage).toList();
    }

    /** Gives why the stream is over, or nothing while it is open. */
    public Optional<String> end() {
        return locked(() -> end);
    }

    /** Waits until the stream is over and gives the reason; one that stays open is an error. */
    public String awaitEnd() {
        return awaitEnd(Deadline.LONGEST);
    }

    /** Waits until the stream is over and gives the reason; one that is open after {@code longest} is an error. */
    public String awaitEnd(Duration longest) {
        return locked(() -> {
            Deadline deadline = Deadline.in(longest);
            while (end.isEmpty()) {
                long step = deadline.step();
                if (step <= 0) {
                    throw new AssertionError("The stream is still open after " + longest.toMillis() + " ms.");
                }
                changed.awaitNanos(step);
            }
            return end.get();
        });
    }

    /** From now on acknowledges what came as JS 13 does: once a second, at most 50 tokens per request. */
    public EventStream acknowledging() {
        boolean first = locked(() -> {
            boolean before = acknowledging;
            acknowledging = true;
            return !before;
        });
        if (first) {
            Thread.ofVirtual().name("stream-acknowledger").start(this::acknowledgeForEver);
        }
        return this;
    }

    /** Acknowledges now what came and was not acknowledged by this stream; 204 is demanded. */
    public void acknowledgeAll() {
        List<String> ids = locked(() -> {
            List<String> fresh = events.subList(acknowledged, events.size()).stream().filter(Event::isAcknowledged)
                    .map(Event::id).toList();
            acknowledged = events.size();
            return fresh;
        });
        for (int from = 0; from < ids.size(); from += MOST_IDS) {
            tiger.acknowledge(ids.subList(from, Math.min(ids.size(), from + MOST_IDS))).expect(204);
        }
    }

    /** Closes the stream as a client that goes away does. */
    @Override
    public void close() {
        finish("closed by the client");
    }

    private void acknowledgeForEver() {
        while (!waitForEnd(TimeUnit.SECONDS.toNanos(1))) {
            try {
                acknowledgeAll();
            } catch (AssertionError | UncheckedIOException e) {
                finish("an acknowledgement failed: " + e.getMessage());
            }
        }
    }

    private void watch() {
        while (!waitForEnd(TimeUnit.SECONDS.toNanos(1))) {
            if (locked(() -> ++silentSeconds > SILENCE.toSeconds())) {
                finish("no data for " + SILENCE.toSeconds() + " s");
            }
        }
    }

    private boolean waitForEnd(long nanos) {
        return locked(() -> {
            long left = nanos;
            while (end.isEmpty() && left > 0) {
                left = changed.awaitNanos(left);
            }
            return end.isPresent();
        });
    }

    private void read() {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
            StringBuilder data = new StringBuilder();
            String id = "";
            String line;
            while ((line = reader.readLine()) != null) {
                if (line.isEmpty()) {
                    if (!data.isEmpty()) {
                        add(event(data.toString(), id));
                    }
                    data.setLength(0);
                    id = "";
                } else if (line.startsWith("data:")) {
                    demand(data.isEmpty(), "two data lines in one event");
                    data.append(line, line.startsWith("data: ") ? 6 : 5, line.length());
                } else if (line.startsWith("id:")) {
                    id = line.substring(3).strip();
                } else {
                    demand(!line.startsWith("event:") || line.substring(6).strip().equals("message"),
                            "a named event, which JS 13 ignores: " + line);
                }
            }
            finish("closed by the server");
        } catch (IOException e) {
            finish("closed: " + e.getMessage());
        } catch (Violation e) {
            finish(String.valueOf(e.getMessage()));
        }
    }

    private static Event event(String data, String id) {
        JsonNode json;
        try {
            json = JSON.readTree(data);
        } catch (JacksonException _) {
            throw new Violation("data that is not JSON: " + data);
        }
        String eventId = json.path("event_id").asString("");
        demand(!eventId.isEmpty(), "an event without event_id: " + data);
        JsonNode event = json.path("event");
        demand(event.isObject() && event.size() == 1, "not exactly one key in event: " + data);
        String name = event.propertyNames().iterator().next();
        demand(name.startsWith(PREFIX), "an event name without the prefix " + PREFIX + ": " + name);
        JsonNode payload = event.get(name);
        demand(payload.isObject(), "an event whose payload is not an object: " + data);
        return new Event(eventId, name.substring(PREFIX.length()), payload, id);
    }

    private static void demand(boolean right, String violation) {
        if (!right) {
            throw new Violation(violation);
        }
    }

    private void add(Event event) {
        locked(() -> {
            silentSeconds = 0;
            events.add(event);
            changed.signalAll();
            return event;
        });
    }

    private void finish(String why) {
        boolean first = locked(() -> {
            boolean open = end.isEmpty();
            if (open) {
                end = Optional.of(why);
            }
            changed.signalAll();
            return open;
        });
        if (first) {
            try {
                body.close();
            } catch (IOException _) {
                // The stream is over either way.
            }
        }
    }

    /** Waits for one more event or the end; with the time over or the stream at its end this is the test's failure. */
    @SuppressWarnings("WaitNotInLoop") // each caller looks again and calls again
    private void waitForChange(Deadline deadline) throws InterruptedException {
        long step = deadline.step();
        if (end.isPresent()) {
            throw new AssertionError("The event did not come before the stream ended (%s); %s".formatted(
                    end.get(), seen()));
        }
        if (step <= 0) {
            throw new AssertionError("The event did not come in time; " + seen());
        }
        changed.awaitNanos(step);
    }

    private String seen() {
        return "seen: " + events.stream().map(Event::name).toList();
    }

    private <T> T locked(Interruptible<T> action) {
        lock.lock();
        try {
            return action.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for an event", e);
        } finally {
            lock.unlock();
        }
    }

    private interface Interruptible<T> {
        T run() throws InterruptedException;
    }

    /** The server broke a rule whose breach ends the published JS client's stream. */
    private static final class Violation extends RuntimeException {
        private static final long serialVersionUID = 1;

        Violation(String message) {
            super(message);
        }
    }
}
