package ephemera.server;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.ClientEnrolment;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Reacting through the application's door, repeating a POST with a key, and what the audit trail tells of it. */
@Timeout(180)
class ReactionsAreToldToApplications {

    private static final OneServer SERVER = OneServer.get();
    private static final ClientEnrolment.Enrolled CLIENT = SERVER.client(SERVER.clinic(), "Books");
    private static final OneServer.Member ALICE = SERVER.member(SERVER.clinic(), "alice");
    private static final OneServer.Member BOB = SERVER.member(SERVER.clinic(), "bob");

    private final String token = SERVER.token(CLIENT, BOB);
    private final String message = sent();
    private final String id = wire("msg_", message);

    private static String sent() {
        return SERVER.request("POST", "/v2/message")
                .as(ALICE)
                .json("{\"recipient\":\"%s\",\"body\":\"hello\"}".formatted(BOB.token()))
                .send()
                .header("TT-X-Message-Id")
                .orElseThrow();
    }

    private static String wire(String prefix, String uuid) {
        return prefix + new BigInteger(uuid.replace("-", ""), 16);
    }

    private Request.Answer call(String method, String path, String json, String... headers) {
        Request request = SERVER.request(method, path).with("Authorization", "Bearer " + token);
        for (int i = 0; i < headers.length; i += 2) {
            request = request.with(headers[i], headers[i + 1]);
        }
        return (json.isEmpty() ? request : request.json(json)).send();
    }

    private String reactions() {
        return "/v6/messages/" + id + "/reactions";
    }

    private void assertReaction(JsonNode reaction, String code, String status) {
        assertThat(reaction.propertyNames()).containsExactlyInAnyOrder("messageId", "author", "emojiCode", "status");
        assertThat(reaction.required("messageId").asString()).isEqualTo(id);
        assertThat(reaction.required("emojiCode").asString()).isEqualTo(code);
        assertThat(reaction.required("status").asString()).isEqualTo(status);
        assertThat(reaction.required("author").required("userId").asString()).isEqualTo(BOB.token());
        assertThat(reaction.required("author").required("email").asString()).isEqualTo(BOB.email());
    }

    @Test
    void inEachFormAndTakenBack() {
        Request.Answer body = call("POST", reactions(), "{\"emojiCode\":\"thumbs_up\"}");
        assertThat(body.status()).as(body.body()).isEqualTo(200);
        assertThat(body.json().required("result").asString()).isEqualTo("SUCCESS");
        assertReaction(body.json().required("data"), "thumbs_up", "ACTIVE");
        for (String method : List.of("POST", "PUT", "PUT")) {
            Request.Answer path = call(method, reactions() + "/eyes", "");
            assertThat(path.status()).as(path.body()).isEqualTo(200);
            assertReaction(path.json().required("data"), "eyes", "ACTIVE");
        }
        Request.Answer batch = call(
                "POST", reactions(), "{\"data\":[{\"emojiCode\":\"eyes\"},{\"emojiCode\":\"ears\"},{}]}");
        assertThat(batch.status()).as(batch.body()).isEqualTo(207);
        JsonNode items = batch.json().required("data");
        assertReaction(items.get(0).required("data"), "eyes", "ACTIVE");
        assertThat(items.get(1).required("statusCode").asInt()).isEqualTo(400);
        assertThat(items.get(1).required("error").get(0).required("type").asString()).isEqualTo("INVALID_VALUE");
        assertThat(items.get(2).required("error").get(0).required("type").asString()).isEqualTo("REQUIRED");

        Request.Answer removed = call("DELETE", reactions() + "/eyes", "");
        assertThat(removed.status()).as(removed.body()).isEqualTo(200);
        assertReaction(removed.json().required("data"), "eyes", "DELETED");
        assertThat(call("DELETE", reactions() + "/eyes", "").status()).isEqualTo(404);
    }

