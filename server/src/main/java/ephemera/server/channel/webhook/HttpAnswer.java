package ephemera.server.channel.webhook;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a receiver answers, as far as anybody wants to know.
 *
 * @param status 200 to 599
 * @param retryAfter the header of that name as it was written
 * @param length of the body, if it is told
 */
record HttpAnswer(int status, Optional<String> retryAfter, OptionalLong length) {

    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([1-5][0-9]{2})(?: .*)?");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,18}");
    private static final int LARGEST_HEAD = 32 * 1024;

    /**
     * Reads an answer up to its body.
     *
     * @param in should be buffered
     * @throws ProtocolException if this is no answer in HTTP/1, or one with a head of more than 32 KiB
     * @throws EOFException if it ends too early
     */
    static HttpAnswer read(InputStream in) throws IOException {
        Lines lines = new Lines(in);
        HttpAnswer answer = head(lines);
        // What comes before the answer, such as 103, has no body; nobody asked for 101.
        while (answer.status() < 200) {
            if (answer.status() == 101) {
                throw new ProtocolException("the receiver speaks another protocol");
            }
            answer = head(lines);
        }
        return answer;
    }

    private static HttpAnswer head(Lines lines) throws IOException {
        Matcher status = STATUS.matcher(lines.next());
        if (!status.matches()) {
            throw new ProtocolException("this is no answer in HTTP/1");
        }
        Optional<String> retryAfter = Optional.empty();
        OptionalLong length = OptionalLong.empty();
        for (String line = lines.next(); !line.isEmpty(); line = lines.next()) {
            int colon = line.indexOf(':');
            String name = line.substring(0, Math.max(colon, 0)).toLowerCase(Locale.ROOT);
            String value = line.substring(colon + 1).strip();
            switch (name) {
                case "retry-after" -> retryAfter = Optional.of(value);
                case "content-length" -> length = NUMBER.matcher(value).matches()
                        ? OptionalLong.of(Long.parseLong(value))
                        : OptionalLong.empty();
                default -> {
                    // Nothing else matters.
                }
            }
        }
        return new HttpAnswer(Integer.parseInt(status.group(1)), retryAfter, length);
    }

    /** The lines of the heads of one answer, together bounded. */
    private static final class Lines {

        private final InputStream in;
        private int left = LARGEST_HEAD;

        Lines(InputStream in) {
            this.in = in;
        }

        String next() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int read = in.read(); read != '\n'; read = in.read()) {
                if (read < 0) {
                    throw new EOFException("the answer ends in its head");
                }
                left--;
                if (left < 0) {
                    throw new ProtocolException("the head of the answer is too long");
                }
                line.append((char) read);
            }
            int end = line.length();
            return end > 0 && line.charAt(end - 1) == '\r' ? line.substring(0, end - 1) : line.toString();
        }
    }

    /** Reads the body if it is short, so that the receiver may end the connection in peace. */
    void readRest(InputStream in, int most) throws IOException {
        long left = Math.min(length.orElse(most), most);
        if (status != 204 && left > 0) {
            in.readNBytes((int) left);
        }
    }
}
