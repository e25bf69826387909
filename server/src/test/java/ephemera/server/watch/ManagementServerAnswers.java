package ephemera.server.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ephemera.server.StartFailure;
import ephemera.server.config.Config;
import ephemera.server.watch.Health.State.Down;
import ephemera.server.watch.Health.State.Up;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(180)
class ManagementServerAnswers {

    private final Vertx vertx = Vertx.vertx();
    private final Metrics metrics = new Metrics();
    private final Health health = new Health(Duration.ofSeconds(20));
    private final HttpClient client = HttpClient.newHttpClient();
    private ManagementServer server;

    @BeforeEach
    void start() {
        server = ManagementServer.start(vertx, new Config.Management("127.0.0.1", 0), metrics, health);
    }

    @AfterEach
    void stop() {
        server.close();
        client.close();
        metrics.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void metricsInTheTextFormat() throws IOException, InterruptedException {
        metrics.sendsAcknowledged(3);

        HttpResponse<String> response = send("GET", "/metrics");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).contains("text/plain; version=0.0.4; charset=utf-8");
        assertThat(response.body()).contains("# TYPE ephemera_sends_acknowledged_total counter")
                .contains("\nephemera_sends_acknowledged_total 3.0\n");
    }

    @Test
    void healthWithAStatusThatProbesUnderstand() throws IOException, InterruptedException {
        AtomicReference<Health.State> database = new AtomicReference<>(new Up());
        health.readiness("database", () -> Objects.requireNonNull(database.get()));

        assertThat(send("GET", "/health/ready").statusCode()).isEqualTo(200);
        database.set(new Down("restarting"));
        HttpResponse<String> ready = send("GET", "/health/ready");
        assertThat(ready.statusCode()).isEqualTo(503);
        assertThat(ready.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(ready.headers().firstValue("Cache-Control")).contains("no-store");
        assertThat(ready.body()).contains("\"database\":{\"status\":\"down\",\"reason\":\"restarting\"}");
        assertThat(send("GET", "/health/live").statusCode()).isEqualTo(200);
        assertThat(send("GET", "/health/ready?verbose=1").statusCode()).isEqualTo(503);
    }

    @Test
    void headWithoutABody() throws IOException, InterruptedException {
        HttpResponse<String> response = send("HEAD", "/health/live");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"GET, /", "GET, /metrics/", "GET, /health", "GET, /Metrics", "GET, /health/../metrics",
        "POST, /metrics", "PUT, /health/live", "DELETE, /health/ready", "OPTIONS, /metrics", "TRACE, /metrics"})
    void notFoundOtherwise(String method, String path) throws IOException, InterruptedException {
        assertThat(send(method, path).statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource({"GET http://[ HTTP/1.1", "GET //// HTTP/1.1", "GET %zz HTTP/1.1", "GET * HTTP/1.1", "NONSENSE"})
    void nonsenseIsRefusedAndHarmless(String line) throws IOException, InterruptedException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write((line + "\r\nHost: x\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            assertThat(new String(in.readNBytes(10), StandardCharsets.US_ASCII)).matches("HTTP/1.[01] 4");
        }
        assertThat(send("GET", "/health/live").statusCode()).isEqualTo(200);
    }

    @Test
    void checksRunOffTheEventLoop() throws IOException, InterruptedException {
        AtomicReference<Thread> thread = new AtomicReference<>(Thread.currentThread());
        AtomicReference<Boolean> onLoop = new AtomicReference<>(true);
        metrics.queue("example", () -> {
            thread.set(Thread.currentThread());
            onLoop.set(Context.isOnEventLoopThread());
            return 1;
        });

        assertThat(send("GET", "/metrics").body()).contains("ephemera_queue_depth{queue=\"example\"} 1.0");
        assertThat(thread.get()).matches(Thread::isVirtual);
        assertThat(onLoop.get()).isFalse();
    }

    @Test
    void moreRequestsAtOnceThanPlacesAreToldSo() throws Exception {
        CountDownLatch hang = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(8);
        metrics.queue("hanging", () -> {
            begun.countDown();
            try {
                hang.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return 1;
        });
        List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            waiting.add(client.sendAsync(request("GET", "/metrics"), BodyHandlers.ofString()));
        }
        begun.await();

        assertThat(send("GET", "/health/live").statusCode()).isEqualTo(503);
        hang.countDown();
        for (CompletableFuture<HttpResponse<String>> response : waiting) {
            assertThat(response.get().statusCode()).isEqualTo(200);
        }
        assertThat(send("GET", "/health/live").statusCode()).isEqualTo(200);
    }

    @Test
    void addressThatIsTakenEndsTheStartWithARemedy() {
        assertThatThrownBy(
                () -> ManagementServer.start(vertx, new Config.Management("127.0.0.1", server.port()), metrics, health))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("http://127.0.0.1:" + server.port())
                .hasMessageContaining("free that port or set management.host and management.port");
    }

    @Test
    void closedMeansThatNobodyListens() {
        int port = server.port();
        server.close();

        assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
                .isInstanceOf(ConnectException.class);
    }

    private HttpResponse<String> send(String method, String path) throws IOException, InterruptedException {
        return client.send(request(method, path), BodyHandlers.ofString());
    }

    private HttpRequest request(String method, String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .method(method, BodyPublishers.noBody())
                .version(HttpClient.Version.HTTP_1_1)
                .build();
    }
}
