package ephemera.server.http.pages;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The witness of the other tests against answers that are not what the document says. */
class DocumentedAnswersObjectToEverythingElse {

    private static final DocumentedAnswers TIGHT = DocumentedAnswers.of("tight");
    private static final String GONE = """
            {"result":"SUCCESS","data":{"id":"con_7","status":"DELETED"},"error":[]}""";
    private static final String FAILURE = """
            {"result":"FAILURE","data":null,"error":[{"type":"INVALID_TOKEN","message":"No."}]}""";

    private static void witness(String request, int status, Map<String, String> headers, String body) {
        Map<String, List<String>> all = headers.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, header -> List.of(header.getValue())));
        String[] words = request.split(" ");
        TIGHT.witness(new DocumentedAnswers.Seen(words[0], words[1], status, all, body));
    }

    private static Map<String, String> json(String... more) {
        return more.length == 0
                ? Map.of("content-type", "application/json")
                : Map.of("content-type", "application/json", more[0], more[1]);
    }

    private static void assertObjects(String reason, String request, int status, Map<String, String> headers,
            String body) {
        assertThatThrownBy(() -> witness(request, status, headers, body))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(reason);
    }

    @Test
    void butNotToWhatIsDescribed() {
        assertThatCode(() -> {
            witness("DELETE /v6/conversations/con_7", 200, json(), GONE);
            witness("DELETE /v6/conversations/con_7/?a=b", 200, json("Date", "now"), GONE);
            witness("GET /v6/conversations/con_7", 401,
                    json("WWW-Authenticate", "Bearer error=\"invalid_token\""), FAILURE);
            witness("GET /v6/nothing", 404, json(), FAILURE);
            witness("PATCH /v6/messages", 405, json("allow", "POST"), FAILURE);
        }).doesNotThrowAnyException();
    }

    @Test
    void suchAsAPathAStatusAHeaderOrAType() {
        assertObjects("no such operation", "GET /v6/nothing", 200, json(), GONE);
        assertObjects("nothing is told to be allowed", "PATCH /v6/messages", 405, json(), FAILURE);
        assertObjects("no such status", "DELETE /v6/conversations/con_7", 418, json(), GONE);
        assertObjects("x-other is not in", "DELETE /v6/conversations/con_7", 200, json("X-Other", "1"), GONE);
        assertObjects("WWW-Authenticate is missing", "GET /v6/conversations/con_7", 401, json(), FAILURE);
        assertObjects("WWW-Authenticate: $", "GET /v6/conversations/con_7", 401, json("WWW-Authenticate", "x"),
                FAILURE);
        assertObjects("the type is", "DELETE /v6/conversations/con_7", 200, Map.of("content-type", "text/html"), GONE);
        assertObjects("there is a body", "POST /v6/auth/revoke", 200,
                Map.of("cache-control", "no-store", "pragma", "no-cache"), GONE);
    }

    @Test
    void suchAsAFieldOfAnotherFormOrOneThatIsNotTold() {
        for (String wrong : List.of(
                GONE.replace("\"con_7\"", "7"),
                GONE.replace("DELETED", "deleted"),
                GONE.replace("\"id\":\"con_7\",", ""),
                GONE.replace("\"id\"", "\"secret\":1,\"id\""),
                GONE.replace("\"error\":[]", "\"error\":[{}]"),
                GONE.replace("\"error\":[]", "\"error\":null"),
                FAILURE)) {
            assertObjects("$.", "DELETE /v6/conversations/con_7", 200, json(), wrong);
        }
    }
}
