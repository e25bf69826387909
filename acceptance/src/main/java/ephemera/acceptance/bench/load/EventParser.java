package ephemera.acceptance.bench.load;

import ephemera.acceptance.bench.load.ReplyParser.MalformedReply;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * Cuts the bytes of one event stream's reply into events: reply head, chunks, lines, {@code data:} lines.
 *
 * <p>As strict as the published JS client where that is cheap: status exactly 200, content type exactly
 * {@code text/event-stream}, data that is one JSON object with an event token on one line. Bytes are scanned where they
 * were read; only a line that is cut off is kept until its rest comes. Not thread-safe.
 */
final class EventParser {
    /** The longest line that is accepted, in bytes. */
    private static final int LONGEST_LINE = 4 << 20;

    private static final byte[] EMPTY = new byte[0];

    /** Takes one event; the scan is valid only during the call. */
    interface Events {
        /** Is called for each event in the order of the stream. */
        void event(EventScan scan);
    }

    private enum At { HEAD, CHUNK_SIZE, CHUNK, CHUNK_END, PLAIN, END }

    private final EventScan scan;
    private final Events events;

    private At at = At.HEAD;
    private byte[] carry = EMPTY;
    private int carried;
    private long chunkLeft;
    private boolean chunkDigitsOver;

    EventParser(EventScan scan, Events events) {
        this.scan = scan;
        this.events = events;
    }

    /** Says whether the reply's head was read and was right. */
    boolean isOpen() {
        return at != At.HEAD && at != At.END;
    }

    /** Says whether the server ended the stream in an orderly way. */
    boolean isEnded() {
        return at == At.END;
    }

    /**
     * Takes the next bytes of the connection.
     *
     * @throws MalformedReply when a published client would give the stream up
     */
    void feed(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to) {
            switch (at) {
                case HEAD -> i = head(bytes, i, to);
                case CHUNK_SIZE -> i = chunkSize(bytes, i, to);
                case CHUNK -> {
                    int end = (int) Math.min(to, i + chunkLeft);
                    lines(bytes, i, end);
                    chunkLeft -= end - i;
                    i = end;
                    if (chunkLeft == 0) {
                        at = At.CHUNK_END;
                    }
                }
                case CHUNK_END -> {
                    if (bytes[i++] == '\n') {
                        startChunk();
                    }
                }
                case PLAIN -> {
                    lines(bytes, i, to);
                    i = to;
                }
                case END -> i = to;
            }
        }
    }

    private int head(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            keep(bytes, i, i + 1);
            if (carried >= 4 && carry[carried - 1] == '\n' && carry[carried - 3] == '\n') {
                checkHead(new String(carry, 0, carried, StandardCharsets.ISO_8859_1));
                dropCarry();
                return i + 1;
            }
        }
        return to;
    }

    private void checkHead(String head) {
        String[] lines = head.split("\r\n");
        if (!lines[0].startsWith("HTTP/1.1 200")) {
            throw new MalformedReply("the event stream was refused: " + lines[0]);
        }
        boolean typed = false;
        boolean chunked = false;
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            String name = lines[i].substring(0, Math.max(colon, 0)).toLowerCase(Locale.ROOT);
            String value = lines[i].substring(colon + 1).strip();
            typed |= name.equals("content-type") && value.equals("text/event-stream");
            chunked |= name.equals("transfer-encoding") && value.equalsIgnoreCase("chunked");
        }
        if (!typed) {
            throw new MalformedReply("the event stream's content type is not exactly text/event-stream");
        }
        if (chunked) {
            startChunk();
        } else {
            at = At.PLAIN;
        }
    }

    private void startChunk() {
        at = At.CHUNK_SIZE;
        chunkLeft = 0;
        chunkDigitsOver = false;
    }

    private int chunkSize(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            byte b = bytes[i];
            if (b == '\n') {
                at = chunkLeft == 0 ? At.END : At.CHUNK;
                return i + 1;
            }
            int digit = Character.digit(b, 16);
            if (digit < 0) {
                chunkDigitsOver = true;
            } else if (!chunkDigitsOver) {
                chunkLeft = chunkLeft << 4 | digit;
            }
            if (chunkLeft > Integer.MAX_VALUE) {
                throw new MalformedReply("a chunk of more than 2 GiB");
            }
        }
        return to;
    }

    private void lines(byte[] bytes, int from, int to) {
        int lineFrom = from;
        while (lineFrom < to) {
            int newline = ReplyParser.indexOf(bytes, lineFrom, to, (byte) '\n');
            if (newline < 0) {
                keep(bytes, lineFrom, to);
                return;
            }
            if (carried == 0) {
                line(bytes, lineFrom, newline);
            } else {
                keep(bytes, lineFrom, newline);
                byte[] whole = carry;
                int length = carried;
                dropCarry();
                line(whole, 0, length);
            }
            lineFrom = newline + 1;
        }
    }

    private void line(byte[] bytes, int from, int newline) {
        int to = newline > from && bytes[newline - 1] == '\r' ? newline - 1 : newline;
        boolean data = to - from > 5 && bytes[from] == 'd' && bytes[from + 1] == 'a' && bytes[from + 2] == 't'
                && bytes[from + 3] == 'a' && bytes[from + 4] == ':';
        if (data) {
            if (!scan.scan(bytes, from + 5, to)) {
                throw new MalformedReply("an event without a token or a name");
            }
            events.event(scan);
        }
    }

    private void keep(byte[] bytes, int from, int to) {
        int needed = carried + to - from;
        if (needed > LONGEST_LINE) {
            throw new MalformedReply("a line of more than " + LONGEST_LINE + " bytes");
        }
        if (carry.length < needed) {
            carry = Arrays.copyOf(carry, Math.max(needed, Math.max(512, carry.length * 2)));
        }
        System.arraycopy(bytes, from, carry, carried, to - from);
        carried = needed;
    }

    /** Lets go of the buffer as well: 19,000 streams that are idle shall not hold one each. */
    private void dropCarry() {
        carry = EMPTY;
        carried = 0;
    }
}
