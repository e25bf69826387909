package ephemera.server.http.pages;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.Failure;
import ephemera.server.http.pages.ApiDocument.Operation;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the TigerConnect document has to say, beside being a valid OpenAPI document. */
class TigerConnectDocumentCoversItsContract {

    private static final String SEEDS = """
            DELETE /v2/events
            GET /v2/events
            POST /v2/events/ack
            POST /v2/group
            DELETE /v2/group/{}
            GET /v2/group/{}
            POST /v2/group/{}
            GET /v2/group/{}/members
            POST /v2/group/{}/members
            POST /v2/group/{}/members/remove
            POST /v2/message
            PUT /v2/message/status
            POST /v2/message/status
            GET /v2/message/typing
            POST /v2/message/typing
            DELETE /v2/message/typing/{}
            DELETE /v2/message/typing/{}/{}
            DELETE /v2/message/{}
            GET /v2/message/{}
            GET /v2/message/{}/attachment/{}
            POST /v2/message/{}/forward
            GET /v2/message/{}/status
            POST /v2/get_bulk_message_status
            DELETE /v2/metadata/{}
            GET /v2/metadata/{}
            POST /v2/metadata/{}
            GET /v2/roster
            POST /v2/roster
            DELETE /v2/roster/{}
            GET /v2/user
            GET /v2/user/{}
            POST /v2/login
            POST /v5/login
            POST /v2/logout
            POST /v2/wipe
            POST /v2/search
            GET /v2/mute
            """;

    private static final Set<Failure> OF_APPLICATIONS = EnumSet.of(
            Failure.INVALID_GRANT, Failure.INVALID_SCOPE, Failure.EXPIRED_TOKEN, Failure.INSUFFICIENT_SCOPE,
            Failure.ATTACHMENT_UNAVAILABLE, Failure.TOO_MUCH_WAITING);

    private final ApiDocument document =
            ApiDocument.parse(ApiPages.fromClasspath("tigerconnect").document("tigerconnect").orElseThrow());

    @Test
    void everyOperationOfTheSeedsAndOfThePublishedClients() {
        Set<String> routes = document.operations().stream()
                .map(operation -> operation.method() + " " + operation.path().replaceAll("\\{[^}]*}", "{}"))
                .collect(Collectors.toSet());
        assertThat(routes).containsAll(SEEDS.lines().toList());
    }

    @Test
    void eachWithANameATextAndTheFailuresThatAnyCallMayMeet() {
        List<Operation> operations = document.operations();
        assertThat(operations).extracting(operation -> operation.node().textAt("operationId")).doesNotHaveDuplicates();
        assertThat(operations).allSatisfy(operation -> {
            assertThat(operation.node().textAt("operationId")).isNotEmpty();
            assertThat(operation.node().textAt("summary")).isNotEmpty();
            assertThat(operation.node().textAt("description")).isNotEmpty();
            assertThat(operation.node().at("tags").items()).hasSize(1);
            assertThat(operation.node().at("responses").entries()).containsKeys("429", "500", "503");
            boolean open = operation.security().items().isEmpty();
            assertThat(operation.node().at("responses").has("401")).isEqualTo(!open);
        });
    }

    @Test
    void everyParameterOfItsPathAndNoOther() {
        assertThat(document.operations()).allSatisfy(operation -> {
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

    /**
     * What only applications can be told aside: nothing that this door does is opened by an access token, keys have no
     * scope, and files come with their message.
     */
    @Test
    void theWholeCatalogueOfFailures() {
        Map<String, Node> schemas = document.components("schemas");
        List<String> codes = schemas.getOrDefault("Failure", Node.missing()).at("properties").at("error")
                .at("properties").at("code").at("enum")
                .items().stream()
                .map(code -> code.text().orElseThrow())
                .toList();
        assertThat(codes).containsExactlyInAnyOrderElementsOf(
                Arrays.stream(Failure.values())
                        .filter(failure -> !OF_APPLICATIONS.contains(failure))
                        .map(Failure::code)
                        .toList());
    }
}
