package ephemera.server;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.KeyPair;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All calls come from one address, which may fail 200 times in a quarter of an hour: these tests fail 40 times. */
@Timeout(180)
class SigningInOverHttpIsLimited {

    private static final OneServer SERVER = OneServer.get();
    private static final String RIGHT = "correct: horse: battery";
    private static final int ALLOWED = 10;

    private static OneServer.Member memberWithPassword(String name) {
        OneServer.Member member = SERVER.member(SERVER.clinic(), name);
        SERVER.setPassword(member, RIGHT);
        return member;
    }

    private static Request.Answer login(String login, String password) {
        return SERVER.request("POST", "/v2/login")
                .with("Authorization", OneServer.password(login, password))
                .json("{}")
                .send();
    }

    private static Request.Answer me(String authorization) {
        return SERVER.request("GET", "/v2/user").with("Authorization", authorization).send();
    }

    private static void assertTooMany(Request.Answer answer, int longest) {
        assertThat(answer.status()).isEqualTo(429);
        assertThat(answer.body()).contains("\"code\":\"too_many_attempts\"");
        assertThat(Integer.parseInt(answer.header("Retry-After").orElseThrow())).isBetween(1, longest);
    }

    @Test
    void wrongPasswordsAreCountedAndThenEvenTheRightOneIsRefused() {
        OneServer.Member bob = memberWithPassword("Bob");
        OneServer.Member eve = memberWithPassword("Eve");
        assertThat(login(bob.email(), RIGHT).status()).isEqualTo(200);
        for (int left = ALLOWED - 1; left >= 0; left--) {
            Request.Answer answer = login(bob.email(), "wrong" + left);
            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.header("TT_Login_Attempts_Left")).contains(Integer.toString(left));
        }
        assertTooMany(login(bob.email(), "wrong"), 15 * 60);
        assertTooMany(login(bob.email(), RIGHT), 15 * 60);
        assertThat(login(eve.email(), RIGHT).status()).as("another login").isEqualTo(200);
        assertThat(me(bob.authorization()).status()).as("the key of the same person").isEqualTo(200);
    }

    @Test
    void anUnknownLoginIsAnsweredLikeAWrongPassword() {
        OneServer.Member bob = memberWithPassword("Bob");
        String nobody = "nobody" + UUID.randomUUID() + "@test.example";
        for (int i = 0; i <= ALLOWED; i++) {
            Request.Answer known = login(bob.email(), "wrong");
            Request.Answer unknown = login(nobody, "wrong");
            assertThat(unknown.status()).isEqualTo(known.status());
            assertThat(unknown.body()).isEqualTo(known.body());
            assertThat(unknown.response().headers().map().keySet())
                    .isEqualTo(known.response().headers().map().keySet());
            assertThat(unknown.header("TT_Login_Attempts_Left")).isEqualTo(known.header("TT_Login_Attempts_Left"));
        }
        assertTooMany(login(nobody, "wrong"), 15 * 60);
    }

    @Test
    void wrongSecretsAreRefusedAndThenTooMany() {
        OneServer.Member bob = SERVER.member(SERVER.clinic(), "Bob");
        OneServer.Member eve = SERVER.member(SERVER.clinic(), "Eve");
        String guess = OneServer.basic(bob.keys().key(), eve.keys().secret());
        Request.Answer answer = me(guess);
        int refused = 0;
        while (answer.status() == 401 && refused < 1_000) {
            refused++;
            answer = me(guess);
        }
        assertThat(refused).isEqualTo(50);
        assertTooMany(answer, 61);
        assertThat(me(bob.authorization()).status()).as("who knows the secret is not locked out").isEqualTo(200);
        assertThat(me(OneServer.basic(eve.keys().key(), "wrong")).status()).as("another key").isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", " ", "Basic", "Basic ", "Basic :", "Basic ???", "Basic bm9jb2xvbg==", "Basic Og==", "Basic OmE=",
                "Basic YTo=", "Bearer nonsense", "Digest YTpi", "Negotiate", "XMPP-Simple YTpi", "Basic YQBiOmM=",
                "Basic gICAOoCAgA==", "XMPP-Simple YTpiAGM6ZAo=",
            })
    void whatCannotBeCredentialsIsRefusedToo(String authorization) {
        Request.Answer answer = me(authorization);
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.body()).contains("\"code\":\"wrong_credentials\"");
        assertThat(SERVER.request("POST", "/v2/login").with("Authorization", authorization).send().status())
                .isBetween(400, 401);
    }

    @Test
    void aKeyThatWasSignedOutIsRefusedAtOnceAndItsStreamsEnd() throws Exception {
        OneServer.Member bob = SERVER.member(SERVER.clinic(), "Bob");
        KeyPair session = SERVER.session(bob);
        String authorization = OneServer.basic(session);
        try (OpenStream stream = OpenStream.of(bob, authorization);
                OpenStream other = OpenStream.of(bob, bob.authorization())) {
            assertThat(me(authorization).status()).isEqualTo(200);
            assertThat(SERVER.request("POST", "/v2/logout").with("Authorization", authorization).send().status())
                    .isEqualTo(204);
            assertThat(me(authorization).status()).isEqualTo(401);
            assertThat(stream.ended().get(2, TimeUnit.SECONDS)).contains("remote_wipe");
            assertThat(other.ended()).isNotDone();
        }
        assertThat(me(bob.authorization()).status()).isEqualTo(200);
    }

    @Test
    void aWipeEndsAllSessionsAndNoProgramsKey() throws Exception {
        OneServer.Member bob = SERVER.member(SERVER.clinic(), "Bob");
        OneServer.Member alice = SERVER.administrator(SERVER.clinic(), "Alice");
        String one = OneServer.basic(SERVER.session(bob));
        String other = OneServer.basic(SERVER.session(bob));
        String alices = OneServer.basic(SERVER.session(alice));
        assertThat(List.of(me(one).status(), me(other).status(), me(alices).status())).containsOnly(200);
        try (OpenStream stream = OpenStream.of(bob, one)) {
            assertThat(SERVER.request("POST", "/v2/wipe?token=" + bob.token()).as(alice).send().status())
                    .isEqualTo(204);
            assertThat(me(one).status()).isEqualTo(401);
            assertThat(me(other).status()).isEqualTo(401);
            assertThat(stream.ended().get(2, TimeUnit.SECONDS)).contains("remote_wipe");
        }
        assertThat(me(bob.authorization()).status()).isEqualTo(200);
        assertThat(me(alices).status()).isEqualTo(200);
    }

    /** Nobody who reads the database can sign in with what stands there. */
    @Test
    void secretsAndPasswordsAreStoredAsHashesOnly() throws Exception {
        OneServer.Member bob = memberWithPassword("Bob");
        KeyPair session = SERVER.session(bob);
        try (Connection connection = SERVER.postgres().connect()) {
            for (KeyPair keys : List.of(bob.keys(), session)) {
                byte[] hash = MessageDigest.getInstance("SHA-256")
                        .digest(keys.secret().getBytes(StandardCharsets.UTF_8));
                try (PreparedStatement statement =
                        connection.prepareStatement("SELECT secret_hash FROM credential WHERE key = ?")) {
                    statement.setString(1, keys.key());
                    assertThat(bytes(statement)).containsExactly(hash);
                }
            }
            try (PreparedStatement statement = connection.prepareStatement(
                    "SELECT convert_to(password_hash, 'UTF8') FROM person WHERE person_id = ?::uuid")) {
                statement.setString(1, bob.token());
                assertThat(new String(bytes(statement), StandardCharsets.UTF_8))
                        .startsWith("$argon2id$v=19$m=19456,t=2,p=1$");
            }
            for (String table : tables(connection)) {
                String rows = rows(connection, table);
                for (String secret : List.of(bob.keys().secret(), session.secret(), RIGHT)) {
                    assertThat(rows.contains(secret)).as("%s holds a secret", table).isFalse();
                    assertThat(rows.contains(hex(secret))).as("%s holds a secret as bytes", table).isFalse();
                }
            }
        }
    }

    private static byte[] bytes(PreparedStatement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery()) {
            assertThat(row.next()).isTrue();
            return row.getBytes(1);
        }
    }

    private static List<String> tables(Connection connection) throws SQLException {
        List<String> tables = new ArrayList<>();
        try (ResultSet row =
                connection.getMetaData().getTables(null, "public", "%", new String[] {"TABLE", "PARTITIONED TABLE"})) {
            while (row.next()) {
                tables.add(row.getString("TABLE_NAME"));
            }
        }
        assertThat(tables).contains("credential", "person", "message");
        return tables;
    }

    private static String rows(Connection connection, String table) throws SQLException {
        StringBuilder rows = new StringBuilder();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT each::text FROM " + statement.enquoteIdentifier(table, true) + " AS each")) {
            while (row.next()) {
                rows.append(row.getString(1)).append('\n');
            }
        }
        return rows.toString();
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
    }

    /** An event stream that is read on a thread of its own until it ends. */
    private record OpenStream(HttpClient client, CompletableFuture<String> ended) implements AutoCloseable {

        static OpenStream of(OneServer.Member member, String authorization)
                throws IOException, InterruptedException {
            HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
            HttpRequest request = HttpRequest.newBuilder(URI.create(SERVER.url() + "/v2/events"))
                    .header("Authorization", authorization)
                    .header("TT-X-Features", "is-typing")
                    .timeout(Duration.ofSeconds(60))
                    .build();
            HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            assertThat(response.statusCode()).isEqualTo(200);
            InputStream events = response.body();
            CountDownLatch live = new CountDownLatch(1);
            CompletableFuture<String> ended = new CompletableFuture<>();
            Thread.startVirtualThread(() -> {
                StringBuilder read = new StringBuilder();
                try (events) {
                    for (int letter = events.read(); letter >= 0; letter = events.read()) {
                        read.append((char) letter);
                        if (letter == '\n' && read.indexOf("is_typing") >= 0) {
                            live.countDown();
                        }
                    }
                    ended.complete(read.toString());
                } catch (IOException e) {
                    ended.completeExceptionally(e);
                }
            });
            // A stream is live a moment after it is caught up: only then it is told of its end, or of this.
            do {
                assertThat(ended).isNotDone();
                assertThat(SERVER.request("POST", "/v2/message/typing").as(member)
                        .json("{\"recipient\":\"" + member.token() + "\"}").send().status()).isEqualTo(204);
            } while (!live.await(20, TimeUnit.MILLISECONDS));
            return new OpenStream(client, ended);
        }

        @Override
        public void close() {
            client.shutdownNow();
        }
    }
}
