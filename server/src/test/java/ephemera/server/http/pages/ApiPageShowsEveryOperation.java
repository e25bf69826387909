package ephemera.server.http.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** The page of each door against the document it was made from. */
@ParameterizedClass
@ValueSource(strings = {"tigerconnect", "tight"})
class ApiPageShowsEveryOperation {

    private static final Map<String, Map<String, List<String>>> COMMANDS = Map.of(
            "tigerconnect", Map.of(
                    "op-sendMessage", List.of(
                            "curl -X POST 'http://127.0.0.1:8080/v2/message?response_format=message'",
                            "-u \"$KEY:$SECRET\"",
                            "\"recipient\": \"bob@example.org\""),
                    "op-login", List.of("Authorization: XMPP-Simple $("),
                    "op-openEvents", List.of("curl -N "),
                    "op-getUser", List.of("/v2/user/bob%40example.org'")),
            "tight", Map.of(
                    "op-getToken", List.of(
                            "curl -X POST 'http://127.0.0.1:8080/v6/auth/token'",
                            "-u \"$CLIENT_ID:$CLIENT_SECRET\"",
                            "grant_type=client_credentials&userId=own-3"),
                    "op-saveMessages", List.of(
                            "-H \"Authorization: Bearer $TOKEN\"", "\"text\": \"Receipt please\""),
                    "op-openEvents", List.of("curl -N "),
                    "op-listMessages", List.of("/messages?limit=50'")));

    private final String door;
    private final String yaml;
    private final Document page;

    ApiPageShowsEveryOperation(String door) {
        ApiPages pages = ApiPages.fromClasspath(door);
        this.door = door;
        this.yaml = pages.document(door).orElseThrow();
        this.page = Page.parse(pages.home());
    }

    @Test
    void withItsMethodAndPathUnderItsOperationId() {
        Map<String, Element> byId = Page.byId(page);
        List<String> missing = new ArrayList<>();
        int operations = 0;
        Object paths = Objects.requireNonNull(map(document()).get("paths"), "the document's paths");
        for (Map.Entry<?, ?> path : map(paths).entrySet()) {
            for (Map.Entry<?, ?> entry : map(path.getValue()).entrySet()) {
                if (!entry.getKey().equals("parameters")) {
                    operations++;
                    Element section = byId.get("op-" + map(entry.getValue()).get("operationId"));
                    String route = section == null ? "" : section.getTextContent();
                    if (!route.contains(entry.getKey().toString().toUpperCase(Locale.ROOT) + " " + path.getKey())) {
                        missing.add(entry.getKey() + " " + path.getKey());
                    }
                }
            }
        }
        assertThat(operations).isGreaterThanOrEqualTo(door.equals("tight") ? 25 : 60);
        assertThat(missing).isEmpty();
    }

    @Test
    void withACommandThatCallsIt() {
        Map<String, List<String>> commands = Objects.requireNonNull(COMMANDS.get(door), door);
        commands.forEach((operation, parts) -> assertThat(Page.text(page, operation)).contains(parts));
    }

    @Test
    void withLinksThatLeadSomewhere() {
        List<String> dead = new ArrayList<>();
        Map<String, Element> byId = Page.byId(page);
        for (Element link : Page.elements(page, "a")) {
            String target = link.getAttribute("href");
            if (target.startsWith("#") && !byId.containsKey(target.substring(1))) {
                dead.add(target);
            }
        }
        assertThat(dead).isEmpty();
    }

    @Test
    void withoutAnyOtherRequestAndWithoutScript() {
        assertThat(Page.active(page)).isEmpty();
    }

    @Test
    void withTheStyleThatItsPolicyAllows() throws Exception {
        String style = Page.elements(page, "style").getFirst().getTextContent();
        byte[] digest = MessageDigest.getInstance("SHA-256")
                .digest(style.getBytes(StandardCharsets.UTF_8));
        String hash = Base64.getEncoder().encodeToString(digest);
        assertThat(ApiPages.contentSecurityPolicy())
                .contains("default-src 'none'")
                .contains("style-src 'sha256-" + hash + "'");
    }

    private Object document() {
        return new Load(LoadSettings.builder().build()).loadFromString(yaml);
    }

    private static Map<?, ?> map(Object value) {
        return (Map<?, ?>) value;
    }
}
