package ephemera.server.http;

import ephemera.core.inbox.Dialect;
import ephemera.core.inbox.Event;
import ephemera.core.inbox.Sink;
import ephemera.core.inbox.Told;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Notice;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A stream of Server-Sent Events as a sink: a bounded mailbox that its event loop empties with one write for all that
 * is in it.
 *
 * <p>Thread-safe; guarded by its own monitor, which is never held while writing.
 */
final class EventStreamSink implements Sink {

    /** Fewer bytes than this are copied together; more are written piece by piece. */
    private static final int JOINED = 256 * 1024;

    /** How much waits at most, with the last event behind it: a reader who takes nothing costs no more. */
    private static final int MOST_BYTES = 1024 * 1024;

    private static final long LONGEST_STALL = Duration.ofSeconds(30).toNanos();
    private static final long NOT_STALLED = Long.MIN_VALUE;

    private final HttpServerResponse response;
    private final EventLoop loop;
    private final Dialect<Buffer> dialect;
    private final Buffer heartbeat;
    private final long heartbeatNanos;
    private final int capacity;
    private final InstantSource clock;
    private final IntConsumer delivered;

    /** An event that waits; the told one is kept to see whether it may still be told. */
    private record Item(Buffer text, Optional<Told> told) {}

    /** Absent while nothing waits: most streams are silent most of the time, and there are many. */
    private @Nullable ArrayDeque<Item> mailbox;

    private int waitingBytes;
    private boolean woken;
    private boolean full;
    private boolean closing;
    private boolean closed;
    private volatile long written;
    private long lastWrite = System.nanoTime();
    private long stalledSince = NOT_STALLED;
    /** Whether a write is under way, and whether another was asked for meanwhile; of the event loop alone. */
    private boolean writing;
    private boolean again;

    /**
     * Makes the sink of a response whose head was written.
     *
     * @param capacity the most events that wait
     * @param clock the database's, by which what waits expires
     * @param delivered told how many events were written
     */
    EventStreamSink(
            HttpServerResponse response,
            EventLoop loop,
            Dialect<Buffer> dialect,
            Duration heartbeat,
            int capacity,
            InstantSource clock,
            IntConsumer delivered) {
        this.response = response;
        this.loop = loop;
        this.dialect = dialect;
        this.heartbeat = dialect.render(new Event.Heartbeat());
        this.heartbeatNanos = heartbeat.toNanos();
        this.capacity = capacity;
        this.clock = clock;
        this.delivered = delivered;
    }

    @Override
    public boolean offer(Event event) {
        Buffer text = event instanceof Told told ? told.rendered(dialect) : dialect.render(event);
        Item item = new Item(text, event instanceof Told told ? Optional.of(told) : Optional.empty());
        synchronized (this) {
            if (closing || closed) {
                return false;
            }
            if (mailbox != null && (mailbox.size() >= capacity || waitingBytes >= MOST_BYTES)) {
                full = true;
                return false;
            }
            if (mailbox == null) {
                mailbox = new ArrayDeque<>(4);
            }
            if (event instanceof Told told && told.entry().notice() instanceof Notice.Recalled recalled) {
                mailbox.removeIf(waiting -> tells(waiting, recalled.message()));
            }
            mailbox.add(item);
            waitingBytes += text.length();
            if (woken) {
                return true;
            }
            woken = true;
        }
        loop.wake(this);
        return true;
    }

    private static boolean tells(Item item, MessageId message) {
        return item.told()
                .filter(told -> (told.entry().notice() instanceof Notice.Sent(var sent, _)
                        && sent.id().equals(message))
                        || (told.entry().notice() instanceof Notice.Reacted reacted
                                && reacted.message().equals(message)))
                .isPresent();
    }

    @Override
    public boolean tells(Notice notice) {
        return dialect.tells(notice);
    }

    @Override
    public synchronized boolean awaitRoom() throws InterruptedException {
        while (full && !closed && !closing) {
            wait();
        }
        return !closed && !closing;
    }

    @Override
    public long written() {
        return written;
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closing || closed) {
                return;
            }
            closing = true;
            woken = true;
            notifyAll();
        }
        loop.wake(this);
    }

    /** Notes that the connection is gone; on the event loop. */
    void gone() {
        synchronized (this) {
            closed = true;
            mailbox = null;
            notifyAll();
        }
        loop.remove(this);
    }

    /**
     * Writes what waits; on the event loop.
     *
     * <p>A write may call the drain handler before it returns. What that finds in the mailbox is younger than what is
     * being written, so it waits for its turn.
     */
    void write() {
        if (writing) {
            again = true;
            return;
        }
        writing = true;
        do {
            again = false;
            writeWhatWaits();
        } while (again);
        writing = false;
    }

    private void writeWhatWaits() {
        ArrayDeque<Item> items;
        boolean end;
        synchronized (this) {
            if (closed) {
                return;
            }
            if (!closing && response.writeQueueFull()) {
                // Stays woken: offers need not wake the loop until there is room again.
                stalledSince = System.nanoTime();
                response.drainHandler(_ -> write());
                return;
            }
            stalledSince = NOT_STALLED;
            items = mailbox;
            mailbox = null;
            waitingBytes = 0;
            woken = false;
            full = false;
            end = closing;
            notifyAll();
        }
        if (items != null) {
            write(items);
        }
        if (end) {
            response.end();
        }
    }

    private void write(ArrayDeque<Item> items) {
        int events = items.size();
        long last = written;
        Buffer joined = items.size() == 1 ? null : Buffer.buffer(items.size() * 600);
        Instant now = clock.instant();
        for (Item item : items) {
            last = Math.max(last, item.told().map(Told::position).orElse(0L));
            boolean over = item.told().filter(told -> !told.entry().expiresAt().isAfter(now)).isPresent();
            if (over || item.text().length() == 0) {
                // What expired while it waited is told no more; what is about something gone has no text.
                continue;
            }
            if (joined == null) {
                send(item.text());
            } else {
                joined.appendBuffer(item.text());
                if (joined.length() > JOINED) {
                    send(joined);
                    joined = Buffer.buffer();
                }
            }
        }
        if (joined != null && joined.length() > 0) {
            send(joined);
        }
        written = last;
        delivered.accept(events);
    }

    /**
     * Only what is really sent shows the reader that the stream is alive: what is left out is no reason for silence.
     */
    private void send(Buffer text) {
        lastWrite = System.nanoTime();
        response.write(text);
    }

    /** Tells a silent stream that it is alive, and gives up one whose reader takes nothing; on the event loop. */
    void keepAlive(long now) {
        if (stalledSince != NOT_STALLED && now - stalledSince > LONGEST_STALL) {
            // The client comes back and reads the log, which holds only what may still be told.
            response.reset();
            return;
        }
        if (now - lastWrite >= heartbeatNanos && !response.writeQueueFull()) {
            send(heartbeat);
        }
    }
}
