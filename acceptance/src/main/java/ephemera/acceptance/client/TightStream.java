package ephemera.acceptance.client;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An open event stream of the Tight door, read as an {@code EventSource} of a browser reads it. Thread-safe. */
public final class TightStream implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /**
     * One event.
     *
     * @param name {@code message} unless the event says otherwise
     * @param id what {@code Last-Event-ID} names it by; empty text if it has none
     */
    public record Update(String name, String id, JsonNode json) {
        /** The path of what it is about. */
        public String url() {
            return json.path("url").asString("");
        }

        /** What is there now. */
        public JsonNode data() {
            return json.path("data");
        }
    }

    private final InputStream body;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Update> updates = new ArrayList<>();
    private boolean over;

    private TightStream(InputStream body) {
        this.body = body;
    }

    static TightStream open(Tiger http, Optional<String> lastEventId) {
        Map<String, String> headers = new LinkedHashMap<>(Map.of("Accept", "text/event-stream"));
        lastEventId.ifPresent(id -> headers.put("Last-Event-ID", id));
        try {
            HttpResponse<InputStream> response = http.open("/v6/events", headers);
            if (response.statusCode() != 200) {
                response.body().close();
                throw new AssertionError("The event stream was answered with " + response.statusCode());
            }
            TightStream stream = new TightStream(response.body());
            Thread.ofVirtual().name("tight-stream-reader").start(stream::read);
            stream.await(update -> update.name().equals("ready"));
            return stream;
        } catch (IOException e) {
            throw new UncheckedIOException("The event stream could not be opened: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a stream was opened", e);
        }
    }

    /** Gives the first event of the whole stream that fits, waiting for it. */
    public Update await(Predicate<Update> wanted) {
        Deadline deadline = Deadline.in(Deadline.LONGEST);
        lock.lock();
        try {
            while (true) {
                Optional<Update> found = updates.stream().filter(wanted).findFirst();
                if (found.isPresent()) {
                    return found.get();
                }
                long step = deadline.step();
                if (over || step <= 0) {
                    throw new AssertionError("The event did not come; " + (over ? "over; " : "") + "seen: " + updates);
                }
                changed.awaitNanos(step);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for an event", e);
        } finally {
            lock.unlock();
        }
    }

    /** Gives all that came so far but the control events. */
    public List<Update> updates() {
        lock.lock();
        try {
            return updates.stream().filter(update -> update.name().equals("message")).toList();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until the server has ended the stream; one that stays open is an error. */
    public void awaitEnd() {
        Deadline deadline = Deadline.in(Deadline.LONGEST);
        lock.lock();
        try {
            while (!over) {
                long step = deadline.step();
                if (step <= 0) {
                    throw new AssertionError("The stream is still open.");
                }
                changed.awaitNanos(step);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for the end", e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        try {
            body.close();
        } catch (IOException _) {
            // The stream is over either way.
        }
    }

    private void read() {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
            String name = "message";
            String id = "";
            StringBuilder data = new StringBuilder();
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (line.isEmpty()) {
                    if (!data.isEmpty()) {
                        add(new Update(name, id, JSON.readTree(data.toString())));
                    }
                    name = "message";
                    id = "";
                    data.setLength(0);
                } else if (line.startsWith("event: ")) {
                    name = line.substring(7);
                } else if (line.startsWith("id: ")) {
                    id = line.substring(4);
                } else if (line.startsWith("data: ")) {
                    data.append(line, 6, line.length());
                }
            }
        } catch (IOException _) {
            // Closed by this side, or broken: over either way.
        }
        lock.lock();
        try {
            over = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void add(Update update) {
        lock.lock();
        try {
            updates.add(update);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
