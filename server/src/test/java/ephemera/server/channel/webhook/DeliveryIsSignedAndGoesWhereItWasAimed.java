package ephemera.server.channel.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import ephemera.core.directory.ClientId;
import ephemera.core.directory.OrganizationId;
import ephemera.core.outreach.DeliveryId;
import ephemera.core.outreach.Outcome;
import ephemera.core.outreach.Trouble;
import ephemera.core.outreach.Webhook;
import ephemera.core.outreach.WebhookId;
import ephemera.core.outreach.WebhookSecret;
import ephemera.server.config.Config;
import ephemera.server.config.Networks;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(180)
class DeliveryIsSignedAndGoesWhereItWasAimed {

    /** Longer than any call takes whose receiver answers. */
    private static final Duration PATIENT = Duration.ofMinutes(1);

    private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");
    private static final WebhookSecret NEW = new WebhookSecret("whsec_" + "n".repeat(43));
    private static final WebhookSecret OLD = new WebhookSecret("whsec_" + "o".repeat(43));
    private static final DeliveryId DELIVERY = new DeliveryId(UUID.randomUUID());
    private static final byte[] BODY = "{\"type\":\"ENTITY_UPDATE\",\"text\":\"ä\"}".getBytes(UTF_8);
    private static final char[] PASSWORD = "password".toCharArray();

    @TempDir
    private static Path folder;

    private final List<AutoCloseable> ends = new ArrayList<>();
    private final List<Received> received = new ArrayList<>();

    private record Received(String path, Headers headers, byte[] body) {}

    @AfterEach
    void end() throws Exception {
        for (AutoCloseable end : ends) {
            end.close();
        }
    }

    /** A receiver that keeps what it gets and answers that status, with headers in pairs. */
    private int receiver(HttpServer server, int status, String... headers) {
        server.createContext("/", exchange -> {
            synchronized (received) {
                received.add(new Received(
                        exchange.getRequestURI().toString(),
                        exchange.getRequestHeaders(),
                        exchange.getRequestBody().readAllBytes()));
            }
            for (int i = 0; i < headers.length; i += 2) {
                exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
            }
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        });
        server.start();
        ends.add(() -> server.stop(0));
        return server.getAddress().getPort();
    }

