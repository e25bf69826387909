package ephemera.server.http;

import ephemera.core.inbox.Dialect;
import ephemera.core.inbox.Event;
import ephemera.core.inbox.Sink;
import ephemera.core.inbox.Told;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.function.IntConsumer;

/**
 * A stream of Server-Sent Events as a sink: a bounded mailbox that its event loop empties with one write for all that is in it.
 *
 * <p>Thread-safe; guarded by its own monitor, which is never held while writing.
 */
final class EventStreamSink implements Sink {

    /** Fewer bytes than this are copied together; more are written piece by piece. */
    private static final int JOINED = 256 * 1024;

    private final HttpServerResponse response;
    private final EventLoop loop;
    private final Dialect<Buffer> dialect;
    private final Buffer heartbeat;
    private final long heartbeatNanos;
    private final int capacity;
    private final IntConsumer delivered;

    private record Item(Buffer text, long position) {}

    /** Absent while nothing waits: most streams are silent most of the time, and there are many. */
    private ArrayDeque<Item> mailbox;

    private boolean woken;
    private boolean full;
    private boolean closing;
    private boolean closed;
    private volatile long written;
    private long lastWrite = System.nanoTime();

    /**
     * Makes the sink of a response whose head was written.
     *
     * @param capacity the most events that wait
     * @param delivered told how many events were written
     */
    EventStreamSink(
            HttpServerResponse response,
            EventLoop loop,
            Dialect<Buffer> dialect,
            Duration heartbeat,
            int capacity,
            IntConsumer delivered) {
        this.response = response;
        this.loop = loop;
        this.dialect = dialect;
        this.heartbeat = dialect.render(new Event.Heartbeat());
        this.heartbeatNanos = heartbeat.toNanos();
        this.capacity = capacity;
        this.delivered = delivered;
    }

    @Override
    public boolean offer(Event event) {
        Buffer text = event instanceof Told told ? told.rendered(dialect) : dialect.render(event);
        long position = event instanceof Told told ? told.position() : 0;
        synchronized (this) {
            if (closing || closed) {
                return false;
            }
            if (mailbox != null && mailbox.size() >= capacity) {
                full = true;
                return false;
            }
            if (mailbox == null) {
                mailbox = new ArrayDeque<>(4);
            }
            mailbox.add(new Item(text, position));
            if (woken) {
                return true;
            }
            woken = true;
        }
        loop.wake(this);
        return true;
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

    /** Writes what waits; on the event loop. */
    void write() {
        ArrayDeque<Item> items;
        boolean end;
        synchronized (this) {
            if (closed) {
                return;
            }
            if (!closing && response.writeQueueFull()) {
                // Stays woken: offers need not wake the loop until there is room again.
                response.drainHandler(_ -> write());
                return;
            }
            items = mailbox;
            mailbox = null;
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
        lastWrite = System.nanoTime();
        int events = items.size();
        long last = written;
        Buffer joined = items.size() == 1 ? null : Buffer.buffer(items.size() * 600);
        for (Item item : items) {
            last = Math.max(last, item.position());
            if (item.text().length() == 0) {
                // An event about something that is gone has no text; an empty chunk would end the response.
                continue;
            }
            if (joined == null) {
                response.write(item.text());
            } else {
                joined.appendBuffer(item.text());
                if (joined.length() > JOINED) {
                    response.write(joined);
                    joined = Buffer.buffer();
                }
            }
        }
        if (joined != null && joined.length() > 0) {
            response.write(joined);
        }
        written = last;
        delivered.accept(events);
    }

    /** Tells a silent stream that it is alive; on the event loop. */
    void keepAlive(long now) {
        if (now - lastWrite >= heartbeatNanos && !response.writeQueueFull()) {
            lastWrite = now;
            response.write(heartbeat);
        }
    }
}
