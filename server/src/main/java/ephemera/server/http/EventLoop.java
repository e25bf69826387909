package ephemera.server.http;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The streams of one event loop: wakes the loop once for all streams that have something to write, and keeps silent
 * ones alive.
 *
 * <p>{@link #wake} may be called by any thread; everything else happens on the loop.
 */
final class EventLoop {

    private static final long TICK_MILLISECONDS = 1_000;

    private final Context context;
    private final Queue<EventStreamSink> woken = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final Set<EventStreamSink> open = new HashSet<>();

    /** Begins to keep the streams of the current event loop alive. */
    EventLoop(Vertx vertx, Context context) {
        this.context = context;
        vertx.setPeriodic(TICK_MILLISECONDS, _ -> tick());
    }

    void add(EventStreamSink sink) {
        open.add(sink);
    }

    void remove(EventStreamSink sink) {
        open.remove(sink);
    }

    /** Has the stream write what it holds, soon. */
    void wake(EventStreamSink sink) {
        woken.add(sink);
        if (scheduled.compareAndSet(false, true)) {
            context.runOnContext(_ -> writeAll());
        }
    }

    private void writeAll() {
        scheduled.set(false);
        for (EventStreamSink sink = woken.poll(); sink != null; sink = woken.poll()) {
            sink.write();
        }
    }

    private void tick() {
        long now = System.nanoTime();
        // A copy: a stream that is given up takes itself out.
        for (EventStreamSink sink : open.toArray(EventStreamSink[]::new)) {
            sink.keepAlive(now);
        }
    }
}
