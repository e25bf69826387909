package ephemera.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.inbox.Dialect;
import ephemera.core.inbox.Event;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SilentStreamIsKeptAlive {

    private static final Duration HEARTBEAT = Duration.ofSeconds(6);

    /** Has words for heartbeats and the start of a replay, and for nothing else. */
    private static final Dialect<Buffer> DIALECT = event -> Buffer.buffer(switch (event) {
        case Event.Heartbeat() -> "alive";
        case Event.ReplayStarted _ -> "replay";
        default -> "";
    });

    private final Vertx vertx = Vertx.vertx();
    private final Context context = vertx.getOrCreateContext();
    private final List<String> sent = new ArrayList<>();
    private final EventStreamSink sink = new EventStreamSink(
            response(), new EventLoop(vertx, context), DIALECT, HEARTBEAT, 10, InstantSource.system(), _ -> {});
    private final long made = System.nanoTime();

    private HttpServerResponse response() {
        return (HttpServerResponse) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {HttpServerResponse.class},
                (_, method, arguments) -> switch (method.getName()) {
                    case "writeQueueFull" -> false;
                    case "write" -> {
                        sent.add(arguments[0].toString());
                        yield Future.succeededFuture();
                    }
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    @AfterEach
    void close() {
        vertx.close();
    }

    /** Does something on the event loop, where streams are written, and waits for it. */
    private <T> T onTheLoop(Supplier<T> action) throws Exception {
        CompletableFuture<T> done = new CompletableFuture<>();
        context.runOnContext(_ -> done.complete(action.get()));
        return done.get(60, TimeUnit.SECONDS);
    }

    private List<String> sentAfter(Event offered) throws Exception {
        return onTheLoop(() -> {
            sink.offer(offered);
            sink.write();
            sink.keepAlive(made + HEARTBEAT.toNanos());
            return List.copyOf(sent);
        });
    }

    @Test
    void whenNothingWasOffered() throws Exception {
        assertThat(onTheLoop(() -> {
            sink.keepAlive(made + HEARTBEAT.toNanos() / 2);
            sink.keepAlive(made + HEARTBEAT.toNanos());
            return List.copyOf(sent);
        }))
                .containsExactly("alive");
    }

    /** Else a stream of events that all expire before they are written would be silent, and its reader would go. */
    @Test
    void whenNothingThatWasOfferedWasSent() throws Exception {
        assertThat(sentAfter(new Event.CaughtUp())).containsExactly("alive");
    }

    @Test
    void butNotWhenSomethingWasSent() throws Exception {
        assertThat(sentAfter(new Event.ReplayStarted(1))).containsExactly("replay");
    }
}
