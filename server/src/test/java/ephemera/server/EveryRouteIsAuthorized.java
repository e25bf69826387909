package ephemera.server;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.server.http.Access;
import ephemera.server.http.Route;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class EveryRouteIsAuthorized {

    /** What differs between any two answers. */
    private static final Set<String> CHANCE = Set.of("date", "tt-x-message-id", "tt-x-group-token");

    static Stream<Arguments> cells() {
        return AuthorizationTable.rows().stream()
                .flatMap(row -> Arrays.stream(Asker.values()).map(asker -> Arguments.of(asker, row)));
    }

    static Stream<AuthorizationRow> rowsOfObjects() {
        return AuthorizationTable.rows().stream().filter(row -> !row.isOpen() && row.about() != Scene.About.NOTHING);
    }

    /**
     * The answer is what the table says; it shows nothing to whom nothing belongs; who may not change anything does
     * not.
     */
    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("cells")
    void asTheTableSays(Asker asker, AuthorizationRow row) {
        Scene scene = Scene.of(row.about(), asker);
        // Reading changes nothing whoever reads; that is looked at once for each row.
        boolean changes = row.changing().contains(asker);
        boolean looks = !changes && (!row.method().equals("GET") || asker == Asker.MEMBER);
        String before = looks ? scene.state() : "";
        Request.Answer answer = row.request(asker, scene).send();
        assertThat(answer.status()).as("%s: %s: %s", asker, row, answer.body()).isEqualTo(row.answers().get(asker));
        if (!row.isOpen() && !asker.isInConversation()) {
            assertThat(scene.inside()).noneMatch(answer.body()::contains);
        }
        if (!row.isOpen() && asker.person().map(_ -> asker.isForeign()).orElse(true)) {
            assertThat(scene.outside()).noneMatch(answer.body()::contains);
        }
        if (looks) {
            assertThat(scene.state()).as("what those who may see it see afterwards").isEqualTo(before);
        }
        if (answer.status() >= 400) {
            assertThat(answer.body()).startsWith(refusal(row.template()));
        }
    }

    /** How each door begins to say no. */
    private static String refusal(String template) {
        if (template.equals("/v6/auth/token") || template.equals("/v6/auth/revoke")) {
            return "{\"error\":\"";
        }
        return template.startsWith("/v6/")
                ? "{\"result\":\"FAILURE\",\"error\":["
                : "{\"status\":\"fail\",\"error\":{\"code\":\"";
    }

    /** Whoever tries tokens of another organization cannot tell the right ones from wrong ones, by no byte. */
    @ParameterizedTest
    @MethodSource("rowsOfObjects")
    void andAForeignObjectIsLikeAMissingOne(AuthorizationRow row) {
        for (Asker asker : List.of(Asker.FOREIGNER, Asker.FOREIGN_ADMINISTRATOR)) {
            Scene scene = Scene.of(row.about(), asker);
            Request.Answer foreign = row.request(asker, scene).send();
            Request.Answer missing = row.request(asker, scene.missing()).send();
            assertThat(foreign.status()).as("%s: %s", asker, row).isEqualTo(missing.status());
            assertThat(foreign.body()).isEqualTo(missing.body());
            assertThat(headers(foreign)).isEqualTo(headers(missing));
        }
    }

    private static Map<String, List<String>> headers(Request.Answer answer) {
        Map<String, List<String>> headers = new TreeMap<>(answer.response().headers().map());
        headers.keySet().removeAll(CHANCE);
        return headers;
    }

    @Test
    void andNoRouteIsForgotten() {
        Set<String> rows = AuthorizationTable.rows().stream()
                .map(row -> row.method() + " " + row.template())
                .collect(Collectors.toSet());
        Set<String> routes = OneServer.get().routes().stream()
                .map(route -> route.method() + " " + route.template())
                .collect(Collectors.toSet());
        assertThat(rows).as("add a row to %s for each new route", AuthorizationTable.class.getSimpleName())
                .isEqualTo(routes);
    }

    /** What nobody signs in for is one screen, on which every line was thought about. */
    @Test
    void andFewAreForEverybody() {
        assertThat(OneServer.get().routes().stream()
                .filter(route -> route.access() == Access.PUBLIC)
                .map(route -> route.method() + " " + route.template()))
                .containsExactlyInAnyOrder(
                        "POST /v2/login",
                        "POST /v5/login",
                        "POST /v2/user/{user}/password",
                        "GET /v2/avatar/{blob}",
                        "POST /v6/auth/token",
                        "POST /v6/auth/revoke",
                        "GET /v6/icons/{icon}",
                        "GET /docs",
                        "GET /docs/{door}",
                        "GET /openapi/{file}");
        assertThat(OneServer.get().routes().stream()
                .filter(route -> route.access() == Access.SIGNED_IN_BY_QUERY)
                .map(Route::template))
                .containsExactly("/v2/events");
    }
}
