package ephemera.server;

import static ephemera.server.Applicant.BACK;
import static ephemera.server.Applicant.VERIFIER;
import static ephemera.server.Applicant.assertDead;
import static ephemera.server.Applicant.assertError;
import static ephemera.server.Applicant.assertProblem;
import static ephemera.server.Applicant.call;
import static ephemera.server.Applicant.token;
import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.ClientEnrolment;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Applications get tokens for what they are, and call with them until these expire or are revoked. */
@Timeout(180)
class ApplicationsCallWithTokens {

    private static final OneServer SERVER = OneServer.get();

    private final Applicant app = new Applicant();
    private final ClientEnrolment.Enrolled client = app.client;
    private final OneServer.Member ann = app.person;

    private Request.Answer revoke(String token) {
        return SERVER.request("POST", "/v6/auth/revoke")
                .with("Authorization", OneServer.basic(client))
                .form("token", token)
                .send();
    }

    @Test
    void whichTheyGetForThemselves() {
        Request.Answer answer = app.ask();
        JsonNode json = answer.json();
        assertThat(answer.status()).isEqualTo(200);
        assertThat(json.propertyNames()).containsExactly("access_token", "token_type", "expires_in", "scope");
        assertThat(json.required("access_token").asString()).matches("[0-9A-Za-z]{43}");
        assertThat(json.required("token_type").asString()).isEqualTo("Bearer");
        assertThat(json.required("expires_in").asInt()).isEqualTo(3_600);
        assertThat(json.required("scope").asString()).isEqualTo("write");
        assertThat(answer.header("Cache-Control")).contains("no-store");
        assertThat(call(token(answer)).status()).isEqualTo(200);
        assertThat(app.ask("scope", "read").json().required("scope").asString()).isEqualTo("read");
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
            assertThat(call(token(app.ask("userId", name))).status()).isEqualTo(200);
        }
        OneServer.Member zoe = SERVER.member(SERVER.office(), "Zoe");
        for (String name : List.of("nobody", zoe.token(), zoe.email())) {
            assertError(app.ask("userId", name), 400, "invalid_grant");
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
        assertError(app.ask(row.subList(1, row.size()).toArray(String[]::new)), 400, row.getFirst());
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
        assertThat(app.ask().status()).as("who knows the secret is not locked out").isEqualTo(200);
    }

    @Test
    void anExpiredTokenIsToldFromAnInvalidOne() throws Exception {
        String token = token(app.ask());
        Applicant.change(
                "UPDATE access_token SET expires_at = now() - interval '1 minute' WHERE token_hash = ?", token);
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
        String token = token(app.ask("userId", ann.token()));
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
                SERVER.request("POST", "/v6/company/query").with("Authorization", "Bearer " + token(app.ask()));
        assertProblem(signed.json("{\"a\":").send(), 400, "JSON_ERROR");
        assertProblem(signed.json("[" + " ".repeat(2_000_000) + "]").send(), 413, "BAD_REQUEST");
        assertThat(SERVER.request("GET", "/v7").send().body()).startsWith("{\"status\":\"fail\"");
    }

    @Test
    void aRevokedTokenIsWorthNothingAtOnce() {
        String token = token(app.ask());
        String other = token(app.ask());
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
        String token = token(app.ask());
        assertThat(call(token).status()).isEqualTo(200);
        SERVER.revokeClient(client);
        assertDead(token);
        assertError(app.ask(), 401, "invalid_client");
    }
}
