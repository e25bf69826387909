package ephemera.server.http.pages;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.Failure;
import ephemera.server.OneServer;
import ephemera.server.door.tight.Tight;
import ephemera.server.http.Access;
import ephemera.server.http.Reply;
import ephemera.server.http.Route;
import ephemera.server.http.pages.ApiDocument.Operation;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the Tight document has to say, beside being a valid OpenAPI document. */
class TightDocumentCoversItsContract {

    private static final JsonMapper MAPPER = JsonMapper.shared();

    /** Section B.2: these and no others. */
    private static final List<String> TYPES = List.of(
            "UNKNOWN_ERROR", "EXPIRED_TOKEN", "INVALID_TOKEN", "BAD_REQUEST", "JSON_ERROR", "DUPLICATE", "REQUIRED",
            "INVALID_VALUE", "NOT_MODIFIABLE", "INVALID_FORMAT");

    /** Section B.4.1, the page "Save messages": its reply, with numbers for ids and addresses in full. */
    private static final String SEED =
            """
            {"result":"SUCCESS","error":[],"data":[{"result":"SUCCESS","statusCode":200,"error":[],"data":
             {"id":"msg_501","conversationId":"con_77","author":{"userId":"bk-9","email":"jo@firm.test"},
             "text":"Receipt please","status":"ACTIVE","createdDateTime":"2026-11-21T03:40:00Z",
             "lastUpdatedDateTime":"2026-11-21T03:40:00Z",
             "reactions":[{"emojiCode":"eyes","authorInfo":[{"userId":"own-3","email":"al@shop.test"}]}],
             "attachments":[{"id":"att_12","url":"https://here.test/att_12","fileName":"r.pdf","fileSize":"24 KB",
             "createdDateTime":"2026-11-21T03:39:00Z","iconUrl":"https://here.test/pdf.svg"}]}}]}
            """;

    private final ApiDocument document =
            ApiDocument.parse(ApiPages.fromClasspath("tight").document("tight").orElseThrow());
    private final List<Operation> operations = document.operations();
    private final SchemaCheck check = new SchemaCheck(document);

    private static List<Route> routes() {
        return OneServer.get().routes().stream().filter(route -> route.template().startsWith("/v6/")).toList();
    }

    private static String name(Operation operation) {
        return operation.method() + " " + operation.path();
    }

    private Node schema(String name) {
        return Objects.requireNonNull(document.components("schemas").get(name), name);
    }

    private static Set<String> statuses(Operation operation) {
        return operation.node().at("responses").entries().keySet();
    }

    @Test
    void everyRouteOfTheServerAndNoOther() {
        assertThat(operations.stream().map(TightDocumentCoversItsContract::name).collect(Collectors.toSet()))
                .isEqualTo(routes().stream()
                        .map(route -> route.method() + " " + route.template())
                        .collect(Collectors.toSet()));
    }

    /** Section B.1: what an access token opens, nothing else does. */
    @Test
    void whatOpensEachRoute() {
        Map<String, Access> access = routes().stream()
                .collect(Collectors.toMap(route -> route.method() + " " + route.template(), Route::access));
        assertThat(operations).allSatisfy(operation -> {
            List<Set<String>> ways = operation.security().items().stream()
                    .map(way -> way.entries().keySet())
                    .toList();
            switch (Objects.requireNonNull(access.get(name(operation)))) {
                case TOKEN -> assertThat(ways).containsExactly(Set.of("token"));
                case SIGNED_IN -> assertThat(ways).containsExactly(Set.of("key"));
                case PUBLIC -> assertThat(ways).isSubsetOf(Set.of("client"), Set.of());
                case SIGNED_IN_BY_QUERY -> throw new AssertionError("there is none at this door");
            }
        });
    }

    @Test
    void eachWithANameATextAndTheFailuresThatItMayMeet() {
        assertThat(operations).extracting(operation -> operation.node().textAt("operationId")).doesNotHaveDuplicates();
        assertThat(operations).allSatisfy(operation -> {
            Node node = operation.node();
            assertThat(node.textAt("operationId")).isNotEmpty();
            assertThat(node.textAt("summary")).isNotEmpty();
            assertThat(node.textAt("description")).isNotEmpty();
            assertThat(node.at("tags").items()).hasSize(1);
            boolean open = operation.security().items().isEmpty();
            boolean byToken = operation.security().items().stream().anyMatch(way -> way.has("token"));
            boolean hasBody = Set.of("POST", "PUT").contains(operation.method());
            assertThat(statuses(operation)).contains("500", "503");
            assertThat(statuses(operation).contains("400")).isTrue();
            assertThat(statuses(operation).contains("401")).isEqualTo(!open);
            assertThat(statuses(operation).contains("413")).isEqualTo(hasBody);
            assertThat(statuses(operation).contains("415")).isEqualTo(hasBody);
            // Only secrets can be guessed: a token has 256 bits. What waits has a bound of its own.
            assertThat(statuses(operation).contains("429"))
                    .isEqualTo((!open && !byToken) || operation.path().contains("upload"));
            if (operation.path().endsWith("}") && !operation.path().contains("upload")) {
                assertThat(statuses(operation)).as("what names something may name nothing").contains("404");
            }
        });
    }

