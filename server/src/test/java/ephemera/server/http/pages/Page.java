package ephemera.server.http.pages;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** A rendered page, read by a strict XML parser: a single text that was not escaped fails it. */
final class Page {

    private static final Set<String> ACTIVE =
            Set.of("script", "iframe", "object", "embed", "img", "link", "form", "base");
    private static final Set<String> ATTRIBUTES = Set.of(
            "aria-label", "aria-labelledby", "charset", "class", "content", "href", "id", "lang", "name");

    private Page() {}

    static Document parse(String html) {
        try {
            return DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new InputSource(new StringReader(html)));
        } catch (ParserConfigurationException | SAXException | IOException e) {
            throw new AssertionError("the page is not well-formed", e);
        }
    }

    static List<Element> elements(Document page, String tag) {
        NodeList found = page.getElementsByTagName(tag);
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < found.getLength(); i++) {
            elements.add((Element) found.item(i));
        }
        return elements;
    }

    /** The elements by their id; fails if one id stands twice. */
    static Map<String, Element> byId(Document page) {
        Map<String, Element> byId = new HashMap<>();
        for (Element element : elements(page, "*")) {
            String id = element.getAttribute("id");
            if (!id.isEmpty() && byId.put(id, element) != null) {
                throw new AssertionError("the id " + id + " stands twice");
            }
        }
        return byId;
    }

    /** The text of the element with that id; fails if there is none. */
    static String text(Document page, String id) {
        Element element = byId(page).get(id);
        if (element == null) {
            throw new AssertionError("nothing has the id " + id);
        }
        return element.getTextContent();
    }

    /** Whatever could run, load something, or is an attribute that no page of ours has. */
    static List<String> active(Document page) {
        List<String> active = new ArrayList<>();
        for (Element element : elements(page, "*")) {
            if (ACTIVE.contains(element.getTagName().toLowerCase(Locale.ROOT))) {
                active.add(element.getTagName());
            }
            for (int i = 0; i < element.getAttributes().getLength(); i++) {
                String attribute = element.getAttributes().item(i).getNodeName();
                if (!ATTRIBUTES.contains(attribute)) {
                    active.add(element.getTagName() + " " + attribute);
                }
            }
        }
        for (Element style : elements(page, "style")) {
            if (style.getTextContent().contains("url(") || style.getTextContent().contains("@import")) {
                active.add("style that loads something");
            }
        }
        return active;
    }
}
