package ephemera.server.http.pages;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Writes HTML that is well-formed by construction: every text is escaped, every element closed in its turn.
 *
 * <p>Tag and attribute names come from this package's code only; texts and attribute values may be anything. Not
 * thread-safe.
 */
final class Html {

    private final StringBuilder out = new StringBuilder(64 * 1024);
    private final Deque<String> open = new ArrayDeque<>();

    /** Starts a document with its document type. */
    static Html document() {
        Html html = new Html();
        html.out.append("<!DOCTYPE html>\n");
        return html;
    }

    /**
     * Opens an element.
     *
     * @param attributes names and values in turn
     */
    Html open(String tag, String... attributes) {
        start(tag, attributes).append('>');
        open.push(tag);
        return this;
    }

    /** Writes an element that has no content and no end tag, such as {@code meta}. */
    Html single(String tag, String... attributes) {
        start(tag, attributes).append("/>");
        return this;
    }

    /** Closes the element that was opened last; the name is there for the reader and is checked. */
    Html close(String tag) {
        String last = open.pop();
        if (!last.equals(tag)) {
            throw new IllegalStateException("closing " + tag + " inside of " + last);
        }
        out.append("</").append(tag).append('>');
        if (!INLINE.contains("|" + tag + "|")) {
            out.append('\n');
        }
        return this;
    }

    /** Writes a text. */
    Html text(String text) {
        escape(text);
        return this;
    }

    /** Writes an element that contains only a text. */
    Html element(String tag, String text, String... attributes) {
        return open(tag, attributes).text(text).close(tag);
    }

    /**
     * Writes a style sheet as it is, since HTML knows no escapes inside of it.
     *
     * @throws IllegalArgumentException if the text could end the element
     */
    Html style(String css) {
        if (css.indexOf('<') >= 0 || css.indexOf('&') >= 0) {
            throw new IllegalArgumentException("a style sheet must not contain markup");
        }
        out.append("<style>").append(css).append("</style>\n");
        return this;
    }

    /** The whole document. */
    String finish() {
        if (!open.isEmpty()) {
            throw new IllegalStateException("not closed: " + open);
        }
        return out.toString();
    }

    /** Elements after which a line break would show as a blank. */
    private static final String INLINE = "|a|b|code|em|span|pre|strong|";

    private StringBuilder start(String tag, String... attributes) {
        out.append('<').append(tag);
        for (int i = 0; i < attributes.length; i += 2) {
            out.append(' ').append(attributes[i]).append("=\"");
            escape(attributes[i + 1]);
            out.append('"');
        }
        return out;
    }

    private void escape(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                case '\n', '\t' -> out.append(c);
                default -> out.append(c < ' ' || (Character.isSurrogate(c) && isLone(text, i)) ? '\uFFFD' : c);
            }
        }
    }

    private static boolean isLone(String text, int i) {
        boolean high = Character.isHighSurrogate(text.charAt(i));
        int other = high ? i + 1 : i - 1;
        return other < 0
                || other >= text.length()
                || high == Character.isHighSurrogate(text.charAt(other))
                || !Character.isSurrogate(text.charAt(other));
    }
}
