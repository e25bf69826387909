package ephemera.acceptance.bench.load;

import ephemera.acceptance.client.Credentials;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** One person's event stream, with the tokens of events that wait to be acknowledged. Only for the loop's thread. */
public final class StreamConnection extends Connection {
    private static final byte[] EMPTY = new byte[0];

    /** Takes what happens on streams; all calls come on the loop's thread. */
    public interface Streams {
        /** The replay is over: from now on events are live. */
        void live(StreamConnection stream);

        /** One event came; the scan is valid only during the call. */
        void event(StreamConnection stream, EventScan scan);

        /** The stream is over. */
        void lost(StreamConnection stream, String why);
    }

    private final int index;
    private final Credentials credentials;
    private final Streams streams;
    private final EventParser parser;
    private ByteBuffer request;
    private boolean live;
    private long lastEventNanos;
    private byte[] unacknowledged = EMPTY;
    private int unacknowledgedBytes;
    private int unacknowledgedCount;
    private boolean acknowledging;

    private StreamConnection(Loop loop, InetSocketAddress address, int index, Credentials credentials, String features,
            EventScan scan, Streams streams) throws IOException {
        super(loop, address);
        this.index = index;
        this.credentials = credentials;
        this.streams = streams;
        parser = new EventParser(scan, this::event);
        request = ByteBuffer.wrap(request(address, credentials, features).getBytes(StandardCharsets.US_ASCII));
    }

    /**
     * Begins to open a stream; must be called on the loop's thread.
     *
     * @param index the caller's number of this stream
     * @param features the value of {@code TT-X-Features}, or an empty text for no such header
     * @param scan the scanner that all streams of one loop may share
     */
    public static StreamConnection open(Loop loop, InetSocketAddress address, int index, Credentials credentials,
            String features, EventScan scan, Streams streams) {
        try {
            return new StreamConnection(loop, address, index, credentials, features, scan, streams);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot open a connection to " + address, e);
        }
    }

    /** Gives the number that the caller gave this stream. */
    public int index() {
        return index;
    }

    /** Says whether the replay is over and the connection stands. */
    public boolean isLive() {
        return live && !isFailed();
    }

    /** Gives {@link System#nanoTime} of the last event, heartbeats included. */
    public long lastEventNanos() {
        return lastEventNanos;
    }

    /** Ends the stream without telling {@link Streams#lost}. */
    public void end() {
        close();
    }

    @Override
    void connected() throws IOException {
        ByteBuffer buffer = request;
        request = ByteBuffer.wrap(EMPTY);
        write(buffer);
    }

    @Override
    void received(byte[] bytes, int length) {
        parser.feed(bytes, 0, length);
        if (parser.isEnded()) {
            fail("the server ended the stream");
        }
    }

    @Override
    void lost(String why) {
        streams.lost(this, why);
    }

    Credentials credentials() {
        return credentials;
    }

    int unacknowledgedCount() {
        return unacknowledgedCount;
    }

    boolean isAcknowledging() {
        return acknowledging;
    }

    void setAcknowledging(boolean now) {
        acknowledging = now;
    }

    /** Appends {@code "token","token"…} of the oldest at most {@code most} events to the buffer and forgets them. */
    void takeUnacknowledged(ByteBuffer into, int most) {
        int cut = 0;
        int taken = 0;
        for (; taken < Math.min(most, unacknowledgedCount); taken++) {
            cut = ReplyParser.indexOf(unacknowledged, cut, unacknowledgedBytes, (byte) ',') + 1;
        }
        into.put(unacknowledged, 0, cut - 1);
        System.arraycopy(unacknowledged, cut, unacknowledged, 0, unacknowledgedBytes - cut);
        unacknowledgedBytes -= cut;
        unacknowledgedCount -= taken;
    }

    private void event(EventScan scan) {
        lastEventNanos = System.nanoTime();
        if (scan.isAcknowledged()) {
            noteToken(scan);
        }
        if (scan.kind() == EventScan.Kind.REPLAY_STOP && !live) {
            live = true;
            streams.live(this);
        }
        streams.event(this, scan);
    }

    private void noteToken(EventScan scan) {
        if (unacknowledged.length < unacknowledgedBytes + 67) {
            unacknowledged = Arrays.copyOf(unacknowledged, Math.max(256, unacknowledged.length * 2));
        }
        int at = unacknowledgedBytes;
        unacknowledged[at++] = '"';
        at = scan.copyEventId(unacknowledged, at);
        unacknowledged[at++] = '"';
        unacknowledged[at++] = ',';
        unacknowledgedBytes = at;
        unacknowledgedCount++;
    }

    private static String request(InetSocketAddress address, Credentials credentials, String features) {
        return "GET /v2/events?lastEventId= HTTP/1.1\r\n"
                + "Host: " + address.getHostString() + ":" + address.getPort() + "\r\n"
                + "Authorization: " + credentials.basic() + "\r\n"
                + "Accept: text/event-stream\r\n"
                + "Cache-Control: no-cache\r\n"
                + (features.isEmpty() ? "" : "TT-X-Features: " + features + "\r\n")
                + "\r\n";
    }
}
