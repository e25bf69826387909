package ephemera.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouteIsFoundByItsPath {

    private static Route route(String method, String template) {
        return new Route(method, template, Access.SIGNED_IN, _ -> Reply.empty(204));
    }

    private static final Router ROUTER = new Router(List.of(
            route("POST", "/v2/message"),
            route("GET", "/v2/message/{message}"),
            route("DELETE", "/v2/message/{message}"),
            route("PUT", "/v2/message/status"),
            route("GET", "/v2/message/typing"),
            route("DELETE", "/v2/message/typing/{recipient}"),
            route("DELETE", "/v2/message/typing/{recipient}/{sender}"),
            route("POST", "/v2/message/{message}/forward"),
            route("GET", "/v2/message/{id}/status"),
            route("GET", "/docs")));

    @ParameterizedTest
    @CsvSource({
        "POST, /v2/message, /v2/message",
        "POST, /v2/message/, /v2/message",
        "GET, /v2/message/1, /v2/message/{message}",
        "GET, /v2/message/1/, /v2/message/{message}",
        "PUT, /v2/message/status, /v2/message/status",
        "GET, /v2/message/typing, /v2/message/typing",
        // A literal goes before a parameter, but only where it has the method.
        "GET, /v2/message/status, /v2/message/{message}",
        "DELETE, /v2/message/typing, /v2/message/{message}",
        "DELETE, /v2/message/typing/1, /v2/message/typing/{recipient}",
        "DELETE, /v2/message/typing/1/2/, /v2/message/typing/{recipient}/{sender}",
        "POST, /v2/message/typing/forward, /v2/message/{message}/forward",
        "GET, /v2/message/typing/status, /v2/message/{id}/status",
        "GET, /docs/, /docs",
    })
    void withOrWithoutASlashAtTheEnd(String method, String path, String template) {
        assertThat(ROUTER.find(method, path))
                .isInstanceOfSatisfying(
                        Router.Found.Match.class,
                        match -> assertThat(match.route().template()).isEqualTo(template));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "/", "//", "/v2", "/v2/", "/v3/message", "/V2/message", "/v2/messages", "/v2/message/1/2/3/4",
                "/v2//message", "/v2/message//forward/x", "/docs/x", "docs/..", "/v2/message/1/forward/1",
            })
    void orNotAtAll(String path) {
        assertThat(ROUTER.find("GET", path)).isInstanceOf(Router.Found.Nothing.class);
    }

    @Test
    void anotherMethodIsNamed() {
        assertThat(ROUTER.find("PATCH", "/v2/message/1"))
                .isEqualTo(new Router.Found.OtherMethods(Set.of("GET", "DELETE")));
        assertThat(ROUTER.find("DELETE", "/v2/message/")).isEqualTo(new Router.Found.OtherMethods(Set.of("POST")));
    }

    @ParameterizedTest
    @CsvSource({
        "bob%40example.com, bob@example.com",
        "+15550109999, +15550109999",
        "%2B15550109999, +15550109999",
        "a%2Fb, a/b",
        "%2e%2e, ..",
        "%C3%BC, \u00fc",
        "a+b, a+b",
        "%, %",
        "%zz, %zz",
        "%4, %4",
    })
    void aParameterIsDecodedOnce(String written, String read) {
        assertThat(((Router.Found.Match) ROUTER.find("GET", "/v2/message/" + written)).parameters())
                .isEqualTo(Map.of("message", read));
    }

    @Test
    void twiceEncodedTextStaysEncoded() {
        assertThat(((Router.Found.Match) ROUTER.find("GET", "/v2/message/%2540")).parameters())
                .isEqualTo(Map.of("message", "%40"));
    }

    @Test
    void severalParametersHaveTheirNames() {
        assertThat(((Router.Found.Match) ROUTER.find("DELETE", "/v2/message/typing/a/b")).parameters())
                .isEqualTo(Map.of("recipient", "a", "sender", "b"));
        assertThat(((Router.Found.Match) ROUTER.find("GET", "/v2/message/a/status")).parameters())
                .isEqualTo(Map.of("id", "a"));
    }

    @Test
    void twoRoutesForTheSameAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Router(List.of(route("GET", "/a/{b}"), route("GET", "/a/{c}"))))
                .withMessageContaining("/a/{c}");
    }
}
