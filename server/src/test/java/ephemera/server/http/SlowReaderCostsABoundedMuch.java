package ephemera.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.inbox.Event;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What waits for a reader who takes nothing is bounded by number and by size; the stream then goes back to the log. */
class SlowReaderCostsABoundedMuch {

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() {
        vertx.close();
    }

    /** A sink whose events have so many bytes, and whose reader takes nothing. */
    private EventStreamSink sink(int bytes) {
        Context context = vertx.getOrCreateContext();
        HttpServerResponse response = (HttpServerResponse) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {HttpServerResponse.class},
                (_, method, _) -> switch (method.getName()) {
                    case "writeQueueFull" -> true;
                    case "drainHandler" -> null;
                    default -> throw new UnsupportedOperationException(method.getName());
                });
        Buffer text = Buffer.buffer(new byte[bytes]);
        return new EventStreamSink(
                response, new EventLoop(vertx, context), _ -> text, Duration.ofSeconds(6), 1_000,
                InstantSource.system(), _ -> {});
    }

    private static int taken(EventStreamSink sink) {
        int taken = 0;
        while (taken < 10_000 && sink.offer(new Event.CaughtUp())) {
            taken++;
        }
        return taken;
    }

    @Test
    void smallEventsAreCounted() {
        assertThat(taken(sink(100))).isEqualTo(1_000);
    }

    @Test
    void largeOnesAreWeighed() {
        assertThat(taken(sink(64 * 1024))).isEqualTo(16);
    }
}
