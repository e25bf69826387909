package ephemera.server.http.pages;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The API documents of all doors and their pages, as they are served under {@code /openapi} and {@code /docs}.
 *
 * <p>Documents are read when this is made, pages are rendered when they are first asked for and kept. Thread-safe.
 */
public final class ApiPages {

    /** The path under which {@link #home} is served; the page of a door is below it. */
    public static final String HOME = "/docs";

    /** The path below which the documents are served, each with {@code .yaml} after its door's name. */
    public static final String DOCUMENTS = "/openapi";

    private final Map<String, String> documents;
    private final Map<String, String> pages = new ConcurrentHashMap<>();

    /**
     * Makes the pages of these documents.
     *
     * @param documents YAML by the name of the door, such as {@code tigerconnect}; at least one, in the order to show
     */
    public ApiPages(Map<String, String> documents) {
        if (documents.isEmpty()) {
            throw new IllegalArgumentException("there is no API document");
        }
        this.documents = new LinkedHashMap<>(documents);
    }

    /**
     * Reads the documents of these doors from {@code /api/<door>.yaml} on the classpath.
     *
     * @throws IllegalStateException if one is missing, which is a fault of the build
     */
    public static ApiPages fromClasspath(String... doors) {
        Map<String, String> documents = new LinkedHashMap<>();
        for (String door : doors) {
            documents.put(door, read("/api/" + door + ".yaml"));
        }
        return new ApiPages(documents);
    }

    private static String read(String resource) {
        try (InputStream in = ApiPages.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("the API document " + resource + " is not part of this build");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the API document " + resource, e);
        }
    }

    /** The OpenAPI document of a door, in YAML. */
    public Optional<String> document(String door) {
        return Optional.ofNullable(documents.get(door));
    }

    /** The page of a door, in HTML. */
    public Optional<String> page(String door) {
        return document(door).map(yaml -> pages.computeIfAbsent(door, key -> ApiPage.render(yaml, links(key))));
    }

    /** The first page, in HTML: the page of the only door, or else the list of doors. */
    public String home() {
        if (documents.size() == 1) {
            return page(documents.keySet().iterator().next()).orElseThrow();
        }
        // No door has an empty name, so the list has that place.
        return pages.computeIfAbsent("", key -> list());
    }

    /**
     * The {@code Content-Security-Policy} with which every page is to be served: its own style sheet and nothing else.
     *
     * <p>It is the same for all pages and never changes while the server runs.
     */
    public static String contentSecurityPolicy() {
        return PageStyle.POLICY;
    }

    private List<ApiPage.Link> links(String door) {
        List<ApiPage.Link> links = new ArrayList<>();
        links.add(new ApiPage.Link("OpenAPI document", DOCUMENTS + "/" + door + ".yaml"));
        if (documents.size() > 1) {
            links.add(new ApiPage.Link("All doors", HOME));
        }
        return links;
    }

    private String list() {
        Html html = Html.document();
        ApiPage.begin(html, "Ephemera, the doors");
        html.open("header").open("div").element("h1", "Ephemera, the doors");
        html.element("p", "Each door speaks one published API over the same messages.", "class", "lead");
        html.close("div").close("header");
        html.open("div", "class", "columns single").open("main", "id", "content").open("ul", "class", "doors");
        documents.forEach((door, yaml) -> {
            Node info = ApiDocument.parse(yaml).info();
            html.open("li").open("h2").element("a", info.textAt("title"), "href", HOME + "/" + door).close("h2");
            html.open("p");
            Prose.inline(info.textAt("summary"), html);
            html.close("p").open("p").element("a", "OpenAPI document", "href", DOCUMENTS + "/" + door + ".yaml");
            html.close("p").close("li");
        });
        html.close("ul").close("main").close("div");
        ApiPage.end(html);
        return html.finish();
    }
}
