package ephemera.server;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.ClientEnrolment;
import ephemera.server.http.pages.DocumentedAnswers;
import ephemera.server.http.pages.DocumentedAnswers.Described;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Every operation of the Tight document, called with its own example and with what no program should send.
 *
 * <p>That each answer is as the document describes it is seen to by {@link Request#send}.
 */
@Timeout(180)
class TightAnswersAsItsDocumentSays {

    private static final OneServer SERVER = OneServer.get();
    private static final DocumentedAnswers DOCUMENT = DocumentedAnswers.of("tight");
    private static final JsonMapper MAPPER = JsonMapper.shared();
    private static final ClientEnrolment.Enrolled CLIENT = SERVER.client(SERVER.clinic(), "Reader of documents");
    private static final String TOKEN = SERVER.token(CLIENT);
    private static final String READING = SERVER.token(CLIENT, "scope", "read");

    private static final String MANY = "{\"data\":[" + String.join(",", Collections.nCopies(251, "{}")) + "]}";
    private static final String DEEP = "[".repeat(40) + "]".repeat(40);
    private static final List<String> BODIES = List.of(
            "", " ", "{}", "[]", "null", "\"text\"", "7", "{", "{\"a\":1,\"a\":2}", "{\"data\":" + DEEP + "}", MANY,
            "{\"data\":null}", "{\"data\":[]}", "{\"data\":{}}", "{\"data\":\"x\"}", "{\"data\":[null]}",
            "{\"data\":[null,1,\"x\",[],{},true]}", "{\"emojiCode\":\"heart\"}", "{\"emojiCode\":7}",
            "{\"limit\":0}", "{\"limit\":251}", "{\"limit\":\"7\"}", "{\"limit\":1e400}", "{\"limit\":99999999999999}",
            "{\"cursor\":7}", "{\"cursor\":\"?\"}", "{\"cursor\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}", "{\"sort\":7}",
            "{\"sort\":[]}", "{\"sort\":{\"orderBy\":\"AGE\",\"direction\":\"UP\"}}", "{\"filter\":7}",
            "{\"filter\":[]}", "{\"filter\":{\"subject\":\"x\",\"readStatus\":\"READ\",\"name\":7,\"editor\":[]}}",
            "{\"filter\":{\"subject\":{\"contain\":7},\"readStatus\":{\"in\":[\"SEEN\"]}}}",
            "{\"filter\":{\"editor\":{\"userId\":[7]},\"company\":{\"id\":{\"in\":[]}}}}",
            "{\"id\":7,\"name\":[],\"email\":{},\"userId\":true,\"owners\":\"x\"}",
            "{\"id\":\"co_1\",\"userId\":\"\\u0000\",\"email\":\"\\ud800\",\"owners\":[7]}",
            "{\"data\":[{\"id\":\"con_1\",\"message\":{}},{\"id\":\"con_x\"},{\"subject\":7,\"message\":7}]}",
            "{\"data\":[{\"subject\":\"\\u0000\",\"customData\":[],\"message\":{\"text\":\"\\udc00\"}}]}");

    /** What there is to call things about; made anew for each test, which may delete it. */
    private record Things(
            String conversation, String message, String company, String bookkeeper, String attachment) {

        static Things make() {
            JsonNode opened = item(call("POST", "/v6/conversations", TOKEN,
                    "{\"data\":[{\"subject\":\"An example\",\"message\":{\"text\":\"first\"}}]}"));
            String message = opened.required("latestMessage").required("id").asString();
            call("PUT", "/v6/messages/" + message + "/reactions/thumbs_up", TOKEN, "");
            return new Things(
                    opened.required("id").asString(),
                    message,
                    one(call("POST", "/v6/company", TOKEN, "{\"name\":\"An example\"}")),
                    one(call("POST", "/v6/bookkeepers", TOKEN, "{\"userId\":\"" + UUID.randomUUID() + "\"}")),
                    one(upload("/v6/attachments/upload", TOKEN)));
        }

        private static JsonNode item(Request.Answer answer) {
            return answer.json().required("data").get(0).required("data");
        }

        private static String one(Request.Answer answer) {
            return answer.json().required("data").required("id").asString();
        }

        String path(String template) {
            String id = switch (template.split("/", -1)[2]) {
                case "messages" -> message;
                case "conversations" -> conversation;
                case "company" -> company;
                case "attachments" -> attachment;
                case "files" -> file();
                default -> bookkeeper;
            };
            return template.replace("{id}", id)
                    .replace("{entityId}", conversation)
                    .replace("{emojiCode}", "thumbs_up")
                    .replace("{attached}", "btxn_88");
        }

        /** The same under its other prefix. */
        private String file() {
            return attachment.replace("att_", "fil_");
        }

        /** An example of the document about these things instead of its own. */
        String about(String example) {
            return example.replaceAll("con_\\d+", conversation)
                    .replaceAll("msg_\\d+", message)
                    .replaceAll("fil_\\d+", file())
                    .replace("shop-7", "shop-" + UUID.randomUUID())
                    .replaceAll("(own-3|bk-9|al@|jo@)", "$1" + UUID.randomUUID());
        }
    }

    static List<Described> operations() {
        return DOCUMENT.described().stream().filter(Described::isByToken).toList();
    }

    private static Request.Answer call(String method, String path, String token, String json) {
        Request request = SERVER.request(method, path).with("Authorization", "Bearer " + token);
        return (json.isEmpty() ? request : request.json(json)).send();
    }

    private static Request.Answer upload(String path, String token) {
        return SERVER.request("POST", path)
                .with("Authorization", "Bearer " + token)
                .upload("data", "{\"description\":\"An example\",\"amount\":12.5}", "file", "content")
                .send();
    }

    /** The operation with its own example. */
    private static Request.Answer example(Described operation, Things things, String token) {
        String path = things.path(operation.template());
        return operation.template().contains("/upload")
                ? upload(path, token)
                : call(operation.method(), path, token, things.about(operation.example()));
    }

    @ParameterizedTest
    @MethodSource("operations")
    void toItsOwnExample(Described operation) {
        Things things = Things.make();
        Request.Answer answer = example(operation, things, TOKEN);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    }

    @ParameterizedTest
    @MethodSource("operations")
    void toWhoeverMayNot(Described operation) {
        Things things = Things.make();
        String path = things.path(operation.template());
        assertThat(SERVER.request(operation.method(), path).send().status()).isEqualTo(401);
        assertThat(example(operation, things, "0".repeat(43)).status()).isEqualTo(401);
        boolean looks = operation.method().equals("GET") || operation.template().endsWith("/query");
        assertThat(example(operation, things, READING).status()).isEqualTo(looks ? 200 : 403);
    }

    @ParameterizedTest
    @MethodSource("operations")
    void toWhatCannotBe(Described operation) {
        Things things = Things.make();
        String path = things.path(operation.template());
        List<Request.Answer> answers = new ArrayList<>();
        if (operation.method().equals("POST")) {
            for (String body : BODIES) {
                answers.add(SERVER.request("POST", path).with("Authorization", "Bearer " + TOKEN).json(body).send());
            }
            Request request = SERVER.request("POST", path).with("Authorization", "Bearer " + TOKEN);
            answers.add(request.form("data", "x", "limit", "7").send());
            answers.add(request.json("{\"data\":\"" + "x".repeat(2 << 20) + "\"}").send());
            answers.add(request.body("text/xml", "<a/>").send());
            for (String key : List.of("", "two words", "k".repeat(256))) {
                answers.add(request.with("Idempotency-Key", key).json("{}").send());
            }
        }
        for (String query : List.of("?limit=0", "?limit=251", "?limit=x", "?limit=", "?cursor=x", "?cursor=", "?a=%00",
                "?limit=99999999999999999999")) {
            boolean isStream = operation.template().equals("/v6/events");
            if (operation.method().equals("GET") && !isStream) {
                answers.add(call("GET", path + query, TOKEN, ""));
            }
        }
        for (String id : List.of("0", "con_", "con_01", "msg_1", "msg_" + "9".repeat(39), "con_" + "9".repeat(40),
                "%00",
                "a%2Fb", "%C3%A4")) {
            if (operation.template().contains("{")) {
                String other = operation.template().replaceAll("\\{(id|entityId)}", id).replaceAll("\\{.*}", id);
                answers.add(call(operation.method(), other, TOKEN, things.about(operation.example())));
            }
        }
        assertThat(answers).allSatisfy(answer -> assertThat(answer.status()).as(answer.body()).isLessThan(500));
    }

    /** What the stream tells has no status that could be seen to; so here. */
    @Test
    void toWhoeverListens() throws Exception {
        List<JsonNode> told = new ArrayList<>();
        List<String> ids = new ArrayList<>();
        String message;
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<InputStream> stream = client.send(
                    HttpRequest.newBuilder(URI.create(SERVER.url() + "/v6/events"))
                            .header("Authorization", "Bearer " + READING)
                            .build(),
                    HttpResponse.BodyHandlers.ofInputStream());
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
                while (!lines.readLine().equals("event: ready")) {
                    // What is told before was done by another test.
                }
                Things things = Things.make();
                message = things.message();
                call("DELETE", "/v6/messages/" + message + "/reactions/thumbs_up", TOKEN, "");
                call("POST", "/v6/conversations", TOKEN,
                        "{\"data\":[{\"id\":\"" + things.conversation() + "\",\"customData\":{\"a\":1}}]}");
                call("DELETE", "/v6/messages/" + message, TOKEN, "");
                call("DELETE", "/v6/conversations/" + things.conversation(), TOKEN, "");
                String last = "/v6/conversations/" + things.conversation();
                boolean over = false;
                while (!over) {
                    String line = lines.readLine();
                    if (line.startsWith("id: ")) {
                        ids.add(line.substring(4));
                    }
                    if (line.startsWith("data: ") && !line.equals("data: {}")) {
                        JsonNode update = MAPPER.readTree(line.substring(6));
                        told.add(update);
                        over = update.required("url").asString().equals(last)
                                && update.required("data").required("status").asString().equals("DELETED");
                    }
                }
            }
        }
        assertThat(ids).hasSameSizeAs(told).doesNotHaveDuplicates();
        assertThat(told).allSatisfy(update -> assertThat(DOCUMENT.wrong("StreamUpdate", update)).isEmpty());
        assertThat(told.stream().filter(update -> update.required("url").asString().contains(message))
                .map(update -> update.required("data").required("status").asString()))
                .containsExactly("ACTIVE", "ACTIVE", "DELETED", "DELETED");
        assertThat(told).as("the check can fail").anySatisfy(update -> assertThat(
                DOCUMENT.wrong("StreamUpdate", MAPPER.readTree(update.toString().replace("\"url\"", "\"path\""))))
                .isNotEmpty());
    }
}
