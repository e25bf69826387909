package ephemera.server.http;

import ephemera.core.Failure;
import ephemera.core.Limits;
import ephemera.server.watch.Metrics;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/** Writes replies and refusals to responses, which only their event loop may touch. Thread-safe. */
final class Replies {

    private static final Logger LOG = System.getLogger(Replies.class.getName());
    private static final int CHUNK = 64 * 1024;

    private final Cors cors;
    private final Limits limits;
    private final InstantSource clock;
    private final Metrics metrics;

    Replies(Cors cors, Limits limits, InstantSource clock, Metrics metrics) {
        this.cors = cors;
        this.limits = limits;
        this.clock = clock;
        this.metrics = metrics;
    }

    /** Answers a browser's question whether it may call. */
    void preflight(HttpServerRequest request) {
        HttpServerResponse response = request.response().setStatusCode(204);
        cors.allow(request, response);
        cors.allowMethods(response);
        response.end();
    }

    /**
     * Answers what is no HTTP request, or one with too long a line or header, with the error body that clients know.
     */
    void invalid(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        Failure failure = cause != null && cause.getClass().getSimpleName().startsWith("TooLong")
                ? Failure.TOO_LARGE
                : Failure.MALFORMED;
        refuse(request, Reply.refusal(failure.refused()).with("Connection", "close"));
        request.connection().close();
    }

    /** Answers with a refusal, which is whole in memory, and wants no more of the request; on the event loop. */
    void refuse(HttpServerRequest request, Reply reply) {
        HttpServerResponse response = request.response();
        if (response.closed() || response.headWritten()) {
            return;
        }
        head(request, reply);
        if (RequestReader.hasMore(request)) {
            discardRest(request);
        }
        if (reply.body() instanceof Reply.Body.Bytes(String type, byte[] bytes)) {
            response.putHeader("Content-Type", type).end(Buffer.buffer(bytes));
        }
    }

    /**
     * Refuses the rest of a body without losing the answer: closing at once would reset the connection before the
     * client reads it.
     */
    private static void discardRest(HttpServerRequest request) {
        if (!RequestReader.isShared(request)) {
            request.response().putHeader("Connection", "close");
        }
        request.handler(_ -> {}).exceptionHandler(_ -> {});
        request.resume();
    }

    /** Writes a reply; called on a virtual thread, returns before it is written unless it is a file. */
    void write(HttpServerRequest request, Reply reply, Context context, EventLoop loop) throws IOException {
        if (reply.body() instanceof Reply.Body.File file) {
            stream(request, reply, file, context);
        } else {
            context.runOnContext(_ -> answer(request, reply, loop));
        }
    }

    /** Writes a reply that is whole in memory, or begins one that is not; on the event loop. */
    private void answer(HttpServerRequest request, Reply reply, EventLoop loop) {
        HttpServerResponse response = request.response();
        if (response.closed() || response.headWritten()) {
            return;
        }
        head(request, reply);
        switch (reply.body()) {
            case Reply.Body.None() -> response.end();
            case Reply.Body.Bytes(String type, byte[] bytes) ->
                    response.putHeader("Content-Type", type).end(Buffer.buffer(bytes));
            case Reply.Body.File _ -> throw new IllegalStateException("a file is streamed");
            case Reply.Body.Events events -> open(response, events, loop);
        }
    }

    private void head(HttpServerRequest request, Reply reply) {
        HttpServerResponse response = request.response().setStatusCode(reply.status());
        reply.headers().forEach(header -> response.putHeader(header.name(), header.value()));
        cors.allow(request, response);
    }

    /** Writes a file piece by piece, each after the one before was taken. */
    private void stream(HttpServerRequest request, Reply reply, Reply.Body.File file, Context context)
            throws IOException {
        HttpServerResponse response = request.response();
        try (InputStream content = file.content()) {
            context.runOnContext(_ -> {
                head(request, reply);
                response.putHeader("Content-Type", file.type())
                        .putHeader("Content-Length", Long.toString(file.size()));
            });
            for (byte[] chunk = content.readNBytes(CHUNK); chunk.length > 0; chunk = content.readNBytes(CHUNK)) {
                Buffer piece = Buffer.buffer(chunk);
                await(context, () -> response.write(piece));
            }
            await(context, response::end);
        } catch (CompletionException _) {
            // The reader went away in the middle; there is nobody left to tell.
            context.runOnContext(_ -> response.reset());
        }
    }

    /** Does something on the event loop, the only thread that may touch a response, and waits for it. */
    private static void await(Context context, Supplier<Future<Void>> action) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        context.runOnContext(_ -> action.get().onComplete(result -> {
            if (result.succeeded()) {
                done.complete(null);
            } else {
                done.completeExceptionally(result.cause());
            }
        }));
        done.join();
    }

    /** Begins a stream; on the event loop. */
    private void open(HttpServerResponse response, Reply.Body.Events events, EventLoop loop) {
        if (response.closed()) {
            return;
        }
        EventStreamSink sink = new EventStreamSink(
                response, loop, events.dialect(), events.heartbeat(), limits.streamBuffer(), clock,
                metrics::eventsDelivered);
        Runnable[] whenGone = {() -> {}};
        // The type must be exactly this, without a charset: a published client compares it as a whole (trap 1).
        response.putHeader("Content-Type", "text/event-stream")
                .putHeader("Cache-Control", "no-cache")
                // A proxy that collects an answer before it passes it on (nginx does) passes streams on at once.
                .putHeader("X-Accel-Buffering", "no")
                .setChunked(true);
        response.writeHead();
        loop.add(sink);
        metrics.streamOpened();
        response.closeHandler(_ -> end(sink, whenGone));
        response.endHandler(_ -> end(sink, whenGone));
        Thread.startVirtualThread(() -> {
            Runnable close;
            try {
                close = events.open().apply(sink);
            } catch (RuntimeException e) {
                // A stream that nobody would ever write to: the client is to come again.
                LOG.log(Level.DEBUG, "A stream could not be opened.", e);
                sink.close();
                return;
            }
            synchronized (whenGone) {
                if (!GONE.equals(whenGone[0])) {
                    whenGone[0] = close;
                    return;
                }
            }
            close.run();
        });
    }

    /** Stands for a reader who is gone already. */
    private static final Runnable GONE = () -> {};

    private void end(EventStreamSink sink, Runnable[] whenGone) {
        Runnable close;
        synchronized (whenGone) {
            close = whenGone[0];
            whenGone[0] = GONE;
        }
        if (!GONE.equals(close)) {
            metrics.streamClosed();
            sink.gone();
            Thread.startVirtualThread(close);
        }
    }
}
