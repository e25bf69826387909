package ephemera.acceptance.bench.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/** One non-blocking TCP connection of a {@link Loop}; what its bytes mean is the subclass's business. */
abstract class Connection {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Loop loop;
    private final SocketChannel channel;
    private final SelectionKey key;
    private ByteBuffer unwritten = NOTHING;
    private boolean failed;

    /** Begins to connect; must be called on the loop's thread. */
    Connection(Loop loop, InetSocketAddress address) throws IOException {
        this.loop = loop;
        channel = SocketChannel.open();
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            boolean connected = channel.connect(address);
            // Registered for connecting even if it is already there: the selector then reports it at once.
            key = channel.register(loop.selector(), connected ? SelectionKey.OP_WRITE : SelectionKey.OP_CONNECT, this);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Is called once, when bytes may be written. */
    abstract void connected() throws IOException;

    /** Is called with what was read; the array is reused after the call. */
    abstract void received(byte[] bytes, int length) throws IOException;

    /** Is called once when the connection is over, be it by an error or by the other side. */
    abstract void lost(String why);

    /** Gives the loop that serves this connection. */
    final Loop loop() {
        return loop;
    }

    /** Closes the connection without calling {@link #lost}. */
    final void close() {
        failed = true;
        unwritten = NOTHING;
        try {
            channel.close();
        } catch (IOException _) {
            // Closed is closed.
        }
    }

    /** Closes the connection and tells the subclass. */
    final void fail(String why) {
        if (!failed) {
            close();
            lost(why);
        }
    }

    final boolean isFailed() {
        return failed;
    }

    /** Writes the buffer; what the socket does not take now is written later, until then the buffer must not change. */
    final void write(ByteBuffer buffer) throws IOException {
        channel.write(buffer);
        if (buffer.hasRemaining()) {
            unwritten = buffer;
            loop.execute(() -> {
                if (key.isValid()) {
                    key.interestOpsOr(SelectionKey.OP_WRITE);
                }
            });
        }
    }

    final void ready(SelectionKey ready, ByteBuffer arrival, byte[] bytes) throws IOException {
        int operations = ready.readyOps();
        if ((operations & SelectionKey.OP_READ) != 0) {
            read(arrival, bytes);
        } else if ((operations & SelectionKey.OP_CONNECT) != 0) {
            channel.finishConnect();
            ready.interestOps(SelectionKey.OP_READ);
            connected();
        } else if (unwritten.hasRemaining()) {
            channel.write(unwritten);
            if (!unwritten.hasRemaining()) {
                unwritten = NOTHING;
                ready.interestOpsAnd(~SelectionKey.OP_WRITE);
            }
        } else {
            boolean first = (ready.interestOps() & SelectionKey.OP_READ) == 0;
            ready.interestOps(SelectionKey.OP_READ);
            if (first) {
                connected();
            }
        }
    }

    private void read(ByteBuffer arrival, byte[] bytes) throws IOException {
        arrival.clear();
        int length = channel.read(arrival);
        if (length < 0) {
            fail("the server closed the connection");
        } else if (length > 0) {
            arrival.flip();
            arrival.get(bytes, 0, length);
            received(bytes, length);
        }
    }
}
