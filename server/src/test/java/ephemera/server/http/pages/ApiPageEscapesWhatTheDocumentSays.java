package ephemera.server.http.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** Documents that try to become markup, or that are no documents. */
class ApiPageEscapesWhatTheDocumentSays {

    private static final String ATTACK = "</code></pre></style><script>alert(1)</script>\" onclick=\"x' &amp;";

    @Test
    void inEveryPlace() {
        String pointer = "S" + ATTACK.replace("/", "~1");
        String yaml = HOSTILE.replace("ATTACK", quoted(ATTACK)).replace("POINTER", quoted(pointer));
        String html = ApiPage.render(yaml);
        Document page = Page.parse(html);
        assertThat(Page.active(page)).isEmpty();
        assertThat(html).doesNotContain("<script");
        for (String place : new String[] {
            "title", "summary", "intro", "licence", "tag", "about tag", "op summary", "op text", "parameter", "meaning",
            "enum", "body", "field", "field text", "sample", "answer", "header", "schema text", "pattern", "signing"
        }) {
            assertThat(page.getDocumentElement().getTextContent()).contains(place + ATTACK);
        }
    }

    @Test
    void inAttributes() {
        Html html = Html.document();
        html.element("p", "", "title", ATTACK);
        Element paragraph = Page.elements(Page.parse(html.finish()), "p").getFirst();
        assertThat(paragraph.getAttribute("title")).isEqualTo(ATTACK);
        assertThat(paragraph.getAttributes().getLength()).isEqualTo(1);
    }

    @Test
    void asTheTargetOfALink() {
        Document page = Page.parse(ApiPage.render(described(
                "[one](javascript:alert(1)) [two](#place) [three](https://example.org/x) [four](//example.org)")));
        assertThat(Page.elements(page, "a").stream().map(link -> link.getAttribute("href")))
                .contains("#place", "https://example.org/x")
                .noneMatch(target -> target.startsWith("javascript") || target.startsWith("//"));
    }

    @Test
    void exceptForASmallPartOfMarkdown() {
        Document page = Page.parse(ApiPage.render(described("""
                ### Heading

                A `code`, **strong** and *soft* word,
                2 * 3 * 4.

                - one
                  and on
                - two

                1. first

                ```
                a < b

                c
                ```""")));
        assertThat(Page.elements(page, "h3")).extracting(Element::getTextContent).contains("Heading");
        assertThat(Page.elements(page, "p"))
                .extracting(Element::getTextContent)
                .contains("A code, strong and soft word, 2 * 3 * 4.");
        assertThat(Page.elements(page, "strong")).extracting(Element::getTextContent).contains("strong");
        assertThat(Page.elements(page, "li"))
                .extracting(Element::getTextContent)
                .contains("one and on", "two", "first");
        assertThat(Page.elements(page, "pre")).extracting(Element::getTextContent).contains("a < b\n\nc");
    }

    @Test
    void withControlCharactersAndHalvesOfCharactersReplaced() {
        Html html = Html.document();
        html.element("p", "a\u0000b\uD800c\uDC00d\uD83D\uDE00e\u001Bf");
        assertThat(html.finish()).contains("<p>a\uFFFDb\uFFFDc\uFFFDd\uD83D\uDE00e\uFFFDf</p>");
    }

