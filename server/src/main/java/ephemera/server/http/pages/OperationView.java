package ephemera.server.http.pages;

import ephemera.server.http.pages.ApiDocument.Operation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Writes one operation: what it does, what it takes, what it answers, and how to call it.
 */
final class OperationView {

    private final ApiDocument document;
    private final Html html;
    private final SchemaView schemas;
    private final Sample sample;
    private final CurlExample curl;

    OperationView(ApiDocument document, Html html, SchemaView schemas) {
        this.document = document;
        this.html = html;
        this.schemas = schemas;
        this.sample = new Sample(document);
        this.curl = new CurlExample(document, sample);
    }

    /** Writes the operation as a section of its own. */
    void write(Operation operation) {
        String heading = operation.anchor() + "-name";
        html.open("article", "id", operation.anchor(), "class", "operation", "aria-labelledby", heading);
        html.element("h3", operation.summary(), "id", heading);
        html.open("p", "class", "route");
        method(operation, html);
        html.text(" ").element("code", operation.path()).close("p");
        Prose.blocks(operation.node().textAt("description"), html);
        security(operation);
        parameters(operation.parameters());
        body(document.resolve(operation.node().at("requestBody")));
        responses(operation.node().at("responses").entries());
        html.element("h4", "Try it");
        html.open("pre").element("code", curl.of(operation)).close("pre");
        html.close("article");
    }

    /** Writes the badge with the method. */
    static void method(Operation operation, Html html) {
        String style = "method " + operation.method().toLowerCase(Locale.ROOT);
        html.element("span", operation.method(), "class", style);
    }

    private void security(Operation operation) {
        List<Node> choices = operation.security().items();
        if (choices.isEmpty()) {
            return;
        }
        html.open("p", "class", "signed").text("Signed with ");
        for (int i = 0; i < choices.size(); i++) {
            html.text(i == 0 ? "" : " or ");
            int part = 0;
            for (String scheme : choices.get(i).entries().keySet()) {
                html.text(part++ == 0 ? "" : " and ");
                html.element("a", scheme, "href", "#" + ApiDocument.anchor("security", scheme));
            }
            if (part == 0) {
                html.text("nothing");
            }
        }
        html.text(".").close("p");
    }

    private void parameters(List<Node> parameters) {
        if (parameters.isEmpty()) {
            return;
        }
        html.element("h4", "Parameters").open("dl", "class", "fields");
        for (Node parameter : parameters) {
            html.open("div").open("dt").element("code", parameter.textAt("name"));
            html.text(" ").element("span", parameter.textAt("in"), "class", "place");
            if (parameter.at("required").is(true)) {
                html.text(" ").element("span", "required", "class", "required");
            }
            html.close("dt").open("dd");
            schemas.explained(parameter.at("schema"), parameter.textAt("description"));
            if (parameter.has("example")) {
                Node example = parameter.at("example");
                html.text(" Example: ").element("code", example.text().orElseGet(() -> PrintedJson.of(example)));
            }
            html.close("dd").close("div");
        }
        html.close("dl");
    }

    private void body(Node body) {
        if (!body.isPresent()) {
            return;
        }
        html.open("h4").text("Body");
        if (body.at("required").is(true)) {
            html.text(" ").element("span", "required", "class", "required");
        }
        html.close("h4");
        Prose.blocks(body.textAt("description"), html);
        List<Node> told = new ArrayList<>();
        for (Map.Entry<Node, List<String>> form : bySchema(body.at("content").entries()).entrySet()) {
            html.open("p").text("As ");
            for (int i = 0; i < form.getValue().size(); i++) {
                html.text(i == 0 ? "" : i == form.getValue().size() - 1 ? " or " : ", ");
                html.element("code", form.getValue().get(i));
            }
            html.text(": ");
            schemas.type(form.getKey());
            boolean more = document.resolve(form.getKey()).at("allOf").items().stream().anyMatch(told::contains);
            html.text(more ? ". The same fields, and also:" : ".").close("p");
            if (schemas.hasFields(form.getKey())) {
                schemas.fields(form.getKey(), told);
            }
            told.add(form.getKey());
        }
        body.at("content").entries().forEach((type, content) -> {
            if (content.has("example") || content.has("examples")) {
                example(type, content, "Example as " + type);
            }
        });
    }

    /** Content types that take the same schema are told together. */
    private static Map<Node, List<String>> bySchema(Map<String, Node> content) {
        Map<Node, List<String>> types = new LinkedHashMap<>();
        content.forEach(
                (type, media) -> types.computeIfAbsent(media.at("schema"), schema -> new ArrayList<>()).add(type));
        return types;
    }

    private void responses(Map<String, Node> responses) {
        html.element("h4", "Answers").open("dl", "class", "answers");
        responses.forEach((status, response) -> {
            if (ApiDocument.referenced(response).isEmpty()) {
                html.open("div").open("dt");
                status(status);
                html.close("dt").open("dd");
                answer(response);
                html.close("dd").close("div");
            }
        });
        html.close("dl");
        shared(responses);
    }

    /** Answers that many operations share are told once, at the end of the page; here stand links to them. */
    private void shared(Map<String, Node> responses) {
        List<String> open = new ArrayList<>();
        responses.forEach((status, response) -> {
            Optional<String> name = ApiDocument.referenced(response);
            if (name.isPresent()) {
                document.resolve(response);
                if (open.isEmpty()) {
                    html.open("ul", "class", "shared", "aria-label", "Failures");
                    open.add("ul");
                }
                html.open("li").open("a", "href", "#" + ApiDocument.anchor("response", name.get()));
                html.element("strong", status).text(" " + words(name.get()));
                html.close("a").close("li");
            }
        });
        open.forEach(html::close);
    }

    private void status(String status) {
        String kind = status.startsWith("2") ? "good" : "bad";
        html.element("span", status, "class", "status " + kind);
    }

    /** Writes an answer: what it means, its headers, its body. */
    void answer(Node response) {
        Prose.blocks(response.textAt("description"), html);
        Map<String, Node> headers = response.at("headers").entries();
        if (!headers.isEmpty()) {
            html.open("dl", "class", "fields");
            headers.forEach((name, header) -> {
                Node resolved = document.resolve(header);
                html.open("div").open("dt").element("code", name).text(" ");
                html.element("span", "header", "class", "place").close("dt").open("dd");
                schemas.explained(resolved.at("schema"), resolved.textAt("description"));
                html.close("dd").close("div");
            });
            html.close("dl");
        }
        response.at("content").entries().forEach((type, content) -> {
            html.open("p").element("code", type).text(": ");
            schemas.type(content.at("schema"));
            html.text(".").close("p");
            if (type.startsWith("text/") || type.endsWith("json")) {
                example(type, content, "Example");
            }
        });
    }

    private void example(String type, Node content, String title) {
        Node example = sample.ofContent(content);
        String text = example.isObject() && type.equals("application/x-www-form-urlencoded")
                ? CurlExample.form(example)
                : type.startsWith("text/") ? example.text().orElse("") : PrintedJson.of(example);
        html.open("details").element("summary", title);
        html.open("pre").element("code", text).close("pre").close("details");
    }

    /** The words of a name in camel case: {@code TooLarge} is "too large". */
    static String words(String name) {
        return name.replaceAll("(?<=[a-z])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
    }
}
