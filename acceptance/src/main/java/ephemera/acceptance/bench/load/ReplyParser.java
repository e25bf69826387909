package ephemera.acceptance.bench.load;

import java.nio.charset.StandardCharsets;

/**
 * Finds the end of one HTTP/1.1 reply and the few things of it that a sender looks at.
 *
 * <p>It keeps no state between calls but the result of the last one: when a reply is not complete, the caller offers
 * the same bytes again with more behind them. Not thread-safe.
 */
public final class ReplyParser {
    /** What {@link #parse} gives when the reply needs more bytes. */
    public static final int INCOMPLETE = -1;

    private static final byte[] CONTENT_LENGTH = ascii("content-length");
    private static final byte[] TRANSFER_ENCODING = ascii("transfer-encoding");
    private static final byte[] MESSAGE_ID = ascii("tt-x-message-id");

    private int status;
    private boolean hasMessageId;
    private long messageIdHigh;
    private long messageIdLow;
    private long contentLength;
    private boolean chunked;
    private int bodyFrom;
    private int bodyTo;

    /** Makes a parser. */
    public ReplyParser() {
    }

    /**
     * Reads one reply from {@code from} and gives the index behind it, or {@link #INCOMPLETE}.
     *
     * @throws MalformedReply when the bytes are not an HTTP/1.1 reply with a known end
     */
    public int parse(byte[] bytes, int from, int to) {
        hasMessageId = false;
        contentLength = -1;
        chunked = false;
        int lineFrom = from;
        while (true) {
            int newline = indexOf(bytes, lineFrom, to, (byte) '\n');
            if (newline < 0) {
                return INCOMPLETE;
            }
            int lineTo = newline > lineFrom && bytes[newline - 1] == '\r' ? newline - 1 : newline;
            if (lineFrom == from) {
                readStatus(bytes, lineFrom, lineTo);
            } else if (lineTo == lineFrom) {
                return body(bytes, newline + 1, to);
            } else {
                readHeader(bytes, lineFrom, lineTo);
            }
            lineFrom = newline + 1;
        }
    }

    /** Gives the status code of the last reply. */
    public int status() {
        return status;
    }

    /** Says whether the last reply had a header {@code TT-X-Message-Id} with a UUID. */
    public boolean hasMessageId() {
        return hasMessageId;
    }

    /** Gives the upper 64 bits of the message token; meaningful only with {@link #hasMessageId}. */
    public long messageIdHigh() {
        return messageIdHigh;
    }

    /** Gives the lower 64 bits of the message token; meaningful only with {@link #hasMessageId}. */
    public long messageIdLow() {
        return messageIdLow;
    }

    /** Gives at most 300 bytes of the last reply's body as text, for a report of a failure. */
    public String bodyStart(byte[] bytes) {
        int length = Math.min(300, bodyTo - bodyFrom);
        return new String(bytes, bodyFrom, length, StandardCharsets.UTF_8);
    }

    private void readStatus(byte[] bytes, int from, int to) {
        if (to - from < 12 || bytes[from] != 'H' || bytes[from + 4] != '/' || bytes[from + 8] != ' ') {
            throw new MalformedReply("not an HTTP/1.1 status line");
        }
        status = (int) decimal(bytes, from + 9, from + 12);
    }

    private void readHeader(byte[] bytes, int from, int to) {
        int colon = indexOf(bytes, from, to, (byte) ':');
        if (colon < 0) {
            throw new MalformedReply("a header line without a colon");
        }
        int valueFrom = colon + 1;
        while (valueFrom < to && bytes[valueFrom] == ' ') {
            valueFrom++;
        }
        switch (colon - from) {
            case 14 -> {
                if (isName(bytes, from, CONTENT_LENGTH)) {
                    contentLength = decimal(bytes, valueFrom, to);
                }
            }
            case 15 -> {
                if (isName(bytes, from, MESSAGE_ID) && Uuids.isUuid(bytes, valueFrom, to)) {
                    hasMessageId = true;
                    messageIdHigh = Uuids.high(bytes, valueFrom);
                    messageIdLow = Uuids.low(bytes, valueFrom);
                }
            }
            case 17 -> chunked |= isName(bytes, from, TRANSFER_ENCODING);
            default -> {
                // Every other header is of no interest to a load client.
            }
        }
    }

    private int body(byte[] bytes, int from, int to) {
        bodyFrom = from;
        bodyTo = from;
        if (status == 204 || status == 304) {
            return from;
        }
        if (chunked) {
            return chunkedBody(bytes, from, to);
        }
        if (contentLength < 0) {
            throw new MalformedReply("status " + status + " with neither Content-Length nor chunks");
        }
        if (to - from < contentLength) {
            return INCOMPLETE;
        }
        bodyTo = from + (int) contentLength;
        return bodyTo;
    }

    /** Finds the end of a chunked body; the body's text keeps its chunk lines, it is only shown after a failure. */
    private int chunkedBody(byte[] bytes, int from, int to) {
        int at = from;
        while (true) {
            int newline = indexOf(bytes, at, to, (byte) '\n');
            if (newline < 0) {
                return INCOMPLETE;
            }
            int digits = 0;
            while (Character.digit(bytes[at + digits], 16) >= 0) {
                digits++;
            }
            if (digits == 0 || digits > 7) {
                throw new MalformedReply("a chunk without a size");
            }
            int size = (int) Uuids.hex(bytes, at, digits);
            int next = newline + 1 + size + 2;
            if (next > to) {
                return INCOMPLETE;
            }
            if (size == 0) {
                bodyTo = at;
                return next;
            }
            at = next;
        }
    }

    private static boolean isName(byte[] bytes, int from, byte[] lowerCaseName) {
        for (int i = 0; i < lowerCaseName.length; i++) {
            byte b = bytes[from + i];
            if ((b >= 'A' && b <= 'Z' ? b | 0x20 : b) != lowerCaseName[i]) {
                return false;
            }
        }
        return true;
    }

    static int indexOf(byte[] bytes, int from, int to, byte wanted) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    static long decimal(byte[] bytes, int from, int to) {
        long value = 0;
        for (int i = from; i < to; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9 || value > Integer.MAX_VALUE) {
                throw new MalformedReply("not a number where one belongs");
            }
            value = value * 10 + digit;
        }
        return value;
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** The server's bytes are not HTTP as this client understands it. */
    public static final class MalformedReply extends RuntimeException {
        private static final long serialVersionUID = 1;

        /** Says in {@code message} what is wrong with the bytes. */
        public MalformedReply(String message) {
            super(message);
        }
    }
}
