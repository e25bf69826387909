package ephemera.server;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.ClientEnrolment;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Section B.4.5 of the contract: a file comes first, and waits for the message that names it. */
@Timeout(60)
class ApplicationsAttachFiles {

    private static final OneServer SERVER = OneServer.get();

    private final ClientEnrolment.Enrolled client = SERVER.client(SERVER.clinic(), "Partner");
    private final String token = SERVER.token(client);

    private Request request(String method, String path) {
        return SERVER.request(method, path).with("Authorization", "Bearer " + token);
    }

    private JsonNode data(Request.Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.json().required("result").asString()).isEqualTo("SUCCESS");
        return answer.json().required("data");
    }

    private JsonNode uploaded(String content) {
        return data(request("POST", "/v6/attachments/upload").upload("x", "y", "file", content).send());
    }

    private static void assertProblem(Request.Answer answer, int status, String type) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.json().required("result").asString()).isEqualTo("FAILURE");
        assertThat(answer.json().required("error").get(0).required("type").asString()).isEqualTo(type);
    }

    private static List<String> fields(JsonNode object) {
        return new ArrayList<>(object.propertyNames());
    }

    @Test
    void andSeeThemAsTheyAreToldToPeople() {
        JsonNode made = uploaded("r".repeat(24 * 1024));
        assertThat(fields(made)).containsExactlyInAnyOrder(
                "id", "url", "fileName", "fileSize", "createdDateTime", "iconUrl", "status");
        String id = made.required("id").asString();
        assertThat(id).matches("att_\\d+");
        assertThat(made.required("fileName").asString()).isEqualTo("file.txt");
        assertThat(made.required("fileSize").asString()).isEqualTo("24 KB");
        assertThat(made.required("createdDateTime").asString()).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d.*Z");
        assertThat(made.required("iconUrl").asString()).isEqualTo(SERVER.url() + "/v6/icons/text.svg");
        assertThat(made.required("status").asString()).isEqualTo("ACTIVE");
        assertThat(data(request("GET", "/v6/attachments/" + id).send())).isEqualTo(made);
    }

    @Test
    void whoseBytesTheyGetBack() {
        JsonNode made = uploaded("<script>alert(1)</script>");
        String path = made.required("url").asString().substring(SERVER.url().length());
        Request.Answer answer = request("GET", path).send();
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("<script>alert(1)</script>");
        assertThat(answer.header("Content-Disposition")).contains("attachment; filename*=UTF-8''file.txt");
        assertThat(answer.header("X-Content-Type-Options")).contains("nosniff");
        assertThat(answer.header("Cache-Control")).contains("no-store");
        assertThat(SERVER.request("GET", path).send().status()).isEqualTo(401);
    }

    @Test
    void andTakeThemBack() {
        String id = uploaded("gone soon").required("id").asString();
        JsonNode gone = data(request("DELETE", "/v6/attachments/" + id).send());
        assertThat(gone.required("status").asString()).isEqualTo("DELETED");
        for (String method : List.of("GET", "DELETE")) {
            assertProblem(request(method, "/v6/attachments/" + id).send(), 404, "INVALID_VALUE");
        }
        assertProblem(request("GET", "/v6/attachments/" + id + "/content").send(), 404, "INVALID_VALUE");
    }

    @Test
    void withWhatTheySayOfThem() {
        String note = "for " + UUID.randomUUID();
        JsonNode made = data(request("POST", "/v6/files/upload/btxn_7")
                .upload("data", """
                        {"description":"Receipt","notes":"%s","amount":12.50,"date":"2026-11-21",
                         "entityId":"btxn_1","customData":{"a":[1]},"unknown":true}
                        """.formatted(note), "file", "paper")
                .send());
        assertThat(fields(made)).contains(
                "id", "entity", "description", "notes", "url", "date", "amount", "status", "customData");
        String id = made.required("id").asString();
        assertThat(id).matches("fil_\\d+");
        assertThat(made.at("/entity/id").asString()).as("the path is the more precise").isEqualTo("btxn_7");
        assertThat(made.required("notes").asString()).isEqualTo(note);
        assertThat(made.required("amount").asDouble()).isEqualTo(12.5);
        assertThat(made.at("/customData/a/0").asInt()).isEqualTo(1);
        assertThat(made.has("unknown")).isFalse();
        assertThat(data(request("GET", "/v6/files/" + id).send())).isEqualTo(made);
        // The same file under its other name.
        JsonNode attachment = data(request("GET", "/v6/attachments/" + id.replace("fil_", "att_")).send());
        assertThat(attachment.required("url")).isEqualTo(made.required("url"));
        assertThat(data(request("DELETE", "/v6/files/" + id).send()).required("status").asString())
                .isEqualTo("DELETED");
        assertProblem(request("GET", "/v6/files/" + id).send(), 404, "INVALID_VALUE");
    }

    @Test
    void butNothingElse() {
        assertProblem(request("POST", "/v6/attachments/upload").json("{}").send(), 400, "REQUIRED");
        assertProblem(request("POST", "/v6/attachments/upload").upload("a", "b", "other", "c").send(), 400, "REQUIRED");
        for (String data : List.of(
                "[]", "{\"notes\":1}", "{\"amount\":[]}", "{\"entityId\":{}}", "{\"customData\":[]}",
                "{\"customData\":{\"a\":\"" + "x".repeat(2_000) + "\"}}")) {
            assertProblem(
                    request("POST", "/v6/files/upload").upload("data", data, "file", "c").send(), 400,
                    "INVALID_VALUE");
        }
        assertProblem(
                request("POST", "/v6/files/upload").upload("data", "{", "file", "c").send(), 400, "JSON_ERROR");
        for (String id : List.of("att_", "att_x", "att_1", "fil_1", "1", "att_" + "9".repeat(40), "%20", "att_01")) {
            assertProblem(request("GET", "/v6/attachments/" + id).send(), 404, "INVALID_VALUE");
            assertProblem(request("DELETE", "/v6/files/" + id).send(), 404, "INVALID_VALUE");
        }
    }

    @Test
    void whichMessagesTakeOnce() {
        JsonNode first = uploaded("first");
        JsonNode second = uploaded("second");
        JsonNode third = uploaded("third");
        JsonNode conversation = data(request("POST", "/v6/conversations")
                .json("""
                        {"data":[{"subject":"Papers","message":{"attachmentIds":["%s"]}}]}
                        """.formatted(third.required("id").asString()))
                .send())
                .get(0)
                .required("data");
        String id = conversation.required("id").asString();
        String fileId = second.required("id").asString().replace("att_", "fil_");
        String item = "{\"conversationId\":\"" + id + "\",\"attachmentIds\":[\"" + first.required("id").asString()
                + "\",\"" + fileId + "\"]}";
        Request.Answer saved = request("POST", "/v6/messages").json("{\"data\":[" + item + "," + item + "]}").send();
        assertThat(saved.status()).as(saved.body()).isEqualTo(207);
        JsonNode message = saved.json().required("data").get(0).required("data");
        JsonNode problem = saved.json().required("data").get(1).required("error").get(0);
        assertThat(problem.required("type").asString()).isEqualTo("DUPLICATE");
        assertThat(problem.required("param").asString()).isEqualTo("attachmentIds");
        JsonNode files = message.required("attachments");
        assertThat(files).hasSize(2);
        assertThat(fields(files.get(0))).containsExactlyInAnyOrder(
                "id", "url", "fileName", "fileSize", "createdDateTime", "iconUrl");
        for (String field : fields(files.get(0))) {
            assertThat(files.get(0).required(field)).isEqualTo(first.required(field));
            assertThat(files.get(1).required(field)).isEqualTo(second.required(field));
        }
        JsonNode again = data(request("GET", "/v6/messages/" + message.required("id").asString()).send());
        assertThat(again.required("attachments")).isEqualTo(files);
        String path = files.get(1).required("url").asString().substring(SERVER.url().length());
        assertThat(request("GET", path).send().body()).isEqualTo("second");
        String foreign = SERVER.token(SERVER.client(SERVER.office(), "Foreign"));
        assertProblem(
                SERVER.request("GET", path).with("Authorization", "Bearer " + foreign).send(), 404, "INVALID_VALUE");
        assertProblem(
                request("DELETE", "/v6/attachments/" + first.required("id").asString()).send(), 403, "BAD_REQUEST");
        assertThat(data(request("GET", "/v6/files/" + fileId).send()).required("fileName").asString())
                .isEqualTo("file.txt");

        data(request("DELETE", "/v6/messages/" + message.required("id").asString()).send());
        assertProblem(request("GET", path).send(), 404, "INVALID_VALUE");
    }

    @Test
    void unlessAMessageNamesWhatThereIsNot() {
        Request.Answer none = request("POST", "/v6/conversations")
                .json("{\"data\":[{\"subject\":\"x\",\"message\":{\"attachmentIds\":[\"att_7\"]}}]}")
                .send();
        assertThat(none.status()).as(none.body()).isEqualTo(400);
        for (String ids : List.of("[1]", "\"att_1\"", "[\"msg_1\"]", "[\"\"]", "[null]", "{}")) {
            Request.Answer wrong = request("POST", "/v6/conversations")
                    .json("{\"data\":[{\"subject\":\"x\",\"message\":{\"attachmentIds\":" + ids + "}}]}")
                    .send();
            assertThat(wrong.status()).as(wrong.body()).isEqualTo(400);
            assertThat(wrong.json().required("data").get(0).required("error").get(0).required("param").asString())
                    .isEqualTo("message.attachmentIds");
        }
    }

    @Test
    void unlessTheirTokenIsForReading() {
        String id = uploaded("mine").required("id").asString();
        String reading = SERVER.token(client, "scope", "read");
        for (Request call : List.of(
                SERVER.request("POST", "/v6/attachments/upload").upload("a", "b", "file", "c"),
                SERVER.request("POST", "/v6/files/upload").upload("a", "b", "file", "c"),
                SERVER.request("DELETE", "/v6/attachments/" + id))) {
            assertProblem(call.with("Authorization", "Bearer " + reading).send(), 403, "BAD_REQUEST");
        }
        assertThat(SERVER.request("GET", "/v6/attachments/" + id)
                .with("Authorization", "Bearer " + reading)
                .send()
                .status())
                .isEqualTo(200);
    }

    @Test
    void whichHavePicturesByTheirKind() {
        for (String kind : List.of("pdf", "image", "text", "sheet", "archive", "audio", "video", "file")) {
            Request.Answer icon = SERVER.request("GET", "/v6/icons/" + kind + ".svg").send();
            assertThat(icon.status()).isEqualTo(200);
            assertThat(icon.header("Content-Type").orElse("")).startsWith("image/svg+xml");
            assertThat(icon.body()).startsWith("<svg ").doesNotContain("<script");
        }
        assertProblem(SERVER.request("GET", "/v6/icons/none.svg").send(), 404, "INVALID_VALUE");
    }
}
