package ephemera.server.http;

import ephemera.core.Failure;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The body of a request as a blocking stream: the event loop fills it and is told to pause while the reader is slow.
 *
 * <p>At most about {@value #HIGH} bytes wait in memory. One reader. Once closed, what is still to come is read past.
 */
final class BodyStream extends InputStream {

    private static final int HIGH = 256 * 1024;
    private static final long PATIENCE_SECONDS = 60;

    private final HttpServerRequest request;
    private final Context context;
    private final long most;
    private final Lock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Buffer> waiting = new ArrayDeque<>();
    private int waitingBytes;
    private int read;
    private long readInAll;
    private boolean paused;
    private boolean ended;
    private boolean failed;
    private boolean closed;

    /** Says that the client broke off, or stopped sending: nothing that the server could have done. */
    static final class Broken extends IOException {

        private static final long serialVersionUID = 1;

        Broken(String message) {
            super(message);
        }
    }

    /**
     * Begins to take the body of a request; called on its event loop.
     *
     * @param most the most bytes that are read; a longer body is refused with {@code TOO_LARGE}
     */
    BodyStream(HttpServerRequest request, Context context, long most) {
        this.request = request;
        this.context = context;
        this.most = most;
        request.handler(this::add);
        request.endHandler(_ -> finish(false));
        request.exceptionHandler(_ -> finish(true));
    }

    /** The same body with what came of it before; called before the event loop gives it anything. */
    BodyStream beginning(Buffer before) {
        add(before);
        return this;
    }

    private void add(Buffer chunk) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            waiting.add(chunk);
            waitingBytes += chunk.length();
            if (waitingBytes > HIGH && !paused) {
                paused = true;
                request.pause();
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void finish(boolean failure) {
        lock.lock();
        try {
            ended = true;
            failed = failure;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        lock.lock();
        try {
            while (waiting.isEmpty() && !ended) {
                if (!changed.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    throw new Broken("the client stopped sending");
                }
            }
            if (failed) {
                throw new Broken("the client went away");
            }
            Buffer first = waiting.peekFirst();
            if (first == null) {
                return -1;
            }
            int taken = Math.min(length, first.length() - read);
            first.getBytes(read, read + taken, into, offset);
            read += taken;
            waitingBytes -= taken;
            readInAll += taken;
            if (readInAll > most) {
                throw Failure.TOO_LARGE.refused();
            }
            if (read == first.length()) {
                waiting.removeFirst();
                read = 0;
            }
            if (paused && waitingBytes < HIGH / 2) {
                paused = false;
                context.runOnContext(_ -> request.resume());
            }
            return taken;
        } catch (InterruptedException _) {
            throw new InterruptedIOException();
        } finally {
            lock.unlock();
        }
    }

    /** Reads past what is still to come, so that the client gets to read the answer. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            waiting.clear();
            waitingBytes = 0;
            if (paused) {
                paused = false;
                context.runOnContext(_ -> request.resume());
            }
        } finally {
            lock.unlock();
        }
    }
}
