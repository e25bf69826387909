package ephemera.acceptance.bench.load;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Picks event token, kind, message token and body out of one event's JSON in a single pass, without building a tree.
 *
 * <p>The scan walks from string to string, so that a quotation mark or a key name inside a message's body cannot be
 * taken for structure. Of a repeated key the first one counts. The result is valid until the next {@link #scan}. Not
 * thread-safe.
 */
public final class EventScan {
    /** What an event is to a load client. */
    public enum Kind {
        /** A message of a direct or a group conversation. */
        MESSAGE,
        /** The marker that the replay is over and everything after it is live. */
        REPLAY_STOP,
        /** A sign of life, never acknowledged. */
        HEARTBEAT,
        /** Typing and presence, never acknowledged. */
        PASSING,
        /** Anything else; clients acknowledge it. */
        OTHER
    }

    private static final byte[] EVENT_ID = ReplyParser.ascii("event_id");
    private static final byte[] MESSAGE_ID = ReplyParser.ascii("message_id");
    private static final byte[] BODY = ReplyParser.ascii("body");
    private static final byte[] NAME = ReplyParser.ascii("name");
    private static final byte[] PREFIX = ReplyParser.ascii("tigertext:iq:");
    private static final byte[] REPLAY_STOP_NAME = ReplyParser.ascii("replay_stop");

    private static final int NOT_FOUND = -1;

    private byte[] bytes = new byte[0];
    private Kind kind = Kind.OTHER;
    private boolean advisory;
    private int eventIdFrom;
    private int eventIdTo;
    private int messageIdFrom;
    private int messageIdTo;
    private int bodyFrom;
    private int bodyTo;

    /** Makes a scanner. */
    public EventScan() {
    }

    /** Scans the JSON between {@code from} and {@code to}; says whether it has an event token and an event name. */
    public boolean scan(byte[] json, int from, int to) {
        bytes = json;
        kind = Kind.OTHER;
        advisory = false;
        eventIdFrom = NOT_FOUND;
        messageIdFrom = NOT_FOUND;
        bodyFrom = NOT_FOUND;
        boolean named = false;
        int at = from;
        while ((at = ReplyParser.indexOf(json, at, to, (byte) '"')) >= 0) {
            int keyFrom = at + 1;
            int keyTo = stringEnd(json, keyFrom, to);
            int colon = skipBlanks(json, keyTo + 1, to);
            at = keyTo + 1;
            if (colon >= to || json[colon] != ':') {
                continue;
            }
            int value = skipBlanks(json, colon + 1, to);
            if (!named && startsWith(json, keyFrom, keyTo, PREFIX)) {
                named = true;
                readKind(json, keyFrom + PREFIX.length, keyTo);
            } else if (value < to && json[value] == '"') {
                int valueTo = stringEnd(json, value + 1, to);
                readValue(keyFrom, keyTo, value + 1, valueTo);
                at = valueTo + 1;
                if (named && eventIdFrom >= 0 && messageIdFrom >= 0 && bodyFrom >= 0) {
                    break;
                }
            }
        }
        return named && eventIdFrom >= 0;
    }

    /** Gives the kind of the event. */
    public Kind kind() {
        return kind;
    }

    /** Says whether published clients acknowledge events of this kind. */
    public boolean isAcknowledged() {
        return kind != Kind.HEARTBEAT && kind != Kind.PASSING;
    }

    /** Says whether the event names a message by a UUID and has a body. */
    public boolean hasMessage() {
        return messageIdFrom >= 0 && bodyFrom >= 0 && Uuids.isUuid(bytes, messageIdFrom, messageIdTo);
    }

    /** Gives the upper 64 bits of the message token; meaningful only with {@link #hasMessage}. */
    public long messageIdHigh() {
        return Uuids.high(bytes, messageIdFrom);
    }

    /** Gives the lower 64 bits of the message token; meaningful only with {@link #hasMessage}. */
    public long messageIdLow() {
        return Uuids.low(bytes, messageIdFrom);
    }

    /** Gives the array that the positions of this scan refer to. */
    public byte[] bytes() {
        return bytes;
    }

    /** Gives the position of the body's first byte; meaningful only with {@link #hasMessage}. */
    public int bodyFrom() {
        return bodyFrom;
    }

    /** Gives the position behind the body's last byte; meaningful only with {@link #hasMessage}. */
    public int bodyTo() {
        return bodyTo;
    }

    /** Copies the event token to {@code target} and gives the position behind it; the token is at most 64 bytes. */
    public int copyEventId(byte[] target, int at) {
        int length = eventIdTo - eventIdFrom;
        System.arraycopy(bytes, eventIdFrom, target, at, length);
        return at + length;
    }

    /** Gives the event token as text. */
    public String eventId() {
        return new String(bytes, eventIdFrom, eventIdTo - eventIdFrom, StandardCharsets.UTF_8);
    }

    private void readKind(byte[] json, int from, int to) {
        if (to - from == 7 && json[from] == 'm' && json[from + 1] == 'e') {
            kind = Kind.MESSAGE;
            return;
        }
        switch (new String(json, from, to - from, StandardCharsets.UTF_8)) {
            case "message", "group_message", "group:message" -> kind = Kind.MESSAGE;
            case "sse:heartbeat", "sse:keepalive" -> kind = Kind.HEARTBEAT;
            case "presence", "message:is_typing" -> kind = Kind.PASSING;
            case "client_advisory" -> advisory = true;
            default -> kind = Kind.OTHER;
        }
    }

    private void readValue(int keyFrom, int keyTo, int from, int to) {
        switch (keyTo - keyFrom) {
            case 4 -> {
                if (bodyFrom < 0 && equal(keyFrom, keyTo, BODY)) {
                    bodyFrom = from;
                    bodyTo = to;
                } else if (advisory && equal(keyFrom, keyTo, NAME) && equal(from, to, REPLAY_STOP_NAME)) {
                    kind = Kind.REPLAY_STOP;
                }
            }
            case 8 -> {
                if (eventIdFrom < 0 && to - from <= 64 && equal(keyFrom, keyTo, EVENT_ID)) {
                    eventIdFrom = from;
                    eventIdTo = to;
                }
            }
            case 10 -> {
                if (messageIdFrom < 0 && equal(keyFrom, keyTo, MESSAGE_ID)) {
                    messageIdFrom = from;
                    messageIdTo = to;
                }
            }
            default -> {
                // Every other field is of no interest here.
            }
        }
    }

    private boolean equal(int from, int to, byte[] wanted) {
        return Arrays.equals(bytes, from, to, wanted, 0, wanted.length);
    }

    private static boolean startsWith(byte[] json, int from, int to, byte[] prefix) {
        return to - from > prefix.length
                && Arrays.equals(json, from, from + prefix.length, prefix, 0, prefix.length);
    }

    /** Gives the position of the quotation mark that ends the string, or {@code to} when the string is cut off. */
    private static int stringEnd(byte[] json, int from, int to) {
        for (int i = from; i < to; i++) {
            byte b = json[i];
            if (b == '"') {
                return i;
            }
            if (b == '\\') {
                i++;
            }
        }
        return to;
    }

    private static int skipBlanks(byte[] json, int from, int to) {
        int at = from;
        while (at < to && (json[at] == ' ' || json[at] == '\t')) {
            at++;
        }
        return at;
    }
}
