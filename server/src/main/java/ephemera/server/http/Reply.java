package ephemera.server.http;

import ephemera.core.Refused;
import ephemera.core.inbox.Dialect;
import ephemera.core.inbox.Sink;
import io.vertx.core.buffer.Buffer;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * The answer to a call.
 *
 * @param status the HTTP status
 * @param headers further headers, in order
 * @param body what it says
 */
public record Reply(int status, List<Header> headers, Body body) {

    /** A response header. */
    public record Header(String name, String value) {}

    /** What an answer says. */
    public sealed interface Body {

        /** Nothing. */
        record None() implements Body {}

        /** Bytes of a media type. */
        record Bytes(String type, byte[] bytes) implements Body {}

        /** A file, which is streamed and closed. */
        record File(String type, InputStream content, long size) implements Body {}

        /**
         * Server-Sent Events.
         *
         * @param dialect how events are written
         * @param heartbeat the time after which a silent stream is told that it is alive
         * @param open called with the sink once the response has begun; gives what to call when the reader is gone
         */
        record Events(Dialect<Buffer> dialect, Duration heartbeat, Function<Sink, Runnable> open) implements Body {}
    }

    /** An answer without a body. */
    public static Reply empty(int status) {
        return new Reply(status, List.of(), new Body.None());
    }

    /** A JSON document. */
    public static Reply json(int status, JsonNode document) {
        return json(status, JsonText.bytes(document));
    }

    /** A JSON document that is written already. */
    public static Reply json(int status, byte[] document) {
        return new Reply(status, List.of(), new Body.Bytes("application/json", document));
    }

    /** A text of that media type. */
    public static Reply text(int status, String type, String text) {
        return new Reply(status, List.of(), new Body.Bytes(type, text.getBytes(StandardCharsets.UTF_8)));
    }

    /** A refusal in the form of the contract (TigerConnect, section 2.3). */
    public static Reply refusal(Refused refused) {
        Reply reply = json(
                refused.failure().status(),
                JsonText.object()
                        .put("status", "fail")
                        .set("error", JsonText.object()
                                .put("code", refused.failure().code())
                                .put("message", refused.getMessage())));
        return refused.retryAfter()
                .map(wait -> reply.with("Retry-After", Long.toString(wait.toSeconds() + 1)))
                .orElse(reply);
    }

    /** The same answer with a further header. */
    public Reply with(String name, String value) {
        List<Header> more = new ArrayList<>(headers.size() + 1);
        more.addAll(headers);
        more.add(new Header(name, value));
        return new Reply(status, more, body);
    }
}
