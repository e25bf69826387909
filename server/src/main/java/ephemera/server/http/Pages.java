package ephemera.server.http;

import ephemera.core.Failure;
import ephemera.server.http.pages.ApiPages;
import java.util.List;

/** The documents of the doors, for programs and for people. */
public final class Pages {

    private static final String HTML = "text/html; charset=utf-8";
    private static final String YAML = "application/yaml; charset=utf-8";

    private final ApiPages pages;

    /** Serves the documents of those doors. */
    public Pages(String... doors) {
        pages = ApiPages.fromClasspath(doors);
    }

    /** What is served. */
    public List<Route> routes() {
        return List.of(
                new Route("GET", ApiPages.HOME, Access.PUBLIC, _ -> page(pages.home())),
                new Route("GET", ApiPages.HOME + "/{door}", Access.PUBLIC, this::page),
                new Route("GET", ApiPages.DOCUMENTS + "/{file}", Access.PUBLIC, this::document));
    }

    private Reply page(Call call) {
        return page(pages.page(call.path("door")).orElseThrow(Failure.NOT_FOUND::refused));
    }

    private static Reply page(String html) {
        return Reply.text(200, HTML, html)
                .with("Content-Security-Policy", ApiPages.contentSecurityPolicy())
                .with("X-Content-Type-Options", "nosniff");
    }

    private Reply document(Call call) {
        String file = call.path("file");
        String door = file.endsWith(".yaml") ? file.substring(0, file.length() - ".yaml".length()) : "";
        return Reply.text(200, YAML, pages.document(door).orElseThrow(Failure.NOT_FOUND::refused));
    }
}
