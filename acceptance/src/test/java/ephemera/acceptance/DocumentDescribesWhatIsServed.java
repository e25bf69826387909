package ephemera.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ephemera.acceptance.client.Multipart;
import ephemera.acceptance.client.Reply;
import ephemera.acceptance.client.Tiger;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * The published document against the server that publishes it.
 *
 * <p>That every reply has its status in the document is checked wherever {@link Somebody} or an {@link Office} calls;
 * here the other direction: whatever the document names is there.
 */
class DocumentDescribesWhatIsServed {
    private final Tiger nobody = TheServer.anybody();
    private final PublishedDocument document = PublishedDocument.of(nobody.server());

    @Test
    void everyOperationOfTheDocumentIsThere() {
        Somebody person = Somebody.fresh();
        Multipart avatar = new Multipart().file("avatar", "a.gif", "image/gif", new byte[] {'G', 'I', 'F', '8'});
        person.tiger().call("POST", "/v2/user/" + person.token() + "/settings", Map.of("Content-Type",
                avatar.contentType()), avatar.bytes()).expect(204);
        String picture = person.profile().path("avatar").asString().replaceAll(".*/", "");
        assertThat(document.operations()).hasSizeGreaterThan(50).allSatisfy(operation -> {
            // Whoever asks without credentials learns whether there is something, and nothing else.
            Reply reply = nobody.call(operation.method(), operation.filledWith(picture), Map.of(), new byte[0]);
            assertThat(reply.status()).as("%s", reply).isNotIn(404, 405);
            assertThat(reply.status()).as("%s", reply).isIn(operation.statuses());
            assertThat(reply.status() == 401).as("%s", reply).isEqualTo(operation.statuses().contains(401));
        });
    }

    @Test
    void everyOperationOfTheTightDocumentIsThere() {
        PublishedDocument tight = PublishedDocument.ofTight(nobody.server());
        assertThat(tight.operations()).hasSizeGreaterThan(25).allSatisfy(operation -> {
            assertThat(operation.template()).startsWith("/v6/");
            Reply reply = nobody.call(operation.method(), operation.filledWith("pdf.svg"), Map.of(), new byte[0]);
            assertThat(reply.status()).as("%s", reply).isNotIn(404, 405);
            assertThat(reply.status()).as("%s", reply).isIn(operation.statuses());
            assertThat(reply.status() == 401).as("%s", reply).isEqualTo(operation.statuses().contains(401));
        });
        for (String line : List.of("GET /v6/nothing", "GET /v6", "PUT /v6/messages", "PATCH /v6/events")) {
            String[] words = line.split(" ");
            Reply reply = nobody.call(words[0], words[1], Map.of(), new byte[0]);
            assertThat(reply.status()).as(line).isIn(404, 405);
            assertThat(reply.header("Allow").isPresent()).as(line).isEqualTo(reply.status() == 405);
            assertThat(reply.json().path("result").asString()).isEqualTo("FAILURE");
        }
    }

    @Test
    void whatIsNotInTheDocumentIsNotThere() {
        for (String line : List.of("GET /v2/nothing", "GET /v2", "GET /v3/user", "PATCH /v2/user", "DELETE /v2/user",
                "GET /v2/message", "PUT /v2/roster", "GET /v2/login", "POST /v2/roster/somebody")) {
            String[] words = line.split(" ");
            Reply reply = nobody.call(words[0], words[1], Map.of(), new byte[0]);
            assertThat(reply.status()).as(line).isIn(404, 405);
            assertThat(reply.header("Allow").isPresent()).as(line).isEqualTo(reply.status() == 405);
            assertThat(reply.json().path("status").asString()).isEqualTo("fail");
            assertThat(reply.errorMessage()).isNotEmpty();
        }
    }

    @Test
    void theWitnessObjectsToWhatTheDocumentDoesNotKnow() {
        assertThatThrownBy(() -> document.witness(nobody.get("/v2/nothing"))).isInstanceOf(AssertionError.class);
        Reply unexpected = new Reply("GET /v2/user", 299, Map.of(), new byte[0]);
        assertThatThrownBy(() -> document.witness(unexpected)).isInstanceOf(AssertionError.class)
                .hasMessageContaining("/v2/user");
        document.witness(nobody.get("/v2/user/"));
        document.witness(nobody.get("/v2/message/status"));
    }
}
