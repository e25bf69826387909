package ephemera.server.watch;

import static ephemera.server.watch.Field.field;

import ephemera.server.StartFailure;
import ephemera.server.config.Config;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * The server for the people who run this one: {@code /metrics}, {@code /health/live}, {@code /health/ready}.
 *
 * <p>It asks for no credentials and so listens on an address of its own. Answers are made on virtual threads, at most
 * eight at a time; what comes above that is told 503 at once.
 */
public final class ManagementServer implements AutoCloseable {

    private static final Logger LOG = System.getLogger(ManagementServer.class.getName());
    private static final int AT_ONCE = 8;
    private static final long SECONDS_TO_START_OR_STOP = 10;
    private static final String JSON = "application/json";
    private static final String TEXT = "text/plain; charset=utf-8";

    private final Metrics metrics;
    private final Health health;
    private final HttpServer server;
    private final Semaphore places = new Semaphore(AT_ONCE);

    private ManagementServer(Vertx vertx, Metrics metrics, Health health) {
        this.metrics = metrics;
        this.health = health;
        this.server = vertx.createHttpServer(new HttpServerOptions().setIdleTimeout(60).setHttp2ClearTextEnabled(false))
                .requestHandler(request -> answer(vertx.getOrCreateContext(), request));
    }

    /**
     * Starts the server and returns when it listens; blocks, so not on the event loop.
     *
     * @throws StartFailure if the address cannot be listened on
     */
    public static ManagementServer start(Vertx vertx, Config.Management address, Metrics metrics, Health health) {
        ManagementServer server = new ManagementServer(vertx, metrics, health);
        try {
            await(server.server.listen(address.port(), address.host()));
            return server;
        } catch (ExecutionException | TimeoutException e) {
            Throwable cause = e instanceof ExecutionException ? Objects.requireNonNullElse(e.getCause(), e) : e;
            throw new StartFailure("Metrics and health cannot be served at " + address.url(address.port()) + " ("
                    + cause.getMessage() + "); free that port or set management.host and management.port.", cause);
        }
    }

    /** Returns the port that is listened on. */
    public int port() {
        return server.actualPort();
    }

    /** Stops listening and closes the connections; blocks for ten seconds at most, so not on the event loop. */
    @Override
    public void close() {
        try {
            await(server.close());
        } catch (ExecutionException | TimeoutException e) {
            LOG.log(Level.WARNING, "the management server did not close", e);
        }
    }

    private void answer(Context context, HttpServerRequest request) {
        boolean reads = HttpMethod.GET.equals(request.method()) || HttpMethod.HEAD.equals(request.method());
        switch (reads ? String.valueOf(request.path()) : "") {
            case "/metrics" -> later(context, request, () -> new Answer(200, Metrics.CONTENT_TYPE, metrics.scrape()));
            case "/health/live" -> later(context, request, () -> health(health.live()));
            case "/health/ready" -> later(context, request, () -> health(health.ready()));
            default -> respond(request, NOT_FOUND);
        }
    }

    private record Answer(int status, String type, String body) {}

    private static final Answer NOT_FOUND =
            new Answer(404, TEXT, "Not found. There are /metrics, /health/live and /health/ready.\n");
    private static final Answer BUSY = new Answer(503, TEXT, "Too many requests at once; try again.\n");
    private static final Answer FAILED = new Answer(500, TEXT, "This failed; the log says why.\n");

    private static Answer health(Health.Report report) {
        return new Answer(report.up() ? 200 : 503, JSON, report.json());
    }

    private void later(Context context, HttpServerRequest request, Supplier<Answer> work) {
        if (!places.tryAcquire()) {
            respond(request, BUSY);
            return;
        }
        String path = request.path();
        Thread.ofVirtual().name("management " + path).start(() -> {
            Answer answer = made(path, work);
            context.runOnContext(_ -> respond(request, answer));
        });
    }

    private Answer made(String path, Supplier<Answer> work) {
        try {
            return work.get();
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "a management request failed", field("path", path), e);
            return FAILED;
        } finally {
            places.release();
        }
    }

    private static void respond(HttpServerRequest request, Answer answer) {
        HttpServerResponse response = request.response();
        if (response.closed()) {
            return;
        }
        response.setStatusCode(answer.status())
                .putHeader("Content-Type", answer.type())
                .putHeader("Cache-Control", "no-store")
                .end(answer.body());
    }

    private static <T> T await(Future<T> future) throws ExecutionException, TimeoutException {
        try {
            return future.toCompletionStage().toCompletableFuture().get(SECONDS_TO_START_OR_STOP, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartFailure("Starting or stopping was interrupted; try again.", e);
        }
    }
}
