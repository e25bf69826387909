package ephemera.server;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.ClientEnrolment;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import tools.jackson.databind.JsonNode;

/** An application of the clinic that asks for tokens, for itself and for a person. */
final class Applicant {

    private static final OneServer SERVER = OneServer.get();

    /** Where people are sent back to. */
    static final String BACK = "https://app.example/back?from=here";

    /** What shows that who brings a code is who asked for it. */
    static final String VERIFIER = "verifier-verifier-verifier-verifier-verifier.~_";

    final ClientEnrolment.Enrolled client = SERVER.client(SERVER.clinic(), "Books", BACK);
    final OneServer.Member person = SERVER.member(SERVER.clinic(), "Ann");

    /** The answer to a form that asks for a token. */
    Request.Answer ask(String... form) {
        return SERVER.request("POST", "/v6/auth/token")
                .with("Authorization", OneServer.basic(client))
                .form(form)
                .send();
    }

    /** The token that was given. */
    static String token(Request.Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json().required("access_token").asString();
    }

    /** The own company, by a token. */
    static Request.Answer call(String token) {
        return SERVER.request("POST", "/v6/company/query").with("Authorization", "Bearer " + token).json("{}").send();
    }

    /** Makes sure of a refusal as OAuth has it. */
    static void assertError(Request.Answer answer, int status, String error) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.json().required("error").asString()).isEqualTo(error);
        assertThat(answer.json().required("error_description").asString()).endsWith(".");
        assertThat(answer.header("Content-Type")).contains("application/json");
        assertThat(answer.header("Cache-Control")).contains("no-store");
    }

    /** Makes sure of a refusal as the door has it. */
    static void assertProblem(Request.Answer answer, int status, String type) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        JsonNode json = answer.json();
        assertThat(json.required("result").asString()).isEqualTo("FAILURE");
        assertThat(json.required("data").isNull()).isTrue();
        assertThat(json.required("error")).hasSize(1);
        assertThat(json.required("error").get(0).required("type").asString()).isEqualTo(type);
        assertThat(json.required("error").get(0).required("message").asString()).isNotBlank();
    }

    /** Makes sure that nobody can call with a token. */
    static void assertDead(String token) {
        assertProblem(call(token), 401, "INVALID_TOKEN");
    }

    /** Changes the one row in which that secret is kept. */
    static void change(String sql, String secret) throws SQLException {
        try (Connection connection = SERVER.postgres().connect();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setBytes(1, sha256(secret));
            assertThat(statement.executeUpdate()).isEqualTo(1);
        }
    }

    /** The form in which secrets are kept. */
    static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
