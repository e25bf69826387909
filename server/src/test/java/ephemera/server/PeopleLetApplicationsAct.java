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
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
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
import tools.jackson.databind.JsonNode;

/** Somebody lets an application act for them: by a code first, by refresh tokens from then on. */
@Timeout(180)
class PeopleLetApplicationsAct {

    private static final OneServer SERVER = OneServer.get();
    private static final String CHALLENGE = challenge();
    private static final List<String> EVERYTHING_STORED = List.of(
            "SELECT string_agg(client::text, ' ') FROM client",
            "SELECT string_agg(access_token::text, ' ') FROM access_token",
            "SELECT string_agg(refresh_token::text, ' ') FROM refresh_token",
            "SELECT string_agg(authorization_code::text, ' ') FROM authorization_code");

    private final Applicant app = new Applicant();
    private final ClientEnrolment.Enrolled client = app.client;
    private final OneServer.Member ann = app.person;

    private static String challenge() {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(Applicant.sha256(VERIFIER));
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
        return app.ask(
                "grant_type", "authorization_code", "code", code, "redirect_uri", BACK, "code_verifier", verifier);
    }

    private Request.Answer refresh(String token) {
        return app.ask("grant_type", "refresh_token", "refresh_token", token);
    }

    @Test
    void forThem() {
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
                app.ask("grant_type", "authorization_code", "code", code(), "redirect_uri", "https://app.example/back",
                        "code_verifier", VERIFIER),
                400,
                "invalid_grant");
        String late = code();
        Applicant.change("UPDATE authorization_code SET expires_at = now() WHERE code_hash = ?", late);
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
                        .with("Authorization", "Bearer " + token(app.ask("userId", ann.token())))
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
            for (String all : EVERYTHING_STORED) {
                try (PreparedStatement statement = connection.prepareStatement(all);
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
}
