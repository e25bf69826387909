package ephemera.acceptance.badinput;

import ephemera.acceptance.client.RawHttp;
import java.time.Duration;

/**
 * One case: what is sent and which answer is right.
 *
 * @param name what is sent, to which route, in a few words
 * @param request what is sent
 * @param expected which answer is right
 * @param longest how long the answer may take
 */
public record Row(String name, RawHttp.Content request, Expected expected, Duration longest) {

    /** Half of what the server gives a client that says nothing: whoever waits for that is too late. */
    static final Duration SOON = Duration.ofSeconds(30);

    /** Makes a case that is answered within 30 s. */
    public Row(String name, RawHttp.Content request, Expected expected) {
        this(name, request, expected, SOON);
    }

    /** Gives the case with more time, for requests that take long to send. */
    public Row within(Duration other) {
        return new Row(name, request, expected, other);
    }
}