    @Test
    void andRefusesWhatIsNoDocument() {
        assertThatIllegalArgumentException().isThrownBy(() -> ApiPage.render("a: [")).withMessageContaining("YAML");
        assertThatIllegalArgumentException().isThrownBy(() -> ApiPage.render("")).withMessageContaining("OpenAPI 3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ApiPage.render("swagger: '2.0'\npaths: {}"))
                .withMessageContaining("OpenAPI 3");
    }

    @Test
    void andRefusesReferencesThatLeadNowhereOutOrInACircle() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ApiPage.render(referring("#/components/schemas/Missing")))
                .withMessageContaining("nowhere");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ApiPage.render(referring("other.yaml#/x")))
                .withMessageContaining("out of the document");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ApiPage.render(referring("#/components/schemas/Loop")))
                .withMessageContaining("circle");
    }

    @Test
    void andRendersASchemaThatContainsItself() {
        String html = ApiPage.render("""
                openapi: 3.1.0
                info: {title: t, version: v}
                paths:
                  /tree:
                    get:
                      operationId: tree
                      responses:
                        "200":
                          description: A tree.
                          content: {application/json: {schema: {$ref: "#/components/schemas/Tree"}}}
                components:
                  schemas:
                    Tree:
                      type: object
                      properties:
                        left: {$ref: "#/components/schemas/Tree"}
                        right: {$ref: "#/components/schemas/Tree"}
                """);
        assertThat(Page.byId(Page.parse(html))).containsKeys("op-tree", "schema-Tree");
    }

    @Test
    void andListsTheDoorsWhenThereAreSeveral() {
        Map<String, String> doors = new LinkedHashMap<>();
        doors.put("one", described("").replace("title: t", "title: First <b>"));
        doors.put("two", described("").replace("title: t", "title: Second"));
        ApiPages pages = new ApiPages(doors);
        Document home = Page.parse(pages.home());
        assertThat(Page.elements(home, "h2"))
                .extracting(Element::getTextContent)
                .containsExactly("First <b>", "Second");
        assertThat(Page.elements(home, "a"))
                .extracting(link -> link.getAttribute("href"))
                .contains("/docs/one", "/docs/two", "/openapi/two.yaml");
        assertThat(pages.page("two")).hasValueSatisfying(page -> assertThat(page).contains("href=\"/docs\""));
        assertThat(pages.page("three")).isEmpty();
        assertThat(pages.document("three")).isEmpty();
        assertThat(pages.page("")).isEmpty();
    }

    private static String quoted(String text) {
        return text.replace("\"", "\\\"");
    }

    private static String described(String description) {
        return "openapi: 3.1.0\ninfo:\n  title: t\n  version: v\n  description: |\n"
                + description.indent(4)
                + "paths: {}\n";
    }

    private static String referring(String target) {
        return """
                openapi: 3.1.0
                info: {title: t, version: v}
                paths: {}
                components:
                  schemas:
                    A: {type: object, properties: {b: {$ref: "TARGET"}}}
                    Loop: {$ref: "#/components/schemas/Loop"}
                """.replace("TARGET", target);
    }

    private static final String HOSTILE = """
            openapi: 3.1.0
            info:
              title: "titleATTACK"
              version: "1ATTACK"
              summary: "summaryATTACK"
              description: "introATTACK"
              license: {name: "licenceATTACK"}
            tags:
              - {name: "tagATTACK", description: "about tagATTACK"}
            paths:
              "/x/ATTACK/{p}":
                get:
                  tags: ["tagATTACK"]
                  operationId: "idATTACK"
                  summary: "op summaryATTACK"
                  description: "op textATTACK"
                  security: [{"signingATTACK": []}]
                  parameters:
                    - name: "parameterATTACK"
                      in: "queryATTACK"
                      description: "meaningATTACK"
                      example: "sampleATTACK"
                      schema: {enum: ["other"]}
                  requestBody:
                    description: "bodyATTACK"
                    content:
                      "text/ATTACK":
                        example: "sampleATTACK"
                        schema: {$ref: "#/components/schemas/POINTER"}
                  responses:
                    "200ATTACK":
                      description: "answerATTACK"
                      headers: {"headerATTACK": {schema: {type: "stringATTACK"}}}
            components:
              securitySchemes:
                "signingATTACK": {type: "httpATTACK", scheme: "sATTACK", description: "dATTACK", x-curl: "-uATTACK"}
              schemas:
                "SATTACK":
                  description: "schema textATTACK"
                  type: object
                  properties:
                    "fieldATTACK": {type: string, pattern: "patternATTACK", description: "field textATTACK"}
                    other: {enum: ["a"], description: "enumATTACK"}
            """;
}
