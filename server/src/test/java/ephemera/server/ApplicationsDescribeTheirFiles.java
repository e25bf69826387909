package ephemera.server;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.ClientEnrolment;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Section B.4.5 of the contract: what an application says of its files while they wait for their messages. */
@Timeout(180)
class ApplicationsDescribeTheirFiles {

    private static final OneServer SERVER = OneServer.get();

    private final ClientEnrolment.Enrolled client = SERVER.client(SERVER.clinic(), "Partner");
    private final String token = SERVER.token(client);

    private Request request(String method, String path) {
        return SERVER.request(method, path).with("Authorization", "Bearer " + token);
    }

    private static JsonNode data(Request.Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.json().required("result").asString()).isEqualTo("SUCCESS");
        return answer.json().required("data");
    }

    private static void assertProblem(Request.Answer answer, int status, String type) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.json().required("result").asString()).isEqualTo("FAILURE");
        assertThat(answer.json().required("error").get(0).required("type").asString()).isEqualTo(type);
    }

    @Test
    void whenTheyUploadThem() {
        String note = "for " + UUID.randomUUID();
        JsonNode made = data(request("POST", "/v6/files/upload/btxn_7")
                .upload("data", """
                        {"description":"Receipt","notes":"%s","amount":12.50,"date":"2026-11-21",
                         "entityId":"btxn_1","customData":{"a":[1]},"unknown":true}
                        """.formatted(note), "file", "paper")
                .send());
        assertThat(made.propertyNames()).contains(
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
    void asTheContractAllows() {
        assertProblems("[]", "INVALID_FORMAT data");
        assertProblems("{\"notes\":1,\"amount\":[],\"date\":\"tomorrow\",\"entityId\":{}}",
                "INVALID_FORMAT data.notes", "INVALID_FORMAT data.entityId", "INVALID_FORMAT data.date",
                "INVALID_FORMAT data.amount");
        assertProblems("{\"amount\":1e400}", "INVALID_FORMAT data.amount");
        assertProblems("{\"customData\":[]}", "INVALID_FORMAT data.customData");
        assertProblems("{\"customData\":{\"a\":\"" + "x".repeat(2_000) + "\"}}", "INVALID_VALUE data.customData");
        assertProblems("{\"notes\":\"" + "x".repeat(2_001) + "\"}", "INVALID_VALUE data.notes");
        assertProblem(
                request("POST", "/v6/files/upload").upload("data", "{", "file", "c").send(), 400, "JSON_ERROR");
        assertProblem(
                request("POST", "/v6/files/upload/" + "x".repeat(201)).upload("a", "b", "file", "c").send(), 400,
                "INVALID_VALUE");
    }

    private void assertProblems(String data, String... problems) {
        Request.Answer answer = request("POST", "/v6/files/upload").upload("data", data, "file", "c").send();
        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        assertThat(answer.json().required("error").valueStream()
                .map(each -> each.required("type").asString() + " " + each.required("param").asString()))
                .containsExactly(problems);
    }

    @Test
    void andLater() {
        JsonNode made = data(request("POST", "/v6/files/upload")
                .upload("data", "{\"notes\":\"one\",\"amount\":1}", "file", "c").send());
        String id = made.required("id").asString();
        Request.Answer saved = request("POST", "/v6/files").json("""
                {"data":[{"id":"%s","notes":null,"description":"two","entityId":"btxn_9","status":"ACTIVE"},
                         {"id":"fil_7","notes":"x"},{"notes":"x"},{"id":"%s","notes":7,"status":"DELETED"},5]}
                """.formatted(id, id)).send();
        assertThat(saved.status()).as(saved.body()).isEqualTo(207);
        JsonNode items = saved.json().required("data");
        assertThat(items.valueStream().map(each -> each.required("statusCode").asInt()))
                .containsExactly(200, 404, 400, 400, 400);
        assertThat(items.get(3).required("error")).hasSize(2);
        JsonNode file = items.get(0).required("data");
        assertThat(file.required("notes").isNull()).isTrue();
        assertThat(file.required("description").asString()).isEqualTo("two");
        assertThat(file.at("/entity/id").asString()).isEqualTo("btxn_9");
        assertThat(file.required("amount").asInt()).isOne();
        assertThat(data(request("GET", "/v6/files/" + id).send())).isEqualTo(file);
        for (String wrong : List.of("{}", "{\"data\":[]}", "{\"data\":{}}")) {
            assertThat(request("POST", "/v6/files").json(wrong).send().status()).isEqualTo(400);
        }
        data(request("POST", "/v6/conversations")
                .json("{\"data\":[{\"subject\":\"x\",\"message\":{\"attachmentIds\":[\"" + id + "\"]}}]}")
                .send());
        Request.Answer late = request("POST", "/v6/files")
                .json("{\"data\":[{\"id\":\"" + id + "\",\"notes\":\"late\"}]}")
                .send();
        assertThat(late.status()).as("a message has it").isEqualTo(400);
        assertThat(late.json().at("/data/0/statusCode").asInt()).isEqualTo(403);
        assertThat(late.json().at("/data/0/error/0/type").asString()).isEqualTo("BAD_REQUEST");
        assertThat(data(request("GET", "/v6/files/" + id).send()).required("description").isNull()).isTrue();
    }

    @Test
    void whichTheyListPageByPage() {
        ClientEnrolment.Enrolled other = SERVER.client(SERVER.clinic(), "Lister");
        String lister = SERVER.token(other);
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            ids.add(data(SERVER.request("POST", "/v6/files/upload")
                    .with("Authorization", "Bearer " + lister)
                    .upload("a", "b", "file", "c" + i)
                    .send()).required("id").asString());
        }
        JsonNode first = listed(lister, "{\"limit\":2}", ids.subList(0, 2));
        assertThat(first.at("/cursor/before").isNull()).isTrue();
        JsonNode second = listed(lister, cursor(first, "after"), ids.subList(2, 4));
        JsonNode third = listed(lister, cursor(second, "after"), ids.subList(4, 5));
        assertThat(third.at("/cursor/after").isNull()).isTrue();
        listed(lister, cursor(third, "before"), ids.subList(2, 4));
        listed(lister, cursor(second, "before"), ids.subList(0, 2));
        listed(lister, "{\"sort\":{\"orderBy\":\"CREATED_DATE_TIME\",\"direction\":\"DESC\"}}", ids.reversed());
        listed(lister, "{\"filter\":{\"id\":{\"in\":[\"" + ids.get(3) + "\",\"fil_x\",\"fil_1\"]}}}",
                ids.subList(3, 4));
        listed(lister, "{\"filter\":{\"id\":{\"in\":[]}}}", List.of());
        for (String wrong : List.of(
                "{\"cursor\":\"x\"}", "{\"limit\":251}", "{\"limit\":0}", "{\"sort\":{\"orderBy\":\"NAME\"}}",
                "{\"filter\":{\"id\":{\"in\":\"x\"}}}")) {
            assertThat(request("POST", "/v6/files/query").json(wrong).send().status()).as(wrong).isEqualTo(400);
        }
        assertThat(request("POST", "/v6/files/query").json(cursor(first, "after")).send().status())
                .as("another one's cursor").isEqualTo(400);
    }

    private static String cursor(JsonNode page, String name) {
        return "{\"limit\":2,\"cursor\":" + page.required("cursor").required(name) + "}";
    }

    private static JsonNode listed(String token, String query, List<String> ids) {
        JsonNode page = SERVER.request("POST", "/v6/files/query")
                .with("Authorization", "Bearer " + token)
                .json(query)
                .send()
                .json();
        assertThat(page.required("data").valueStream().map(each -> each.required("id").asString()))
                .as(page.toString())
                .containsExactlyElementsOf(ids);
        return page;
    }
}