    /** What takes a key says that it may be taken, and that an answer may be told again; nothing else does. */
    @Test
    void whatCanBeRepeatedWithAKey() {
        assertThat(operations).allSatisfy(operation -> {
            boolean keyed = operation.parameters().stream()
                    .anyMatch(parameter -> parameter.textAt("name").equals("Idempotency-Key"));
            Node responses = operation.node().at("responses");
            assertThat(document.resolve(responses.at("200")).at("headers").has("Idempotency-Replayed"))
                    .isEqualTo(keyed);
            assertThat(responses.at("409").textAt("$ref").endsWith("Taken")).isEqualTo(keyed);
            // Every POST that a token opens takes one.
            boolean byToken = operation.security().items().stream().anyMatch(way -> way.has("token"));
            assertThat(keyed).isEqualTo(byToken && operation.method().equals("POST"));
        });
    }

    @Test
    void everyParameterOfItsPathAndNoOther() {
        assertThat(operations).allSatisfy(operation -> {
            Set<String> declared = operation.parameters().stream()
                    .filter(parameter -> parameter.textAt("in").equals("path"))
                    .map(parameter -> parameter.textAt("name"))
                    .collect(Collectors.toSet());
            Set<String> inPath = Arrays.stream(operation.path().split("/"))
                    .filter(segment -> segment.startsWith("{"))
                    .map(segment -> segment.substring(1, segment.length() - 1))
                    .collect(Collectors.toSet());
            assertThat(declared).isEqualTo(inPath);
        });
    }

    @Test
    void theTenTypesOfProblems() {
        List<String> types = schema("Problem").at("properties").at("type").at("enum").items().stream()
                .map(type -> type.text().orElseThrow())
                .toList();
        assertThat(types).containsExactlyInAnyOrderElementsOf(TYPES);
        assertThat(document.info().textAt("description")).contains(TYPES);
    }

    /** Each entry of the catalogue is answered with a status that operations have, in the form that is told there. */
    @ParameterizedTest
    @EnumSource
    void theAnswerToEveryFailure(Failure failure) {
        Reply reply = Tight.refusal().reply(failure.refused());
        assertThat(check.wrong(schema("Failure"), body(reply))).isEmpty();
        if (failure == Failure.METHOD_NOT_ALLOWED) {
            // It is about what is no operation.
            return;
        }
        String status = Integer.toString(failure.status());
        Set<String> told = new TreeSet<>();
        for (Operation operation : operations) {
            Node response = document.resolve(operation.node().at("responses").at(status));
            if (response.isPresent() && !operation.path().matches("/v6/auth/(token|revoke)")) {
                told.add(name(operation));
                assertThat(reply.headers()).as(name(operation)).allSatisfy(
                        header -> assertThat(response.at("headers").has(header.name())).isTrue());
                Node schema = response.at("content").at("application/json").at("schema");
                assertThat(check.wrong(schema, body(reply))).as(name(operation)).isEmpty();
            }
        }
        assertThat(told).isNotEmpty();
    }

    /** The two routes of RFC 6749 say no in its form. */
    @ParameterizedTest
    @EnumSource
    void theAnswerToEveryFailureOfTheTokenEndpoints(Failure failure) {
        List<Route> own = routes().stream().filter(route -> route.refusal().isPresent()).toList();
        assertThat(own).extracting(Route::template)
                .containsExactlyInAnyOrder("/v6/auth/token", "/v6/auth/revoke");
        List<String> codes = schema("TokenError").at("properties").at("error").at("enum").items().stream()
                .map(code -> code.text().orElseThrow())
                .toList();
        for (Route route : own) {
            JsonNode body = body(route.refusal().orElseThrow().reply(failure.refused()));
            // Only people can deny something, and are told so on their way back.
            assertThat(body.required("error").asString())
                    .isIn(failure == Failure.FORBIDDEN ? List.of("access_denied") : codes);
        }
    }

    private static JsonNode body(Reply reply) {
        return reply.body() instanceof Reply.Body.Bytes(_, byte[] bytes) ? MAPPER.readTree(bytes)
                : MAPPER.createObjectNode();
    }

    @Test
    void theReplyOfTheSeed() {
        assertThat(check.wrong(schema("MessageBatch"), MAPPER.readTree(SEED))).isEmpty();
        assertThat(check.wrong(schema("MessageBatch"), MAPPER.readTree(SEED.replace("\"text\"", "\"body\""))))
                .as("the check can fail").isNotEmpty();
    }

    @Test
    void examplesThatAreWhatTheirSchemasSay() {
        Map<String, List<String>> wrong = new TreeMap<>();
        for (Operation operation : operations) {
            operation.parameters().forEach(parameter -> example(
                    name(operation) + " " + parameter.textAt("name"), parameter, wrong));
            content(name(operation), document.resolve(operation.node().at("requestBody")), wrong);
            operation.node().at("responses").entries().forEach((status, response) -> content(
                    name(operation) + " " + status, document.resolve(response), wrong));
        }
        document.components("headers").forEach((name, header) -> example(name, header, wrong));
        document.components("schemas").forEach((name, schema) -> schema.at("examples").items().forEach(
                example -> note(name, check.wrong(schema, SchemaCheck.json(example)), wrong)));
        assertThat(wrong).isEmpty();
    }

    private void content(String place, Node holder, Map<String, List<String>> wrong) {
        holder.at("content").entries().forEach((type, media) -> {
            if (!type.startsWith("text/")) {
                example(place, media, wrong);
            }
        });
    }

    private void example(String place, Node holder, Map<String, List<String>> wrong) {
        if (holder.has("example")) {
            note(place, check.wrong(holder.at("schema"), SchemaCheck.json(holder.at("example"))), wrong);
        }
    }

    private static void note(String place, List<String> found, Map<String, List<String>> wrong) {
        if (!found.isEmpty()) {
            wrong.put(place, found);
        }
    }
}
