package ephemera.server;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.ClientEnrolment;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

@Timeout(60)
class ApplicationsCallWithTokens {

    private static final OneServer SERVER = OneServer.get();
    private static final String BACK = "https://app.example/back?from=here";
    private static final String VERIFIER = "verifier-verifier-verifier-verifier-verifier.~_";
    private static final String CHALLENGE = challenge(VERIFIER);

    private final ClientEnrolment.Enrolled client = SERVER.client(SERVER.clinic(), "Books", BACK);
    private final OneServer.Member ann = SERVER.member(SERVER.clinic(), "Ann");

    private static String challenge(String verifier) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(sha256(verifier));
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private Request.Answer ask(String... form) {
        return ask(client, form);
    }

    private static Request.Answer ask(ClientEnrolment.Enrolled client, String... form) {
        return SERVER.request("POST", "/v6/auth/token")
                .with("Authorization", OneServer.basic(client))
                .form(form)
                .send();
    }

    private static String token(Request.Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json().required("access_token").asString();
    }

    private Request.Answer revoke(String token) {
        return SERVER.request("POST", "/v6/auth/revoke")
                .with("Authorization", OneServer.basic(client))
                .form("token", token)
                .send();
    }

    /** The own company, by a token. */
    private static Request.Answer call(String token) {
        return SERVER.request("POST", "/v6/company/query").with("Authorization", "Bearer " + token).json("{}").send();
    }

