package ephemera.server.http.pages;

import ephemera.server.http.pages.ApiDocument.Operation;
import ephemera.server.http.pages.ApiDocument.Tag;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A readable page of an API, made from its OpenAPI document.
 *
 * <p>The page stands for itself: no script, no further request, one style sheet inside. Whatever the document says is
 * escaped.
 */
public final class ApiPage {

    /** A link at the top of a page. */
    record Link(String label, String path) {}

    private final ApiDocument document;
    private final Html html = Html.document();
    private final SchemaView schemas;
    private final OperationView operations;

    private ApiPage(ApiDocument document) {
        this.document = document;
        this.schemas = new SchemaView(document, html);
        this.operations = new OperationView(document, html, schemas);
    }

    /**
     * Renders an OpenAPI 3.1 document in YAML as one page of HTML.
     *
     * @throws IllegalArgumentException if it is not such a document, or refers to something that is not in it
     */
    public static String render(String yaml) {
        return render(yaml, List.of());
    }

    /** Renders a document as a page with links at its top. */
    static String render(String yaml, List<Link> links) {
        return new ApiPage(ApiDocument.parse(yaml)).page(links);
    }

    private String page(List<Link> links) {
        List<Tag> tags = document.tags();
        begin(html, document.info().textAt("title"));
        header(links);
        html.open("div", "class", "columns");
        contents(tags);
        html.open("main", "id", "content");
        overview();
        tags.forEach(this::tag);
        security();
        responses();
        schemas();
        html.close("main").close("div");
        end(html);
        return html.finish();
    }

    /** Writes everything up to the page's own header. */
    static void begin(Html html, String title) {
        html.open("html", "lang", "en").open("head");
        html.single("meta", "charset", "utf-8");
        html.single("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
        html.single("meta", "name", "color-scheme", "content", "light dark");
        html.element("title", title);
        html.style(PageStyle.CSS);
        html.close("head").open("body");
        html.element("a", "Skip to the content", "class", "skip", "href", "#content");
    }

    /** Closes what {@link #begin} opened. */
    static void end(Html html) {
        html.close("body").close("html");
    }

    private void header(List<Link> links) {
        Node info = document.info();
        html.open("header").open("div");
        html.element("h1", info.textAt("title"));
        html.open("p", "class", "lead");
        Prose.inline(info.textAt("summary"), html);
        html.close("p").open("ul", "class", "facts");
        html.element("li", "Version " + info.textAt("version"));
        if (info.has("license")) {
            html.element("li", "Licence " + info.at("license").textAt("name"));
        }
        links.forEach(link -> html.open("li").element("a", link.label(), "href", link.path()).close("li"));
        html.close("ul").close("div").close("header");
    }

    private void contents(List<Tag> tags) {
        html.open("nav", "aria-label", "Contents").open("ul");
        entry("#overview", "Before you start").close("li");
        for (Tag tag : tags) {
            entry("#" + tag.anchor(), tag.name());
            operations(tag, "operations");
            html.close("li");
        }
        entry("#security", "Ways to sign").close("li");
        entry("#failures", "Failures").close("li");
        entry("#schemas", "Schemas").close("li");
        html.close("ul").close("nav");
    }

    private Html entry(String target, String label) {
        return html.open("li").element("a", label, "href", target);
    }

    private void operations(Tag tag, String style) {
        html.open("ul", "class", style);
        for (Operation operation : tag.operations()) {
            html.open("li").open("a", "href", "#" + operation.anchor());
            OperationView.method(operation, html);
            html.text(" ").element("span", operation.summary()).close("a").close("li");
        }
        html.close("ul");
    }

    private void overview() {
        section("overview", "Before you start");
        Prose.blocks(document.info().textAt("description"), html);
        html.close("section");
    }

    private void section(String id, String title) {
        html.open("section", "id", id, "aria-labelledby", id + "-name").element("h2", title, "id", id + "-name");
    }

    private void tag(Tag tag) {
        section(tag.anchor(), tag.name());
        Prose.blocks(tag.description(), html);
        operations(tag, "overview");
        tag.operations().forEach(operations::write);
        html.close("section");
    }

    private void security() {
        section("security", "Ways to sign");
        html.open("dl", "class", "fields");
        document.components("securitySchemes").forEach((name, reference) -> {
            Node scheme = document.resolve(reference);
            html.open("div", "id", ApiDocument.anchor("security", name));
            html.open("dt").element("code", name).close("dt").open("dd");
            html.element("span", kind(scheme), "class", "type").text(" \u00b7 ");
            Prose.inline(scheme.textAt("description"), html);
            html.close("dd").close("div");
        });
        html.close("dl").close("section");
    }

    private static String kind(Node scheme) {
        return switch (scheme.textAt("type")) {
            case "http" -> "Authorization: " + scheme.textAt("scheme");
            case "apiKey" -> scheme.textAt("in") + " " + scheme.textAt("name");
            case String other -> other;
        };
    }

    private void responses() {
        section("failures", "Failures");
        Map<String, Set<String>> statuses = statuses();
        document.components("responses").forEach((name, response) -> {
            html.open("article", "id", ApiDocument.anchor("response", name), "class", "small");
            String codes = String.join(", ", statuses.getOrDefault(name, Set.of()));
            html.element("h3", (codes + " " + sentence(OperationView.words(name))).strip());
            operations.answer(document.resolve(response));
            html.close("article");
        });
        html.close("section");
    }

    /** The statuses under which operations refer to each shared response. */
    private Map<String, Set<String>> statuses() {
        Map<String, Set<String>> statuses = new HashMap<>();
        for (Operation operation : document.operations()) {
            operation.node().at("responses").entries().forEach((status, response) -> ApiDocument.referenced(response)
                    .ifPresent(name -> statuses.computeIfAbsent(name, key -> new TreeSet<>()).add(status)));
        }
        return statuses;
    }

    private static String sentence(String words) {
        return words.isEmpty() ? words : Character.toUpperCase(words.charAt(0)) + words.substring(1);
    }

    private void schemas() {
        section("schemas", "Schemas");
        for (Map.Entry<String, Node> entry : document.components("schemas").entrySet()) {
            Node schema = entry.getValue();
            html.open("article", "id", ApiDocument.anchor("schema", entry.getKey()), "class", "small");
            html.open("h3").element("code", entry.getKey()).close("h3");
            Prose.blocks(schema.textAt("description"), html);
            html.open("p");
            schemas.explained(schema, "");
            html.close("p");
            if (schemas.hasFields(schema)) {
                schemas.fields(schema, List.of());
            }
            schema.at("examples").items().forEach(this::example);
            html.close("article");
        }
        html.close("section");
    }

    private void example(Node example) {
        html.open("pre").element("code", PrintedJson.of(example)).close("pre");
    }
}
