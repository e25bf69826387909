package ephemera.server;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.ClientEnrolment;
import ephemera.server.store.embedded.PostgresAccess;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

@Timeout(180)
class ApplicationsMakeCompanies {

    private static final OneServer SERVER = OneServer.get();

    private final ClientEnrolment.Enrolled client = SERVER.client(SERVER.clinic(), "Partner");
    private final String token = SERVER.token(client);
    private final String mark = UUID.randomUUID().toString();

    private static Request.Answer call(String token, String method, String path, String json) {
        Request request = SERVER.request(method, path).with("Authorization", "Bearer " + token);
        return (json.isEmpty() ? request : request.json(json)).send();
    }

    private JsonNode made(String json) {
        Request.Answer answer = call(token, "POST", "/v6/company", json);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json().required("data");
    }

    private JsonNode shop() {
        return made("""
                {"name":"Shop %1$s","entityType":"LLC","apiCompanyId":"api-%1$s",
                 "owners":[{"userId":"own-%1$s","email":"al-%1$s@shop.test","firstName":"Al","lastName":"Lee"}]}
                """.formatted(mark));
    }

    private static void assertProblem(Request.Answer answer, int status, String type, String param) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        JsonNode problem = answer.json().required("error").get(0);
        assertThat(problem.required("type").asString()).isEqualTo(type);
        assertThat(problem.path("param").asString("")).isEqualTo(param);
    }

    @Test
    void whoseOwnersTheyActForAtOnce() {
        JsonNode shop = shop();
        assertThat(shop.required("id").asString()).matches("co_\\d+");
        assertThat(shop.required("name").asString()).isEqualTo("Shop " + mark);
        assertThat(shop.required("entityType").asString()).isEqualTo("LLC");
        assertThat(shop.required("apiCompanyId").asString()).isEqualTo("api-" + mark);
        assertThat(shop.required("status").asString()).isEqualTo("ACTIVE");
        assertThat(shop.required("readyToLaunchUrl").asString()).startsWith(SERVER.url());
        JsonNode owner = shop.required("owners").get(0);
        assertThat(owner.required("userId").asString()).isEqualTo("own-" + mark);
        assertThat(owner.required("email").asString()).isEqualTo("al-" + mark + "@shop.test");
        assertThat(owner.required("firstName").asString()).isEqualTo("Al");

        String owners = SERVER.token(client, "userId", "own-" + mark);
        Request.Answer seen = call(owners, "GET", "/v6/company/" + shop.required("id").asString(), "");
        assertThat(seen.json().required("data")).isEqualTo(shop);
        JsonNode all = call(owners, "POST", "/v6/company/query", "{}").json().required("data");
        assertThat(all).hasSize(1);
        assertThat(call(owners, "POST", "/v6/company", "{\"name\":\"x\"}").status()).isEqualTo(403);
    }

    @Test
    void andNoOtherApplicationDoes() {
        String id = shop().required("id").asString();
        ClientEnrolment.Enrolled other = SERVER.client(SERVER.clinic(), "Other");
        String others = SERVER.token(other);
        assertProblem(call(others, "GET", "/v6/company/" + id, ""), 404, "INVALID_VALUE", "id");
        assertProblem(call(others, "DELETE", "/v6/company/" + id, ""), 404, "INVALID_VALUE", "id");
        assertProblem(
                call(others, "POST", "/v6/company", "{\"id\":\"" + id + "\",\"name\":\"Mine\"}"),
                404, "INVALID_VALUE", "id");
        assertThat(SERVER.request("POST", "/v6/auth/token")
                .with("Authorization", OneServer.basic(other))
                .form("userId", "own-" + mark)
                .send()
                .body())
                .contains("invalid_grant");
    }

    @Test
    void untilTheyEndThem() {
        String id = shop().required("id").asString();
        String owners = SERVER.token(client, "userId", "own-" + mark);
        assertThat(call(owners, "POST", "/v6/company/query", "{}").status()).isEqualTo(200);
        Request.Answer ended = call(token, "DELETE", "/v6/company/" + id, "");
        assertThat(ended.json().required("data").required("status").asString()).isEqualTo("INACTIVE");
        assertProblem(call(owners, "POST", "/v6/company/query", "{}"), 401, "INVALID_TOKEN", "");
        assertThat(SERVER.request("POST", "/v6/auth/token")
                .with("Authorization", OneServer.basic(client))
                .form("userId", "own-" + mark)
                .send()
                .status())
                .isEqualTo(400);
        assertThat(call(token, "GET", "/v6/company/" + id, "").status()).isEqualTo(200);
        assertThat(call(token, "POST", "/v6/company", "{\"id\":\"" + id + "\",\"name\":\"x\"}").status())
                .isEqualTo(404);
    }

    @Test
    void whichTheyMayChangeLater() {
        String id = shop().required("id").asString();
        JsonNode changed = made("""
                {"id":"%2$s","name":"Store","owners":[{"userId":"own-%1$s","lastName":"Ray"},
                                                      {"userId":"two-%1$s"}]}
                """.formatted(mark, id));
        assertThat(changed.required("name").asString()).isEqualTo("Store");
        assertThat(changed.required("apiCompanyId").asString()).isEqualTo("api-" + mark);
        List<String> names = new ArrayList<>();
        changed.required("owners").forEach(owner -> names.add(
                owner.required("userId").asString() + " " + owner.required("lastName").asString()));
        assertThat(names).containsExactlyInAnyOrder("own-" + mark + " Ray", "two-" + mark + " ");
    }

    @Test
    void inBatchesOfWhichEachItemIsAnsweredAlone() {
        Request.Answer answer = call(token, "POST", "/v6/company", """
                {"data":[{"name":"One %1$s"},{},{"name":7,"owners":[{"email":"a@b.test"},{},3]},
                         {"name":"Four","owners":[{"userId":"x","email":"no address"}]},null]}
                """.formatted(mark));
        assertThat(answer.status()).isEqualTo(207);
        JsonNode data = answer.json().required("data");
        assertThat(data).hasSize(5);
        assertThat(data.get(0).required("statusCode").asInt()).isEqualTo(200);
        assertThat(data.get(1).required("error").get(0).required("param").asString()).isEqualTo("name");
        List<String> params = new ArrayList<>();
        data.get(2).required("error").forEach(problem -> params.add(problem.required("param").asString()));
        assertThat(params).containsExactlyInAnyOrder("name", "owners[2]", "owners[1].userId");
        assertThat(data.get(3).required("error").get(0).required("type").asString()).isEqualTo("INVALID_VALUE");
        assertThat(data.get(4).required("error").get(0).required("type").asString()).isEqualTo("INVALID_FORMAT");
        for (String wrong : List.of("{\"data\":[]}", "{\"data\":1}")) {
            assertProblem(call(token, "POST", "/v6/company", wrong), 400, "INVALID_VALUE", "data");
        }
        assertProblem(call(token, "POST", "/v6/company", "{\"data\":null}"), 400, "REQUIRED", "data");
    }

    @Test
    void whereNobodyHasTwoNamesNorTwoOneName() {
        shop();
        Request.Answer again = call(token, "POST", "/v6/company",
                "{\"name\":\"Again\",\"owners\":[{\"userId\":\"own-" + mark + "\"}]}");
        assertProblem(again, 409, "DUPLICATE", "");
        assertProblem(
                call(token, "POST", "/v6/company", "{\"name\":\"Again\",\"apiCompanyId\":\"api-" + mark + "\"}"),
                409, "DUPLICATE", "");
        assertThat(call(token, "POST", "/v6/company/query", "{\"filter\":{\"name\":{\"contain\":\"Again\"}}}")
                .json()
                .required("data"))
                .isEmpty();
    }

    /** The server died after a company was made, and before it could note what came of the request. */
    @Test
    void onceThoughTheAnswerWasCutOff() throws SQLException {
        String json = """
                {"data":[{"name":"Once %1$s"},{"name":"Twin %1$s"},
                         {"name":"Owned %1$s","apiCompanyId":"once-%1$s","owners":[{"userId":"once-%1$s"}]}]}
                """.formatted(mark);
        Request request = SERVER.request("POST", "/v6/company")
                .with("Authorization", "Bearer " + token)
                .with("Idempotency-Key", mark)
                .json(json);
        Request.Answer first = request.send();
        assertThat(first.status()).as(first.body()).isEqualTo(200);
        dieBeforeTheAnswer();
        Request.Answer again = request.send();
        assertThat(again.header("Idempotency-Replayed")).as("done anew").isEmpty();
        assertThat(again.json()).isEqualTo(first.json());
        assertThat(call(token, "POST", "/v6/company/query", "{\"filter\":{\"name\":{\"contain\":\"" + mark + "\"}}}")
                .json()
                .required("data"))
                .hasSize(3);
        Request.Answer replayed = request.send();
        assertThat(replayed.header("Idempotency-Replayed")).contains("true");
        assertThat(replayed.json()).isEqualTo(first.json());
    }

    /** Leaves the requests of the client as they are a minute after a crash. */
    private void dieBeforeTheAnswer() throws SQLException {
        PostgresAccess postgres = SERVER.postgres();
        try (Connection connection =
                DriverManager.getConnection(postgres.jdbcUrl(), "postgres", postgres.superuserPassword());
                PreparedStatement statement = connection.prepareStatement("""
                        UPDATE idempotent_request
                           SET state = 'RUNNING', status = NULL, kept = NULL, begun_at = begun_at - interval '1 minute'
                         WHERE client = ?
                        """)) {
            statement.setString(1, client.client().id().toString());
            assertThat(statement.executeUpdate()).isOne();
        }
    }

    @Test
    void aTokenToReadChangesNothing() {
        String reading = SERVER.token(client, "scope", "read");
        assertThat(call(reading, "POST", "/v6/company/query", "{}").status()).isEqualTo(200);
        String id = shop().required("id").asString();
        assertProblem(call(reading, "POST", "/v6/company", "{\"name\":\"x\"}"), 403, "BAD_REQUEST", "");
        assertProblem(call(reading, "DELETE", "/v6/company/" + id, ""), 403, "BAD_REQUEST", "");
        assertProblem(call(reading, "POST", "/v6/bookkeepers", "{\"userId\":\"b\"}"), 403, "BAD_REQUEST", "");
        assertProblem(call(reading, "POST", "/v6/bookkeepers/invite", "{\"email\":\"a@b.test\"}"), 403, "BAD_REQUEST",
                "");
    }

    @Test
    void listsAreReadInPages() {
        for (int i = 0; i < 5; i++) {
            made("{\"name\":\"Page " + mark + " " + i + "\"}");
        }
        List<String> names = new ArrayList<>();
        String cursor = "";
        do {
            JsonNode page = call(token, "POST", "/v6/company/query", """
                    {"limit":2,"filter":{"name":{"contain":"page %s"}}%s}
                    """.formatted(mark, cursor.isEmpty() ? "" : ",\"cursor\":\"" + cursor + "\"")).json();
            page.required("data").forEach(each -> names.add(each.required("name").asString()));
            cursor = page.path("cursor").path("after").asString("");
        } while (!cursor.isEmpty());
        assertThat(names).hasSize(5).doesNotHaveDuplicates();
        assertProblem(call(token, "POST", "/v6/company/query", "{\"limit\":251}"), 400, "INVALID_VALUE", "limit");
        assertProblem(call(token, "POST", "/v6/company/query", "{\"limit\":\"2\"}"), 400, "INVALID_FORMAT", "limit");
        assertProblem(call(token, "POST", "/v6/company/query", "{\"cursor\":\"?\"}"), 400, "INVALID_VALUE", "cursor");
        assertProblem(call(token, "POST", "/v6/company/query", "{\"filter\":{\"owner\":{}}}"), 400, "INVALID_VALUE",
                "filter.owner");
    }

    @Test
    void bookkeepersAreMadeInvitedAndFound() {
        Request.Answer answer = call(token, "POST", "/v6/bookkeepers",
                "{\"userId\":\"bk-" + mark + "\",\"firstName\":\"Jo\",\"lastName\":\"Fox\"}");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        JsonNode made = answer.json().required("data");
        String id = made.required("id").asString();
        assertThat(id).matches("bkpr_\\d+");
        assertThat(made.required("role").asString()).isEqualTo("ACCOUNTANT");
        assertThat(call(token, "GET", "/v6/bookkeepers/" + id, "").json().required("data")).isEqualTo(made);
        JsonNode renamed = call(token, "POST", "/v6/bookkeepers", "{\"id\":\"" + id + "\",\"lastName\":\"Owl\"}")
                .json()
                .required("data");
        assertThat(renamed.required("lastName").asString()).isEqualTo("Owl");
        assertThat(renamed.required("firstName").asString()).isEqualTo("Jo");
        String email = "in-" + mark + "@firm.test";
        JsonNode invited = call(token, "POST", "/v6/bookkeepers/invite", "{\"email\":\"" + email + "\"}")
                .json()
                .required("data");
        assertThat(invited.required("email").asString()).isEqualTo(email);
        assertProblem(call(token, "POST", "/v6/bookkeepers/invite", "{}"), 400, "REQUIRED", "email");
        assertThat(call(SERVER.token(client, "userId", "bk-" + mark), "GET", "/v6/bookkeepers/" + id, "").status())
                .isEqualTo(200);
        assertThat(call(token, "POST", "/v6/bookkeepers/query", "{\"limit\":1}").json().required("data")).hasSize(1);
        assertProblem(call(token, "GET", "/v6/bookkeepers/bkpr_1", ""), 404, "INVALID_VALUE", "id");
        assertProblem(call(token, "GET", "/v6/bookkeepers/co_1", ""), 404, "INVALID_VALUE", "id");
    }
}