    static Stream<Arguments> wrong() {
        return Stream.of(
                Arguments.of("POST", "", "{}", 400, "REQUIRED", "emojiCode"),
                Arguments.of("POST", "", "", 400, "REQUIRED", "emojiCode"),
                Arguments.of("POST", "", "{\"emojiCode\":null}", 400, "REQUIRED", "emojiCode"),
                Arguments.of("POST", "", "{\"emojiCode\":1}", 400, "INVALID_FORMAT", "emojiCode"),
                Arguments.of("POST", "", "{\"emojiCode\":\"EYES\"}", 400, "INVALID_VALUE", "emojiCode"),
                Arguments.of("POST", "", "{\"data\":[]}", 400, "INVALID_VALUE", "data"),
                Arguments.of("POST", "", "{\"data\":{}}", 400, "INVALID_VALUE", "data"),
                Arguments.of("POST", "", "{\"emojiCode\":", 400, "JSON_ERROR", ""),
                Arguments.of("POST", "/ears", "", 400, "INVALID_VALUE", "emojiCode"),
                Arguments.of("PUT", "/ears", "", 400, "INVALID_VALUE", "emojiCode"),
                Arguments.of("DELETE", "/ears", "", 400, "INVALID_VALUE", "emojiCode"),
                Arguments.of("DELETE", "/red_heart", "", 404, "INVALID_VALUE", "id"));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void orRefusedWithTheReason(String method, String path, String body, int status, String type, String param) {
        assertProblem(call(method, reactions() + path, body), status, type, param);
    }

    private static void assertProblem(Request.Answer answer, int status, String type, String param) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        JsonNode problem = answer.json().required("error").get(0);
        assertThat(problem.required("type").asString()).isEqualTo(type);
        assertThat(problem.path("param").asString("")).isEqualTo(param);
        assertThat(answer.json().required("data").isNull()).isTrue();
    }

    @Test
    void onlyByThoseWhoSeeTheMessageAndMayChangeSomething() {
        String foreign = SERVER.token(
                SERVER.client(SERVER.office(), "Else"), SERVER.member(SERVER.office(), "carol"));
        assertThat(SERVER.request("POST", reactions() + "/eyes").with("Authorization", "Bearer " + foreign)
                .send().status()).isEqualTo(404);
        String outside = SERVER.token(CLIENT, SERVER.member(SERVER.clinic(), "dave"));
        assertThat(SERVER.request("POST", reactions() + "/eyes").with("Authorization", "Bearer " + outside)
                .send().status()).isEqualTo(403);
        String reader = SERVER.token(CLIENT, "userId", BOB.token(), "scope", "read");
        for (String method : List.of("POST", "PUT", "DELETE")) {
            assertThat(SERVER.request(method, reactions() + "/eyes").with("Authorization", "Bearer " + reader)
                    .send().status()).as(method).isEqualTo(403);
        }
        for (String unknown : List.of(wire("msg_", UUID.randomUUID().toString()), "msg_", "con_1", "x")) {
            assertThat(call("POST", "/v6/messages/" + unknown + "/reactions/eyes", "").status()).isEqualTo(404);
        }
    }

    @Test
    void onceForEachKey() {
        String key = UUID.randomUUID().toString();
        Request.Answer first = call("POST", reactions() + "/eyes", "", "Idempotency-Key", key);
        assertThat(first.header("Idempotency-Replayed")).isEmpty();
        assertThat(call("DELETE", reactions() + "/eyes", "").status()).isEqualTo(200);

        Request.Answer again = call("POST", reactions() + "/eyes", "", "Idempotency-Key", key);
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.header("Idempotency-Replayed")).contains("true");
        assertThat(again.json()).isEqualTo(first.json());
        assertThat(call("DELETE", reactions() + "/eyes", "").status()).as("nothing was added").isEqualTo(404);

