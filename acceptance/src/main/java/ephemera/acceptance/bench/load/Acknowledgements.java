package ephemera.acceptance.bench.load;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Acknowledges what streams received, as the published JS client does: one {@code POST /v2/events/ack} per person and
 * second, the persons spread over the second.
 *
 * <p>The requests of all persons share a few keep-alive connections. A batch is as large as a second brought, at most
 * {@link #MOST_IDS} tokens at a time. Only for the loop's thread, except the constructor.
 */
public final class Acknowledgements implements HttpConnection.Replies {
    /** The most tokens of one request. */
    public static final int MOST_IDS = 500;

    private static final int SLOTS = (int) (1_000 / Loop.TICK.toMillis());
    private static final int REQUEST_BYTES = 1_024 + MOST_IDS * 67;
    private static final byte[] JSON_START = ReplyParser.ascii("{\"events\":[");
    private static final byte[] JSON_END = ReplyParser.ascii("]}");

    private final InetSocketAddress address;
    private final List<StreamConnection> streams = new ArrayList<>();
    private final Deque<StreamConnection> waiting = new ArrayDeque<>();
    private final Deque<HttpConnection> idle = new ArrayDeque<>();
    private final ByteBuffer json = ByteBuffer.allocate(REQUEST_BYTES);
    private int slot;
    private int connections;
    private long requests;
    private long refused;
    private Optional<String> firstFailure = Optional.empty();

    /** Opens the connections and begins to acknowledge what {@link #add added} streams receive. */
    public Acknowledgements(Loop loop, InetSocketAddress address, int connections) {
        this.address = address;
        loop.execute(() -> {
            for (int i = 0; i < connections; i++) {
                HttpConnection.open(loop, address, this);
            }
        });
        loop.onTick(this::tick);
    }

    /** Takes a stream into care; it stays there when it ends, with whatever it has not acknowledged. */
    public void add(StreamConnection stream) {
        streams.add(stream);
    }

    /** Says whether nothing waits to be acknowledged and no request is under way. */
    public boolean isFlushed() {
        return waiting.isEmpty() && idle.size() == connections
                && streams.stream().allMatch(stream -> stream.unacknowledgedCount() == 0);
    }

    /** Gives the number of requests that were answered. */
    public long requests() {
        return requests;
    }

    /** Gives the number of requests that were not answered with 204. */
    public long refused() {
        return refused;
    }

    /** Gives the first failure, for the report. */
    public Optional<String> firstFailure() {
        return firstFailure;
    }

    @Override
    public void opened(HttpConnection connection) {
        connections++;
        next(connection);
    }

    @Override
    public void replied(HttpConnection connection, ReplyParser reply, byte[] bytes) {
        requests++;
        if (reply.status() != 204) {
            failed("POST /v2/events/ack was answered with " + reply.status() + " " + reply.bodyStart(bytes));
        }
        next(connection);
    }

    @Override
    public void lost(HttpConnection connection, String why) {
        connections--;
        failed("a connection for acknowledgements was lost: " + why);
    }

    private void failed(String why) {
        refused++;
        if (firstFailure.isEmpty()) {
            firstFailure = Optional.of(why);
        }
    }

    private void tick() {
        slot = (slot + 1) % SLOTS;
        for (int i = slot; i < streams.size(); i += SLOTS) {
            StreamConnection stream = streams.get(i);
            if (stream.unacknowledgedCount() > 0 && !stream.isAcknowledging()) {
                stream.setAcknowledging(true);
                waiting.add(stream);
            }
        }
        while (!waiting.isEmpty() && !idle.isEmpty()) {
            next(idle.pop());
        }
    }

    private void next(HttpConnection connection) {
        StreamConnection stream = waiting.poll();
        if (stream == null) {
            // Behind the others: the server closes a connection on which nothing happens for long.
            idle.addLast(connection);
            return;
        }
        connection.send(request(stream), stream.index());
        if (stream.unacknowledgedCount() > MOST_IDS / 2) {
            waiting.add(stream);
        } else {
            stream.setAcknowledging(false);
        }
    }

    private ByteBuffer request(StreamConnection stream) {
        json.clear().put(JSON_START);
        stream.takeUnacknowledged(json, MOST_IDS);
        json.put(JSON_END).flip();
        String head = "POST /v2/events/ack HTTP/1.1\r\n"
                + "Host: " + address.getHostString() + ":" + address.getPort() + "\r\n"
                + "Authorization: " + stream.credentials().basic() + "\r\n"
                + "Content-Type: application/json\r\n"
                + "Content-Length: " + json.remaining() + "\r\n\r\n";
        byte[] headBytes = head.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(headBytes.length + json.remaining()).put(headBytes).put(json).flip();
    }
}
