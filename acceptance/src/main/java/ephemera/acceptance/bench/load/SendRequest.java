package ephemera.acceptance.bench.load;

import ephemera.acceptance.client.Credentials;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The bytes of one sender's {@code POST /v2/message}, written once; only digits change from message to message.
 *
 * <p>The body says which run, which sender and which number it is, so that whoever receives it can account for it:
 * {@code RRRRRRRR SSSS NNNNNNNNNN ....} with the run in hexadecimal, sender and number in decimal digits, {@link #BODY}
 * bytes in all. The {@code Request-ID} is a UUID made of the same three. Not thread-safe; use one per connection.
 */
public final class SendRequest {
    /** The length of a message's body in bytes. */
    public static final int BODY = 140;

    private static final int RUN_DIGITS = 8;
    private static final int SENDER_DIGITS = 4;
    private static final int NUMBER_DIGITS = 10;
    private static final int SENDER_AT = RUN_DIGITS + 1;
    private static final int NUMBER_AT = SENDER_AT + SENDER_DIGITS + 1;
    private static final int STAMP = NUMBER_AT + NUMBER_DIGITS;

    private final ByteBuffer buffer;
    private final int requestIdAt;
    private final int bodyAt;

    /** Writes the request of a sender to a recipient, which is a person's or a group's token. */
    public SendRequest(InetSocketAddress address, Credentials sender, String recipient) {
        String body = "0".repeat(STAMP) + " " + ".".repeat(BODY - STAMP - 1);
        String json = "{\"body\":\"" + body + "\",\"recipient\":\"" + recipient + "\"}";
        String head = "POST /v2/message HTTP/1.1\r\n"
                + "Host: " + address.getHostString() + ":" + address.getPort() + "\r\n"
                + "Authorization: " + sender.basic() + "\r\n"
                + "Accept: application/json\r\n"
                + "Content-Type: application/json\r\n"
                + "Content-Length: " + json.length() + "\r\n"
                + "Request-ID: ";
        byte[] all = (head + "00000000-0000-4000-8000-000000000000\r\n\r\n" + json).getBytes(StandardCharsets.US_ASCII);
        buffer = ByteBuffer.allocateDirect(all.length).put(all);
        requestIdAt = head.length();
        bodyAt = all.length - json.length() + json.indexOf(body);
    }

    /** Gives the bytes of one message, ready to be written; they stand until the next call. */
    public ByteBuffer of(int run, int sender, int number) {
        for (int i = 0; i < RUN_DIGITS; i++) {
            byte digit = (byte) Character.forDigit((run >>> (28 - 4 * i)) & 0xf, 16);
            buffer.put(requestIdAt + i, digit);
            buffer.put(bodyAt + i, digit);
        }
        buffer.put(bodyAt + RUN_DIGITS, (byte) ' ');
        decimal(requestIdAt + 9, SENDER_DIGITS, sender);
        decimal(bodyAt + SENDER_AT, SENDER_DIGITS, sender);
        buffer.put(bodyAt + SENDER_AT + SENDER_DIGITS, (byte) ' ');
        decimal(requestIdAt + 26, NUMBER_DIGITS, number);
        decimal(bodyAt + NUMBER_AT, NUMBER_DIGITS, number);
        return buffer.clear();
    }

    /** Says whether the event's body is one that this class wrote in the given run. */
    public static boolean isOf(int run, EventScan scan) {
        return scan.hasMessage() && scan.bodyTo() - scan.bodyFrom() == BODY
                && (int) Uuids.hex(scan.bytes(), scan.bodyFrom(), RUN_DIGITS) == run;
    }

    /** Gives the sender's number that the body tells. */
    public static int sender(EventScan scan) {
        int from = scan.bodyFrom() + SENDER_AT;
        return (int) ReplyParser.decimal(scan.bytes(), from, from + SENDER_DIGITS);
    }

    /** Gives the message's number that the body tells. */
    public static int number(EventScan scan) {
        int from = scan.bodyFrom() + NUMBER_AT;
        return (int) ReplyParser.decimal(scan.bytes(), from, from + NUMBER_DIGITS);
    }

    private void decimal(int at, int digits, int value) {
        int rest = value;
        for (int i = at + digits - 1; i >= at; i--) {
            buffer.put(i, (byte) ('0' + rest % 10));
            rest /= 10;
        }
    }
}
