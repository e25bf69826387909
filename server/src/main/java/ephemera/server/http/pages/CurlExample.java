package ephemera.server.http.pages;

import ephemera.server.http.pages.ApiDocument.Operation;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes a {@code curl} command for an operation that can be pasted into a shell.
 *
 * <p>It has the required parameters and those with an example. How a security scheme looks on the command line stands
 * in the scheme's own {@code x-curl}.
 */
final class CurlExample {

    private static final String HOST = "http://127.0.0.1:8080";
    private static final String JSON = "application/json";
    private static final String FORM = "application/x-www-form-urlencoded";

    private final ApiDocument document;
    private final Sample sample;

    CurlExample(ApiDocument document, Sample sample) {
        this.document = document;
        this.sample = sample;
    }

    /** The command. */
    String of(Operation operation) {
        List<String> lines = new ArrayList<>();
        String method = operation.method().equals("GET") ? "" : "-X " + operation.method() + " ";
        lines.add("curl " + method + flags(operation) + quoted(HOST + path(operation) + query(operation)));
        credentials(operation).ifPresent(lines::add);
        parameters(operation, "header").forEach(parameter -> lines.add(
                "-H " + quoted(parameter.textAt("name") + ": " + plain(sample.ofParameter(parameter)))));
        body(operation, lines);
        return String.join(" \\\n  ", lines);
    }

    /** The form in which a body's example is sent as {@code application/x-www-form-urlencoded}. */
    static String form(Node example) {
        List<String> fields = new ArrayList<>();
        example.entries().forEach((key, value) -> fields.add(encoded(key) + "=" + encoded(plain(value))));
        return String.join("&", fields);
    }

    private String flags(Operation operation) {
        Map<String, Node> content = operation.node().at("responses").at("200").at("content").entries();
        if (content.containsKey("text/event-stream")) {
            return "-N ";
        }
        return content.isEmpty() || content.containsKey(JSON) ? "" : "-OJ ";
    }

    private String path(Operation operation) {
        String path = operation.path();
        for (Node parameter : operation.parameters()) {
            if (parameter.textAt("in").equals("path")) {
                String value = encoded(plain(sample.ofParameter(parameter)));
                path = path.replace("{" + parameter.textAt("name") + "}", value);
            }
        }
        return path;
    }

    private String query(Operation operation) {
        List<String> pairs = parameters(operation, "query").stream()
                .map(parameter -> encoded(parameter.textAt("name")) + "="
                        + encoded(plain(sample.ofParameter(parameter))))
                .toList();
        return pairs.isEmpty() ? "" : "?" + String.join("&", pairs);
    }

    private static List<Node> parameters(Operation operation, String place) {
        return operation.parameters().stream()
                .filter(parameter -> parameter.textAt("in").equals(place))
                .filter(parameter -> parameter.at("required").is(true) || parameter.has("example"))
                .toList();
    }

    private Optional<String> credentials(Operation operation) {
        return operation.security().items().stream()
                .findFirst()
                .flatMap(choice -> choice.entries().keySet().stream().findFirst())
                .map(scheme -> document.components("securitySchemes").getOrDefault(scheme, Node.missing()))
                .map(scheme -> scheme.textAt("x-curl"))
                .filter(text -> !text.isEmpty());
    }

    private void body(Operation operation, List<String> lines) {
        Map<String, Node> content = document.resolve(operation.node().at("requestBody")).at("content").entries();
        if (content.containsKey(JSON)) {
            lines.add("-H 'Content-Type: application/json'");
            lines.add("-d " + quoted(PrintedJson.of(sample.ofContent(content.get(JSON)))));
        } else if (content.containsKey(FORM)) {
            lines.add("-d " + quoted(form(sample.ofContent(content.get(FORM)))));
        } else {
            for (Map.Entry<String, Node> other : content.entrySet()) {
                lines.add("-H " + quoted("Content-Type: " + other.getKey()));
                lines.add("-d " + quoted(plain(sample.ofContent(other.getValue()))));
                return;
            }
        }
    }

    private static String plain(Node example) {
        return example.text().orElseGet(() -> PrintedJson.of(example));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
