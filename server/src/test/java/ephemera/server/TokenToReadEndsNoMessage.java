package ephemera.server;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.ClientEnrolment;
import ephemera.core.directory.Organization;
import ephemera.core.directory.Policy;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** In a company that reads strictly, where looking at a message is reading it, and reading it ends it. */
@Timeout(180)
class TokenToReadEndsNoMessage {

    private static final OneServer SERVER = OneServer.get();
    private static final Policy STRICT = new Policy(
            Policy.DEFAULT.standard(), Policy.DEFAULT.shortest(), Policy.DEFAULT.longest(), true, true, true, false,
            true);

    private final Organization company = SERVER.organization("Strict", STRICT);
    private final ClientEnrolment.Enrolled client = SERVER.client(company, "Viewer");
    private final OneServer.Member ann = SERVER.member(company, "Ann");
    private final OneServer.Member bob = SERVER.member(company, "Bob");
    private final String anns = SERVER.token(client, ann);
    private final String bobs = SERVER.token(client, bob);
    private final String bobsToRead = SERVER.token(client, "userId", bob.token(), "scope", "read");
    private String attachment = "";
    private String message = "";

    private static Request request(String token, String method, String path) {
        return SERVER.request(method, path).with("Authorization", "Bearer " + token);
    }

    private static JsonNode data(Request.Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json().required("data");
    }

    private JsonNode read(String token) {
        return data(request(token, "GET", "/v6/messages/" + message).send());
    }

    @BeforeEach
    void send() {
        attachment = data(request(anns, "POST", "/v6/attachments/upload").upload("x", "y", "file", "a file").send())
                .required("id")
                .asString();
        message = data(request(anns, "POST", "/v6/conversations").json("""
                {"data":[{"subject":"Once","message":{"text":"only once","attachmentIds":["%s"]}}]}
                """.formatted(attachment)).send())
                .get(0)
                .required("data")
                .required("latestMessage")
                .required("id")
                .asString();
    }

    @Test
    void howeverOftenItAsks() {
        for (int i = 0; i < 2; i++) {
            JsonNode shown = read(bobsToRead);
            assertThat(shown.required("id").asString()).isEqualTo(message);
            assertThat(shown.required("text").asString()).isEmpty();
            assertThat(shown.required("attachments")).isEmpty();
        }
        assertThat(read(bobs).required("text").asString()).isEqualTo("only once");
        assertThat(request(bobs, "GET", "/v6/messages/" + message).send().status()).isEqualTo(404);
        assertThat(request(bobsToRead, "GET", "/v6/messages/" + message).send().status()).isEqualTo(404);
    }

    @Test
    void norWithAskingForItsFiles() {
        for (String path : new String[] {
            "/v6/attachments/" + attachment, "/v6/attachments/" + attachment + "/content",
            "/v6/files/" + attachment.replace("att_", "fil_")
        }) {
            Request.Answer answer = request(bobsToRead, "GET", path).send();
            assertThat(answer.status()).as(path).isEqualTo(403);
            assertThat(answer.json().required("error").get(0).required("type").asString()).isEqualTo("BAD_REQUEST");
        }
        assertThat(read(bobs).required("text").asString()).isEqualTo("only once");
        assertThat(request(bobs, "GET", "/v6/attachments/" + attachment + "/content").send().body())
                .isEqualTo("a file");
    }

    @Test
    void whileItsAuthorIsShownAll() {
        String annsToRead = SERVER.token(client, "userId", ann.token(), "scope", "read");
        assertThat(read(annsToRead).required("text").asString()).isEqualTo("only once");
        assertThat(data(request(annsToRead, "GET", "/v6/attachments/" + attachment).send()).required("id").asString())
                .isEqualTo(attachment);
        assertThat(read(bobs).required("text").asString()).isEqualTo("only once");
    }
}