    private int receiver(int status, String... headers) throws IOException {
        return receiver(
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0), status, headers);
    }

    private WebhookCaller caller(SSLContext tls, Duration patience) {
        Config.Webhooks config = new Config.Webhooks(true, Networks.of("127.0.0.0/8"));
        Guard guard = new Guard(config, _ -> new InetAddress[] {InetAddress.ofLiteral("127.0.0.1")});
        WebhookCaller caller = new WebhookCaller(guard, () -> NOW, tls, patience);
        ends.add(caller);
        return caller;
    }

    private Outcome call(String url, WebhookSecret... secrets) throws Exception {
        return call(SSLContext.getDefault(), PATIENT, url, secrets);
    }

    private Outcome call(SSLContext tls, Duration patience, String url, WebhookSecret... secrets) {
        return caller(tls, patience).call(
                new Webhook(
                        new WebhookId(UUID.randomUUID()), new OrganizationId("0".repeat(24)),
                        new ClientId(UUID.randomUUID()),
                        URI.create(url)),
                List.of(secrets),
                DELIVERY,
                BODY);
    }

    /** The claims of a token, which has to be signed with that secret; written from RFC 7519 and RFC 7515 alone. */
    private static JsonNode claims(String token, WebhookSecret secret) throws Exception {
        String[] parts = token.split("\\.", -1);
        assertThat(parts).hasSize(3);
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret.text().getBytes(UTF_8), "HmacSHA256"));
        assertThat(Base64.getUrlDecoder().decode(parts[2]))
                .isEqualTo(mac.doFinal((parts[0] + "." + parts[1]).getBytes(UTF_8)));
        assertThat(token).doesNotContain("=", "+", "/");
        assertThat(new String(Base64.getUrlDecoder().decode(parts[0]), UTF_8))
                .isEqualTo("{\"alg\":\"HS256\",\"typ\":\"JWT\"}");
        return JsonMapper.shared().readTree(Base64.getUrlDecoder().decode(parts[1]));
    }

    @Test
    void withTimeDeliveryAndDigestOfTheBody() throws Exception {
        int port = receiver(200);
        assertThat(call("http://hook.example:" + port + "/a/b?c=d", NEW)).isEqualTo(new Outcome.Accepted(200));
        Received request = received.getFirst();
        assertThat(request.path()).isEqualTo("/a/b?c=d");
        assertThat(request.body()).isEqualTo(BODY);
        assertThat(request.headers().getFirst("Host")).isEqualTo("hook.example:" + port);
        assertThat(request.headers().getFirst("Content-Type")).isEqualTo("application/json");
        assertThat(request.headers()).doesNotContainKey("Tight-verification-previous");
        JsonNode claims = claims(request.headers().getFirst("Tight-Verification"), NEW);
        assertThat(claims.required("iss").asString()).isEqualTo("ephemera");
        assertThat(claims.required("iat").asLong()).isEqualTo(NOW.getEpochSecond());
        assertThat(claims.required("exp").asLong()).isEqualTo(NOW.getEpochSecond() + 300);
        assertThat(claims.required("jti").asString()).isEqualTo(DELIVERY.toString());
        assertThat(claims.required("request_body_sha256").asString())
                .isEqualTo(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(BODY)));
    }

    @Test
    void withBothSecretsWhileTwoAreValid() throws Exception {
        call("http://hook.example:" + receiver(204), NEW, OLD);
        Received request = received.getFirst();
        assertThat(request.path()).isEqualTo("/");
        assertThat(claims(request.headers().getFirst("Tight-Verification"), NEW))
                .isEqualTo(claims(request.headers().getFirst("Tight-Verification-Previous"), OLD));
    }

    @ParameterizedTest
    @CsvSource({
        "300, REDIRECTED", "301, REDIRECTED", "302, REDIRECTED", "303, REDIRECTED", "307, REDIRECTED",
        "308, REDIRECTED", "400, REFUSED", "401, REFUSED", "404, REFUSED", "410, REFUSED", "422, REFUSED",
        "408, BUSY", "429, BUSY", "500, BUSY", "502, BUSY", "503, BUSY", "504, BUSY"
    })
    void andItsAnswerTellsWhetherToTryAgain(int status, Trouble trouble) throws Exception {
        int elsewhere = receiver(200);
        int port = receiver(status, "Location", "http://hook.example:" + elsewhere + "/elsewhere");
        assertThat(call("http://hook.example:" + port + "/", NEW))
                .isEqualTo(new Outcome.Failed(trouble, OptionalInt.of(status), Optional.empty()));
        assertThat(received).singleElement().extracting(Received::path).isEqualTo("/");
        assertThat(trouble.passing()).isEqualTo(trouble == Trouble.BUSY);
    }

    @ParameterizedTest
    @CsvSource({
        "120, 120", "0, 0", "'Sat, 21 Nov 2026 10:01:30 GMT', 90", "'Sat, 21 Nov 2026 09:00:00 GMT', -1", "soon, -1",
        "-5, -1", "99999999999, -1"
    })
    void andWhenTheReceiverWantsItAgain(String header, long seconds) throws Exception {
        int port = receiver(429, "Retry-After", header);
        assertThat(call("http://hook.example:" + port + "/", NEW))
                .isEqualTo(new Outcome.Failed(
                        Trouble.BUSY,
                        OptionalInt.of(429),
                        seconds < 0 ? Optional.empty() : Optional.of(Duration.ofSeconds(seconds))));
    }

    /** What a receiver does once there is a connection. */
    private interface Behaviour {

        void with(Socket socket) throws Exception;
    }

    /** A receiver that speaks as it likes. */
    private int raw(Behaviour behaviour) throws IOException {
        ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        ends.add(server);
        Thread.ofVirtual().start(() -> {
            try (Socket socket = server.accept()) {
                behaviour.with(socket);
            } catch (Exception _) {
                // The other side has gone, or the test is over.
            }
        });
        return server.getLocalPort();
    }

    private int saying(String answer) throws IOException {
        return raw(socket -> {
            InputStream in = socket.getInputStream();
            byte[] head = new byte[4096];
            assertThat(in.read(head)).isPositive();
            OutputStream out = socket.getOutputStream();
            out.write(answer.getBytes(UTF_8));
            out.flush();
            in.readAllBytes();
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "https"})
    void withinItsTimeFromAReceiverThatIsSilent(String scheme) throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        int port = raw(_ -> over.await());
        assertThat(call(SSLContext.getDefault(), Duration.ofMillis(300), scheme + "://hook.example:" + port + "/", NEW))
                .isEqualTo(Outcome.Failed.of(Trouble.TIMED_OUT));
        over.countDown();
    }

    @Test
    void orOneThatSendsAByteNowAndThen() throws Exception {
        int port = raw(socket -> {
            CountDownLatch never = new CountDownLatch(1);
            while (!never.await(50, TimeUnit.MILLISECONDS)) {
                socket.getOutputStream().write('H');
            }
        });
        assertThat(call(SSLContext.getDefault(), Duration.ofMillis(400), "http://hook.example:" + port + "/", NEW))
                .isEqualTo(Outcome.Failed.of(Trouble.TIMED_OUT));
    }

    @Test
    void orOneThatDoesNotRead() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        int port = raw(_ -> over.await());
        WebhookCaller caller = caller(SSLContext.getDefault(), Duration.ofMillis(500));
        Webhook webhook = new Webhook(
                new WebhookId(UUID.randomUUID()),
                new OrganizationId("0".repeat(24)),
                new ClientId(UUID.randomUUID()),
                URI.create("http://hook.example:" + port + "/"));
        assertThat(caller.call(webhook, List.of(NEW), DELIVERY, new byte[64 << 20]))
                .isEqualTo(Outcome.Failed.of(Trouble.TIMED_OUT));
        over.countDown();
    }

    @Test
    void orOneThatIsNotThere() throws Exception {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        assertThat(call("http://hook.example:" + port + "/", NEW))
                .isEqualTo(Outcome.Failed.of(Trouble.NOT_CONNECTED));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n"
    })
    void orOneThatDoesNotSpeakHttp(String answer) throws Exception {
        assertThat(call("http://hook.example:" + saying(answer) + "/", NEW))
                .isEqualTo(Outcome.Failed.of(Trouble.NOT_UNDERSTOOD));
    }

    @Test
    void orOneThatTalksTooMuch() throws Exception {
        int port = saying("HTTP/1.1 200 OK\r\nX: " + "x".repeat(40_000) + "\r\n\r\n");
        assertThat(call("http://hook.example:" + port + "/", NEW))
                .isEqualTo(Outcome.Failed.of(Trouble.NOT_UNDERSTOOD));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "HTTP/1.0 200\n\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
    })
    void andIsTakenHoweverTheReceiverSaysSo(String answer) throws Exception {
        assertThat(call("http://hook.example:" + saying(answer) + "/", NEW)).isEqualTo(new Outcome.Accepted(200));
    }

    @Test
    void toTheAddressThatWasJudgedUnderTheNameOfTheUrl() throws Exception {
        KeyStore identity = identity("hook.example");
        int port = secure(identity);
        // The name does not exist: only the guard knows an address.
        assertThat(call(trusting(identity), PATIENT, "https://hook.example:" + port + "/", NEW))
                .isEqualTo(new Outcome.Accepted(200));
        assertThat(received.getFirst().headers().getFirst("Host")).isEqualTo("hook.example:" + port);
        assertThat(received.getFirst().body()).isEqualTo(BODY);
    }

    @Test
    void andNotToSomebodyElse() throws Exception {
        KeyStore identity = identity("other.example");
        int port = secure(identity);
        assertThat(call(trusting(identity), PATIENT, "https://hook.example:" + port + "/", NEW))
                .isEqualTo(Outcome.Failed.of(Trouble.NOT_TRUSTED));
        assertThat(call(SSLContext.getDefault(), PATIENT, "https://other.example:" + port + "/", NEW))
                .isEqualTo(Outcome.Failed.of(Trouble.NOT_TRUSTED));
        assertThat(received).isEmpty();
    }

    private int secure(KeyStore identity) throws Exception {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(identity, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        HttpsServer server =
                HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        return receiver(server, 200);
    }

    private static KeyStore identity(String name) throws Exception {
        Path file = folder.resolve(name + ".p12");
        if (!Files.exists(file)) {
            int status = new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                    "-genkeypair", "-alias", name, "-keyalg", "EC", "-dname", "CN=" + name, "-ext", "san=dns:" + name,
                    "-validity", "2", "-keystore", file.toString(), "-storetype", "PKCS12", "-storepass",
                    new String(PASSWORD))
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("keytool").toFile())
                    .start()
                    .waitFor();
            assertThat(status).isZero();
        }
        KeyStore made = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            made.load(in, PASSWORD);
        }
        return made;
    }

    private static SSLContext trusting(KeyStore identity) throws Exception {
        KeyStore anchors = KeyStore.getInstance("PKCS12");
        anchors.load(null, null);
        String alias = identity.aliases().nextElement();
        anchors.setCertificateEntry(alias, identity.getCertificate(alias));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(anchors);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