        assertProblem(
                call("POST", reactions() + "/red_heart", "", "Idempotency-Key", key),
                409, "DUPLICATE", "Idempotency-Key");
        String others = SERVER.token(CLIENT, ALICE);
        assertThat(SERVER.request("POST", reactions() + "/eyes").with("Authorization", "Bearer " + others)
                .with("Idempotency-Key", key).send().status()).as("somebody else's answer").isEqualTo(409);
        String otherClient = SERVER.token(SERVER.client(SERVER.clinic(), "Other"), BOB);
        assertThat(SERVER.request("POST", reactions() + "/eyes").with("Authorization", "Bearer " + otherClient)
                .with("Idempotency-Key", key).send().header("Idempotency-Replayed")).isEmpty();
    }

    @Test
    void withTheSameBatchAnswer() {
        String key = UUID.randomUUID().toString();
        String body = "{\"data\":[{\"emojiCode\":\"eyes\"},{\"emojiCode\":7},{\"emojiCode\":\"red_heart\"}]}";
        Request.Answer first = call("POST", reactions(), body, "Idempotency-Key", key);
        assertThat(first.status()).isEqualTo(207);
        Request.Answer again = call("POST", reactions(), body.replace(":[", ": ["), "Idempotency-Key", key);
        assertThat(again.status()).isEqualTo(207);
        assertThat(again.json()).isEqualTo(first.json());
        assertThat(again.header("Idempotency-Replayed")).contains("true");

        Request.Answer wrong = call("POST", reactions(), "{}", "Idempotency-Key", key + "2");
        Request.Answer wrongAgain = call("POST", reactions(), "{}", "Idempotency-Key", key + "2");
        assertThat(wrongAgain.header("Idempotency-Replayed")).contains("true");
        assertThat(wrongAgain.status()).isEqualTo(wrong.status()).isEqualTo(400);
        assertThat(wrongAgain.json()).isEqualTo(wrong.json());

        Request.Answer missing = call("POST", "/v6/messages/msg_1/reactions/eyes", "", "Idempotency-Key", key + "3");
        Request.Answer missingAgain =
                call("POST", "/v6/messages/msg_1/reactions/eyes", "", "Idempotency-Key", key + "3");
        assertThat(missing.status()).isEqualTo(404);
        assertThat(missingAgain.status()).isEqualTo(404);
        assertThat(missingAgain.json()).isEqualTo(missing.json());
        assertThat(missingAgain.header("Idempotency-Replayed")).contains("true");
    }

    @Test
    void andAKeyOfTheWrongFormIsRefused() {
        for (String key : List.of("a".repeat(256), "with blank", "tab\there")) {
            assertProblem(
                    call("POST", reactions() + "/eyes", "", "Idempotency-Key", key),
                    400, "INVALID_VALUE", "Idempotency-Key");
        }
        assertThat(call("POST", reactions() + "/eyes", "", "Idempotency-Key", "~".repeat(255)).status())
                .isEqualTo(200);
    }

    @Test
    void ofManyAtOnceAllGetTheSameAnswerOrAreAskedToWait() throws Exception {
        String key = UUID.randomUUID().toString();
        List<Future<Request.Answer>> all = new ArrayList<>();
        CountDownLatch start = new CountDownLatch(1);
        try (ExecutorService many = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 12; i++) {
                all.add(many.submit(() -> {
                    start.await();
                    return call("POST", reactions() + "/eyes", "", "Idempotency-Key", key);
                }));
            }
            start.countDown();
        }
        int done = 0;
        for (Future<Request.Answer> each : all) {
            Request.Answer answer = each.get();
            if (answer.status() == 200) {
                done += answer.header("Idempotency-Replayed").isEmpty() ? 1 : 0;
            } else {
                assertProblem(answer, 409, "DUPLICATE", "Idempotency-Key");
                assertThat(answer.header("Retry-After")).contains("1");
            }
        }
        assertThat(done).isOne();
    }

    private JsonNode trail(String path) {
        Request.Answer answer = call("GET", path, "");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json();
    }

    private static List<String> texts(JsonNode entries, Function<JsonNode, JsonNode> part) {
        return entries.valueStream().map(part).map(JsonNode::asString).toList();
    }

    @Test
    void andEnteredIntoTheAuditTrail() {
        call("POST", reactions() + "/eyes", "");
        call("DELETE", reactions() + "/eyes", "");

        JsonNode data = trail("/v6/auditTrail/" + id).required("data");
        assertThat(texts(data, each -> each.required("action")))
                .containsExactly("REACTION_REMOVED", "REACTION_ADDED", "CREATED");
        assertThat(texts(data, each -> each.required("editor").required("userId")))
                .containsExactly(BOB.token(), BOB.token(), ALICE.token());
        assertThat(data.get(0).required("editor").required("clientId").asString())
                .isEqualTo(CLIENT.client().id().toString());
        assertThat(data.get(0).required("id").asString()).matches("aud_\\d+");
        assertThat(data.get(0).required("entityId").asString()).isEqualTo(id);
        assertThat(data.get(0).required("revisions").get(0).required("field").asString()).isEqualTo("reactions");
        assertThat(data.toString()).doesNotContain("eyes", "hello");

        JsonNode first = trail("/v6/auditTrail/" + id + "?limit=2");
        String after = first.required("cursor").required("after").asString();
        assertThat(first.required("cursor").required("before").isNull()).isTrue();
        JsonNode second = trail("/v6/auditTrail/" + id + "?limit=2&cursor=" + after);
        assertThat(texts(second.required("data"), each -> each.required("action"))).containsExactly("CREATED");
        String before = second.required("cursor").required("before").asString();
        assertThat(trail("/v6/auditTrail/" + id + "?limit=2&cursor=" + before).required("data"))
                .isEqualTo(first.required("data"));
        assertProblem(call("GET", "/v6/auditTrail/" + id + "?cursor=x", ""), 400, "INVALID_VALUE", "cursor");
        assertProblem(call("GET", "/v6/auditTrail/" + id + "?limit=251", ""), 400, "INVALID_VALUE", "limit");
        assertProblem(call("GET", "/v6/auditTrail/" + id + "?limit=x", ""), 400, "INVALID_FORMAT", "limit");
        assertThat(call("GET", "/v6/auditTrail/" + wire("msg_", sent()) + "?cursor=" + after, "").status())
                .as("another list's cursor").isEqualTo(400);
        assertThat(call("GET", "/v6/auditTrail/con_1", "").status()).isEqualTo(404);
        assertThat(call("GET", "/v6/auditTrail/nothing", "").status()).isEqualTo(404);
    }

    @Test
    void whereItIsFoundByWhoDidIt() {
        call("POST", reactions() + "/hundred_points", "");
        String filter = "{\"filter\":{\"editor\":{\"userId\":%s}},\"limit\":3}";

        JsonNode data = call("POST", "/v6/auditTrail/query", filter.formatted("\"" + BOB.token() + "\""))
                .json().required("data");
        assertThat(data.get(0).required("entityId").asString()).isEqualTo(id);
        assertThat(texts(data, each -> each.required("editor").required("userId"))).containsOnly(BOB.token());
        assertThat(call("POST", "/v6/auditTrail/query", filter.formatted("{\"in\":[\"" + BOB.email() + "\"]}"))
                .json().required("data").get(0)).isEqualTo(data.get(0));
        assertThat(call("POST", "/v6/auditTrail/query", filter.formatted("\"nobody\"")).json().required("data"))
                .isEmpty();
        assertProblem(
                call("POST", "/v6/auditTrail/query", filter.formatted("7")),
                400, "INVALID_FORMAT", "filter.editor.userId");
        assertProblem(call("POST", "/v6/auditTrail/query", "{\"limit\":\"7\"}"), 400, "INVALID_FORMAT", "limit");
        assertProblem(call("POST", "/v6/auditTrail/query", "{\"cursor\":7}"), 400, "INVALID_FORMAT", "cursor");

        String stranger = SERVER.token(CLIENT, SERVER.member(SERVER.clinic(), "erin"));
        assertThat(SERVER.request("POST", "/v6/auditTrail/query").with("Authorization", "Bearer " + stranger)
                .json("{}").send().json().required("data")).isEmpty();
        String application = SERVER.token(CLIENT);
        assertThat(SERVER.request("POST", "/v6/auditTrail/query").with("Authorization", "Bearer " + application)
                .json("{}").send().json().required("data")).isNotEmpty();
    }
}
