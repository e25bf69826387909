package ephemera.server;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.ClientEnrolment;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.SequenceInputStream;
import java.math.BigInteger;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Section B.4.5 of the contract: a file comes first, and waits for the message that names it. */
@Timeout(180)
class ApplicationsAttachFiles {

    private static final OneServer SERVER = OneServer.get();
    private static final long LARGEST = 100L * 1024 * 1024;

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
    void butNothingElse() {
        assertProblem(request("POST", "/v6/attachments/upload").json("{}").send(), 400, "REQUIRED");
        assertProblem(request("POST", "/v6/attachments/upload").upload("a", "b", "other", "c").send(), 400, "REQUIRED");
        assertProblem(
                request("POST", "/v6/attachments/upload")
                        .json("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\ncut off")
                        .with("Content-Type", "multipart/form-data; boundary=x")
                        .send(),
                400, "JSON_ERROR");
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
        assertThat(problem.required("type").asString()).isEqualTo("INVALID_VALUE");
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

    /** The server tells that at once if the length is declared, and otherwise when it has read too much. */
    @Test
    void whichAreNotTooLarge() throws Exception {
        Request.Answer text =
                request("POST", "/v6/files/upload").upload("data", "x".repeat(1_100_000), "file", "c").send();
        assertProblem(text, 413, "BAD_REQUEST");

        String head = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n";
        HttpRequest streamed = HttpRequest.newBuilder(URI.create(SERVER.url() + "/v6/attachments/upload"))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "multipart/form-data; boundary=x")
                .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new SequenceInputStream(
                        new ByteArrayInputStream(head.getBytes(StandardCharsets.US_ASCII)), zeros(LARGEST + 200_000))))
                .build();
        try (HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            HttpResponse<String> answer = http.send(streamed, HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(413);
            assertThat(answer.body()).startsWith("{\"result\":\"FAILURE\",\"error\":[{\"type\":\"BAD_REQUEST\"");
        }

        URI server = URI.create(SERVER.url());
        try (Socket socket = new Socket(server.getHost(), server.getPort())) {
            socket.getOutputStream().write(("POST /v6/attachments/upload HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                    + token + "\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 200000000\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            BufferedReader answer = new BufferedReader(
                    new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            assertThat(answer.readLine()).startsWith("HTTP/1.1 413 ");
        }
    }

    private static InputStream zeros(long length) {
        return new InputStream() {

            private long left = length;

            @Override
            public int read() {
                return left-- > 0 ? 0 : -1;
            }

            @Override
            public int read(byte[] bytes, int from, int most) {
                int count = (int) Math.min(most, left);
                left -= count;
                return count > 0 ? count : -1;
            }
        };
    }

    /** A conversation of Ann and Ben, and everybody else who is there. */
    private String conversation() {
        return data(request("POST", "/v6/conversations")
                .json("{\"data\":[{\"subject\":\"Papers\",\"message\":{\"text\":\"first\"}}]}")
                .send()).get(0).required("data").required("id").asString();
    }

    private static Request.Answer get(String token, JsonNode url) {
        String path = url.asString().substring(SERVER.url().length());
        return SERVER.request("GET", path).with("Authorization", "Bearer " + token).send();
    }

    private Request.Answer save(String key, String conversation, JsonNode... files) {
        String ids = Stream.of(files).map(file -> file.required("id").toString()).collect(Collectors.joining(","));
        Request request = request("POST", "/v6/messages").json(
                "{\"data\":[{\"conversationId\":\"" + conversation + "\",\"attachmentIds\":[" + ids + "]}]}");
        return (key.isEmpty() ? request : request.with("Idempotency-Key", key)).send();
    }

    @Test
    void whichTheOthersOfTheConversationGetBackToo() {
        OneServer.Member ben = SERVER.member(SERVER.clinic(), "Ben");
        String bens = SERVER.token(client, ben);
        String conversation = conversation();
        JsonNode file = uploaded("for Ben");
        assertThat(get(bens, file.required("url")).status()).as("while it waits").isEqualTo(404);
        data(save("", conversation, file));
        assertThat(get(bens, file.required("url")).body()).isEqualTo("for Ben");
        JsonNode messages = data(SERVER.request("GET", "/v6/conversations/" + conversation + "/messages")
                .with("Authorization", "Bearer " + bens)
                .send());
        assertThat(messages.get(1).required("attachments").get(0).required("url")).isEqualTo(file.required("url"));
        assertThat(messages.get(0).required("attachments")).isEmpty();
    }

    @Test
    void withTheSameBytesAtTheOtherDoor() {
        OneServer.Member ben = SERVER.member(SERVER.clinic(), "Ben");
        String conversation = conversation();
        JsonNode message = data(save("", conversation, uploaded("one"), uploaded("two"))).get(0).required("data");
        String there = "/v2/message/" + uuid(message.required("id").asString());
        assertThat(SERVER.request("GET", there + "/attachment/1").as(ben).send().body()).isEqualTo("one");
        assertThat(SERVER.request("GET", there + "/attachment/2").as(ben).send().body()).isEqualTo("two");

        Request.Answer sent = SERVER.request("POST", "/v2/message")
                .as(ben)
                .upload("recipient", uuid(conversation).toString(), "attachment", "from the other door")
                .send();
        assertThat(sent.status()).as(sent.body()).isEqualTo(204);
        JsonNode messages = data(request("GET", "/v6/conversations/" + conversation + "/messages").send());
        JsonNode last = messages.get(messages.size() - 1);
        JsonNode file = last.required("attachments").get(0);
        assertThat(file.required("id").asString()).matches("att_\\d+");
        assertThat(file.required("fileName").asString()).isEqualTo("file.txt");
        assertThat(file.required("fileSize").asString()).isEqualTo("19 B");
        assertThat(get(token, file.required("url")).body()).isEqualTo("from the other door");
        JsonNode shown = data(request("GET", "/v6/attachments/" + file.required("id").asString()).send());
        assertThat(shown.required("createdDateTime")).isEqualTo(file.required("createdDateTime"));
        assertThat(data(request("GET", "/v6/messages/" + last.required("id").asString()).send())
                .required("attachments").get(0)).isEqualTo(file);

        SERVER.request("DELETE", "/v2/message/" + uuid(last.required("id").asString())).as(ben).send();
        assertThat(get(token, file.required("url")).status()).as("recalled there").isEqualTo(404);
    }

    private static UUID uuid(String token) {
        BigInteger number = new BigInteger(token.substring(token.indexOf('_') + 1));
        return new UUID(number.shiftRight(64).longValue(), number.longValue());
    }

    @Test
    void ofWhichOnlyOneOfManyAtOnceHasIt() throws Exception {
        String conversation = conversation();
        JsonNode file = uploaded("one");
        List<Future<Request.Answer>> answers = new ArrayList<>();
        try (ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 10; i++) {
                answers.add(senders.submit(() -> save("", conversation, file)));
            }
        }
        int saved = 0;
        for (Future<Request.Answer> each : answers) {
            JsonNode item = each.get().json().required("data").get(0);
            if (each.get().status() == 200) {
                saved++;
            } else {
                assertThat(item.required("statusCode").asInt()).isEqualTo(400);
                assertThat(item.at("/error/0/type").asString()).isEqualTo("INVALID_VALUE");
                assertThat(item.at("/error/0/param").asString()).isEqualTo("attachmentIds");
            }
        }
        assertThat(saved).isOne();
        assertThat(data(request("GET", "/v6/conversations/" + conversation + "/messages").send())).hasSize(2);
    }

    @Test
    void onceForEachKey() {
        String key = UUID.randomUUID().toString();
        Request upload = request("POST", "/v6/attachments/upload").with("Idempotency-Key", key);
        JsonNode first = data(upload.upload("a", "b", "file", "once").send());
        Request.Answer second = upload.upload("a", "b", "file", "once").send();
        assertThat(data(second)).isEqualTo(first);
        assertThat(second.header("Idempotency-Replayed")).contains("true");
        assertThat(upload.upload("a", "b", "file", "another").send().status()).isEqualTo(409);

        String conversation = conversation();
        Request.Answer saved = save("m" + key, conversation, first);
        Request.Answer again = save("m" + key, conversation, first);
        assertThat(data(again)).isEqualTo(data(saved));
        assertThat(again.header("Idempotency-Replayed")).contains("true");
        assertThat(data(upload.upload("a", "b", "file", "once").send())).as("it is with its message").isEqualTo(first);
    }

    @Test
    void andAllThatIsWrongWithAMessageIsToldAtOnce() {
        String conversation = conversation();
        JsonNode file = uploaded("used");
        data(save("", conversation, file));
        JsonNode foreign = data(SERVER.request("POST", "/v6/attachments/upload")
                .with("Authorization", "Bearer " + SERVER.token(SERVER.client(SERVER.office(), "Foreign")))
                .upload("a", "b", "file", "theirs")
                .send());
        JsonNode fresh = uploaded("fresh");
        for (JsonNode wrong : List.of(file, foreign)) {
            assertItem(save("", conversation, wrong), "INVALID_VALUE attachmentIds");
            assertItem(save("", conversation, fresh, wrong), "INVALID_VALUE attachmentIds");
        }
        assertItem(save("", conversation, fresh, fresh), "INVALID_VALUE attachmentIds");
        assertItem(save("", conversation), "REQUIRED text");
        assertItem(save("", "con_1", file), "INVALID_VALUE conversationId", "INVALID_VALUE attachmentIds");
        assertItem(
                request("POST", "/v6/conversations")
                        .json("{\"data\":[{\"message\":{\"attachmentIds\":[" + file.required("id") + "]}}]}")
                        .send(),
                "REQUIRED subject", "INVALID_VALUE message.attachmentIds");
        assertItem(
                request("POST", "/v6/conversations")
                        .json("{\"data\":[{\"subject\":\"none\",\"message\":{\"attachmentIds\":[]}}]}")
                        .send(),
                "REQUIRED message.text");
        data(save("", conversation, fresh));
    }

    private static void assertItem(Request.Answer answer, String... problems) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        JsonNode item = answer.json().required("data").get(0);
        assertThat(item.required("error").valueStream()
                .map(each -> each.required("type").asString() + " " + each.required("param").asString()))
                .containsExactly(problems);
    }

}