    private static void assertError(Request.Answer answer, int status, String error) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.json().required("error").asString()).isEqualTo(error);
        assertThat(answer.json().required("error_description").asString()).endsWith(".");
        assertThat(answer.header("Content-Type")).contains("application/json");
        assertThat(answer.header("Cache-Control")).contains("no-store");
    }

    private static void assertProblem(Request.Answer answer, int status, String type) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        JsonNode json = answer.json();
        assertThat(json.required("result").asString()).isEqualTo("FAILURE");
        assertThat(json.required("data").isNull()).isTrue();
        assertThat(json.required("error")).hasSize(1);
        assertThat(json.required("error").get(0).required("type").asString()).isEqualTo(type);
        assertThat(json.required("error").get(0).required("message").asString()).isNotBlank();
    }

    private static void assertDead(String token) {
        assertProblem(call(token), 401, "INVALID_TOKEN");
    }

    private Request.Answer authorize(OneServer.Member person, String... more) {
        List<String> form = new ArrayList<>(
                List.of("client_id", client.client().id().toString(), "redirect_uri", BACK));
        form.addAll(List.of(more));
        return SERVER.request("POST", "/v6/auth/authorize").as(person).form(form.toArray(String[]::new)).send();
    }

    private String code() {
        Request.Answer answer =
                authorize(ann, "code_challenge", CHALLENGE, "code_challenge_method", "S256", "state", "a&b c");
        Map<String, String> back = back(answer);
        assertThat(back).containsEntry("state", "a&b c").containsEntry("from", "here").doesNotContainKey("error");
        return Objects.requireNonNull(back.get("code"));
    }

    private static Map<String, String> back(Request.Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(302);
        String location = answer.header("Location").orElseThrow();
        assertThat(location).startsWith(BACK + "&");
        Map<String, String> query = new HashMap<>();
        for (String pair : URI.create(location).getRawQuery().split("&")) {
            String[] words = pair.split("=", 2);
            query.put(words[0], URLDecoder.decode(words[1], StandardCharsets.UTF_8));
        }
        return query;
    }

    private Request.Answer forCode(String code, String verifier) {
        return ask("grant_type", "authorization_code", "code", code, "redirect_uri", BACK, "code_verifier", verifier);
    }

    private Request.Answer refresh(String token) {
        return ask("grant_type", "refresh_token", "refresh_token", token);
    }

    @Test
    void whichTheyGetForThemselves() {
        Request.Answer answer = ask();
        JsonNode json = answer.json();
        assertThat(answer.status()).isEqualTo(200);
        assertThat(json.propertyNames()).containsExactly("access_token", "token_type", "expires_in", "scope");
        assertThat(json.required("access_token").asString()).matches("[0-9A-Za-z]{43}");
        assertThat(json.required("token_type").asString()).isEqualTo("Bearer");
        assertThat(json.required("expires_in").asInt()).isEqualTo(3_600);
        assertThat(json.required("scope").asString()).isEqualTo("write");
        assertThat(answer.header("Cache-Control")).contains("no-store");
        assertThat(call(token(answer)).status()).isEqualTo(200);
        assertThat(ask("scope", "read").json().required("scope").asString()).isEqualTo("read");
    }

    @Test
    void showingThemselvesInTheFormAsWell() {
        Request request = SERVER.request("POST", "/v6/auth/token");
        String id = client.client().id().toString();
        assertThat(request.form("client_id", id, "client_secret", client.secret()).send().status()).isEqualTo(200);
        assertError(request.form("client_id", id, "client_secret", "wrong").send(), 401, "invalid_client");
        assertError(request.form("client_id", id).send(), 401, "invalid_client");
        Request basic = request.with("Authorization", OneServer.basic(client));
        assertError(basic.form("client_secret", client.secret()).send(), 400, "invalid_request");
        assertThat(basic.form("client_id", id).send().status()).isEqualTo(200);
        assertError(basic.form("client_id", UUID.randomUUID().toString()).send(), 400, "invalid_request");
        assertError(
                SERVER.request("POST", "/v6/auth/token?client_id=" + id + "&client_secret=" + client.secret()).send(),
                400,
                "invalid_request");
    }

    @Test
    void whichTheyGetForPeopleToo() {
        for (String name : List.of(ann.token(), ann.email())) {
            assertThat(call(token(ask("userId", name))).status()).isEqualTo(200);
        }
        OneServer.Member zoe = SERVER.member(SERVER.office(), "Zoe");
        for (String name : List.of("nobody", zoe.token(), zoe.email())) {
            assertError(ask("userId", name), 400, "invalid_grant");
        }
    }

    static Stream<List<String>> wrongForms() {
        return Stream.of(
                List.of("unsupported_grant_type", "grant_type", "password"),
                List.of("unsupported_grant_type", "grant_type", "CLIENT_CREDENTIALS"),
                List.of("invalid_scope", "scope", "admin"),
                List.of("invalid_scope", "scope", "read,write"),
                List.of("invalid_request", "grant_type", "authorization_code"),
                List.of("invalid_request", "grant_type", "authorization_code", "code", "x"),
                List.of("invalid_request", "grant_type", "authorization_code", "code", "x", "redirect_uri", BACK),
                List.of("invalid_grant", "grant_type", "authorization_code", "code", "x", "redirect_uri", BACK,
                        "code_verifier", VERIFIER),
                List.of("invalid_request", "grant_type", "refresh_token"),
                List.of("invalid_grant", "grant_type", "refresh_token", "refresh_token", "x"),
                List.of("invalid_request", "userId", "a", "userId", "b"),
                List.of("invalid_grant", "userId", "x".repeat(500)));
    }

    @ParameterizedTest
    @MethodSource("wrongForms")
    void unlessTheyAskWrongly(List<String> row) {
        assertError(ask(row.subList(1, row.size()).toArray(String[]::new)), 400, row.getFirst());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Basic", "Basic ???", "Basic Og==", "Bearer x", "Digest YTpi", "Basic YQBiOmM="})
    void orAreNobody(String authorization) {
        Request.Answer answer = SERVER.request("POST", "/v6/auth/token").with("Authorization", authorization).send();
        assertError(answer, 401, "invalid_client");
        assertThat(answer.header("WWW-Authenticate")).contains("Basic realm=\"ephemera\"");
    }

    @Test
    void whatCannotBeReadIsRefusedInTheSameForm() {
        Request request = SERVER.request("POST", "/v6/auth/token");
        assertError(request.json("{").send(), 400, "invalid_request");
        assertError(request.json("{\"grant_type\":1}").send(), 400, "invalid_request");
        assertError(request.form("x", "y".repeat(2_000_000)).send(), 413, "invalid_request");
        assertProblem(SERVER.request("GET", "/v6/auth/token").send(), 405, "BAD_REQUEST");
    }

    @Test
    void guessesOfASecretAreLimited() {
        Request guess = SERVER.request("POST", "/v6/auth/token")
                .with("Authorization", OneServer.basic(client.client().id().toString(), "wrong"));
        Request.Answer answer = guess.send();
        int refused = 0;
        while (answer.status() == 401 && refused < 1_000) {
            refused++;
            answer = guess.send();
        }
        assertThat(refused).isEqualTo(50);
        assertError(answer, 429, "temporarily_unavailable");
        assertThat(Integer.parseInt(answer.header("Retry-After").orElseThrow())).isBetween(1, 61);
        assertThat(ask().status()).as("who knows the secret is not locked out").isEqualTo(200);
    }

    @Test
    void anExpiredTokenIsToldFromAnInvalidOne() throws Exception {
        String token = token(ask());
        change("UPDATE access_token SET expires_at = now() - interval '1 minute' WHERE token_hash = ?", token);
        assertProblem(call(token), 401, "EXPIRED_TOKEN");
        assertThat(call(token).header("WWW-Authenticate")).contains("Bearer error=\"invalid_token\"");
        assertDead("x".repeat(43));
        for (String authorization : List.of("", "Bearer", "Bearer ", "Basic " + token, ann.authorization())) {
            assertProblem(
                    SERVER.request("POST", "/v6/company/query").with("Authorization", authorization).send(),
                    401,
                    "INVALID_TOKEN");
        }
        assertProblem(SERVER.request("POST", "/v6/company/query").send(), 401, "INVALID_TOKEN");
    }

    @Test
    void aTokenOpensNoOtherDoor() {
        String token = token(ask("userId", ann.token()));
        Request.Answer answer = SERVER.request("GET", "/v2/user").with("Authorization", "Bearer " + token).send();
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.body()).startsWith("{\"status\":\"fail\"");
    }

    @Test
    void whatLeadsNowhereIsRefusedInTheDoorsForm() {
        assertProblem(SERVER.request("GET", "/v6/nowhere").send(), 404, "INVALID_VALUE");
        assertProblem(SERVER.request("GET", "/v6").send(), 404, "INVALID_VALUE");
        Request.Answer method = SERVER.request("PATCH", "/v6/auth/token").send();
        assertProblem(method, 405, "BAD_REQUEST");
        assertThat(method.header("Allow")).contains("POST");
        Request signed =
                SERVER.request("POST", "/v6/company/query").with("Authorization", "Bearer " + token(ask()));
        assertProblem(signed.json("{\"a\":").send(), 400, "JSON_ERROR");
        assertProblem(signed.json("[" + " ".repeat(2_000_000) + "]").send(), 413, "BAD_REQUEST");
        assertThat(SERVER.request("GET", "/v7").send().body()).startsWith("{\"status\":\"fail\"");
    }

    @Test
    void aRevokedTokenIsWorthNothingAtOnce() {
        String token = token(ask());
        String other = token(ask());
        assertThat(call(token).status()).isEqualTo(200);
        assertThat(SERVER.request("POST", "/v6/auth/revoke")
                .with("Authorization", OneServer.basic(SERVER.client(SERVER.clinic(), "Another")))
                .form("token", token)
                .send()
                .status())
                .isEqualTo(200);
        assertThat(call(token).status()).as("revoked by another client").isEqualTo(200);
        assertThat(revoke(token).status()).isEqualTo(200);
        assertDead(token);
        assertThat(revoke(token).status()).as("again").isEqualTo(200);
        assertThat(call(other).status()).isEqualTo(200);
        assertError(
                SERVER.request("POST", "/v6/auth/revoke").with("Authorization", OneServer.basic(client)).send(),
                400,
                "invalid_request");
    }

    @Test
    void aRevokedClientIsWorthNothingAtOnce() {
        String token = token(ask());
        assertThat(call(token).status()).isEqualTo(200);
        SERVER.revokeClient(client);
        assertDead(token);
        assertError(ask(), 401, "invalid_client");
    }

    @Test
    void aPersonLetsAnApplicationActForThem() {
        JsonNode granted = forCode(code(), VERIFIER).json();
        assertThat(granted.propertyNames())
                .containsExactly("access_token", "token_type", "expires_in", "refresh_token", "scope");
        assertThat(call(granted.required("access_token").asString()).status()).isEqualTo(200);
    }

    @Test
    void aCodeIsGoodOnceAndItsReuseEndsWhatCameOfIt() {
        String code = code();
        JsonNode granted = forCode(code, VERIFIER).json();
        String token = granted.required("access_token").asString();
        assertThat(call(token).status()).isEqualTo(200);
        assertError(forCode(code, VERIFIER), 400, "invalid_grant");
        assertDead(token);
        assertError(refresh(granted.required("refresh_token").asString()), 400, "invalid_grant");
    }

    @Test
    void ofManyWhoUseACodeAtOnceNotTwoGetTokens() throws Exception {
        String code = code();
        Callable<Request.Answer> use = () -> forCode(code, VERIFIER);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Request.Answer> answers = threads.invokeAll(Stream.generate(() -> use).limit(8).toList()).stream()
                    .map(Future::resultNow)
                    .toList();
            List<Request.Answer> won = answers.stream().filter(answer -> answer.status() == 200).toList();
            assertThat(won).hasSize(1);
            assertDead(token(won.getFirst()));
        }
    }

    @Test
    void aCodeNeedsTheRightVerifierAddressAndTime() throws Exception {
        assertError(forCode(code(), VERIFIER + "x"), 400, "invalid_grant");
        assertError(forCode(code(), CHALLENGE), 400, "invalid_grant");
        assertError(forCode(code(), "short"), 400, "invalid_grant");
        assertError(
                ask("grant_type", "authorization_code", "code", code(), "redirect_uri", "https://app.example/back",
                        "code_verifier", VERIFIER),
                400,
                "invalid_grant");
        String late = code();
        change("UPDATE authorization_code SET expires_at = now() WHERE code_hash = ?", late);
        assertError(forCode(late, VERIFIER), 400, "invalid_grant");
    }

    @Test
    void whatIsWrongBeforehandIsToldWhereThePersonIsSent() {
        assertThat(back(authorize(ann))).containsEntry("error", "invalid_request").doesNotContainKey("code");
        assertThat(back(authorize(ann, "code_challenge", CHALLENGE))).containsEntry("error", "invalid_request");
        assertThat(back(authorize(ann, "code_challenge", CHALLENGE, "code_challenge_method", "plain", "state", "s")))
                .containsEntry("error", "invalid_request")
                .containsEntry("state", "s");
        assertThat(back(authorize(ann, "code_challenge", CHALLENGE, "code_challenge_method", "S256", "scope", "x")))
                .containsEntry("error", "invalid_scope");
        assertThat(back(authorize(ann, "response_type", "token")))
                .containsEntry("error", "unsupported_response_type");
        OneServer.Member zoe = SERVER.member(SERVER.office(), "Zoe");
        assertThat(back(authorize(zoe, "code_challenge", CHALLENGE, "code_challenge_method", "S256")))
                .containsEntry("error", "access_denied");
    }

    @Test
    void nobodyIsSentWhereTheClientNeverRegistered() {
        Request request = SERVER.request("POST", "/v6/auth/authorize").as(ann);
        String id = client.client().id().toString();
        for (String wrong : List.of("https://app.example/back", BACK + "&y=1", "https://evil.example/")) {
            Request.Answer answer = request.form("client_id", id, "redirect_uri", wrong).send();
            assertProblem(answer, 400, "INVALID_VALUE");
            assertThat(answer.header("Location")).isEmpty();
        }
        assertProblem(request.form("client_id", id).send(), 400, "REQUIRED");
        assertProblem(
                request.form("client_id", UUID.randomUUID().toString(), "redirect_uri", BACK).send(),
                400,
                "INVALID_VALUE");
        assertProblem(
                SERVER.request("POST", "/v6/auth/authorize")
                        .with("Authorization", "Bearer " + token(ask("userId", ann.token())))
                        .form("client_id", id, "redirect_uri", BACK)
                        .send(),
                401,
                "INVALID_TOKEN");
    }

    @Test
    void aRefreshTokenIsGoodOnceAndItsReuseEndsTheFamily() {
        JsonNode first = forCode(code(), VERIFIER).json();
        String old = first.required("refresh_token").asString();
        JsonNode second = refresh(old).json();
        assertThat(call(second.required("access_token").asString()).status()).isEqualTo(200);
        assertError(refresh(old), 400, "invalid_grant");
        assertDead(second.required("access_token").asString());
        assertDead(first.required("access_token").asString());
        assertError(refresh(second.required("refresh_token").asString()), 400, "invalid_grant");
    }

    /** Nobody who reads the database can call with what stands there. */
    @Test
    void whatIsStoredOpensNothing() throws Exception {
        String code = code();
        JsonNode granted = forCode(code(), VERIFIER).json();
        try (Connection connection = SERVER.postgres().connect()) {
            for (String table : List.of("client", "access_token", "refresh_token", "authorization_code")) {
                try (PreparedStatement statement =
                        connection.prepareStatement("SELECT string_agg(row_::text, ' ') FROM " + table + " AS row_");
                        ResultSet rows = statement.executeQuery()) {
                    assertThat(rows.next()).isTrue();
                    assertThat(rows.getString(1))
                            .doesNotContain(
                                    code,
                                    client.secret(),
                                    VERIFIER,
                                    granted.required("access_token").asString(),
                                    granted.required("refresh_token").asString());
                }
            }
        }
    }

    private static void change(String sql, String secret) throws SQLException {
        try (Connection connection = SERVER.postgres().connect();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setBytes(1, sha256(secret));
            assertThat(statement.executeUpdate()).isEqualTo(1);
        }
    }
}
