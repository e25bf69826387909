package ephemera.acceptance.bench.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A keep-alive HTTP/1.1 connection that carries one request at a time.
 *
 * <p>{@link #send} may be called from a thread other than the loop's by whoever owns the idle connection; the reply is
 * always delivered on the loop's thread.
 */
public final class HttpConnection extends Connection {
    private static final byte[] EMPTY = new byte[0];

    /** Takes what happens on a connection; all calls come on the loop's thread. */
    public interface Replies {
        /** The connection is there and idle. */
        void opened(HttpConnection connection);

        /** The reply of the request in flight is complete; the connection is idle again. */
        void replied(HttpConnection connection, ReplyParser reply, byte[] bytes);

        /** The connection is over; a request in flight has an unknown end. */
        void lost(HttpConnection connection, String why);
    }

    private final Replies replies;
    private final ReplyParser parser = new ReplyParser();
    private byte[] carry = EMPTY;
    private int carried;
    private volatile long mark;

    private HttpConnection(Loop loop, InetSocketAddress address, Replies replies) throws IOException {
        super(loop, address);
        this.replies = replies;
    }

    /** Begins to connect; must be called on the loop's thread. */
    public static HttpConnection open(Loop loop, InetSocketAddress address, Replies replies) {
        try {
            return new HttpConnection(loop, address, replies);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot open a connection to " + address, e);
        }
    }

    /** Writes a request from the buffer's position to its limit; {@code newMark} is the caller's note about it. */
    public void send(ByteBuffer request, long newMark) {
        mark = newMark;
        try {
            write(request);
        } catch (IOException e) {
            loop().execute(() -> fail(String.valueOf(e.getMessage())));
        }
    }

    /** Gives the note of the last {@link #send}. */
    public long mark() {
        return mark;
    }

    /** Replaces the note, so that a later loss is not taken for the loss of a request. */
    void forget(long newMark) {
        mark = newMark;
    }

    /** Ends the connection without telling {@link Replies#lost}; must be called on the loop's thread. */
    public void end() {
        close();
    }

    @Override
    void connected() {
        replies.opened(this);
    }

    @Override
    void received(byte[] bytes, int length) {
        if (carried == 0) {
            int end = parser.parse(bytes, 0, length);
            if (end == ReplyParser.INCOMPLETE) {
                keep(bytes, length);
            } else {
                complete(bytes, end, length);
            }
            return;
        }
        keep(bytes, length);
        int end = parser.parse(carry, 0, carried);
        if (end != ReplyParser.INCOMPLETE) {
            byte[] whole = carry;
            int to = carried;
            carry = EMPTY;
            carried = 0;
            complete(whole, end, to);
        }
    }

    @Override
    void lost(String why) {
        replies.lost(this, why);
    }

    private void complete(byte[] bytes, int end, int to) {
        if (end != to) {
            throw new ReplyParser.MalformedReply("bytes behind the reply of the only request in flight");
        }
        replies.replied(this, parser, bytes);
    }

    private void keep(byte[] bytes, int length) {
        carry = Arrays.copyOf(carry, carried + length);
        System.arraycopy(bytes, 0, carry, carried, length);
        carried += length;
    }
}
