package ephemera.server.http.pages;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes the descriptions of a document, which are in a small part of Markdown.
 *
 * <p>Understood are paragraphs, headings ({@code ###}), lists ({@code -} and {@code 1.}), fenced code, {@code `code`},
 * {@code **strong**}, {@code *emphasis*} and links to a place on the page or to {@code https}. Everything else, HTML
 * included, is text.
 */
final class Prose {

    private static final Pattern BULLET = Pattern.compile("- +");
    private static final Pattern NUMBER = Pattern.compile("[0-9]+\\. +");
    private static final Pattern HEADING = Pattern.compile("(#{2,6}) +(.*)");
    private static final Pattern INLINE = Pattern.compile("`([^`]+)`"
            + "|\\*\\*([^*]+)\\*\\*"
            + "|\\*([^*\\s](?:[^*]*[^*\\s])?)\\*"
            + "|\\[([^\\]]+)]\\((#[A-Za-z0-9_-]+|https://[^\\s()]+)\\)");
    private static final String FENCE = "```";

    private Prose() {}

    /** Writes a description with all its paragraphs. */
    static void blocks(String markdown, Html html) {
        List<String> block = new ArrayList<>();
        boolean fenced = false;
        for (String line : markdown.strip().lines().toList()) {
            boolean fence = line.startsWith(FENCE);
            if (fence || (line.isBlank() && !fenced)) {
                write(block, fenced, html);
                block.clear();
                fenced ^= fence;
            } else {
                block.add(line);
            }
        }
        write(block, fenced, html);
    }

    /** Writes a description in one paragraph's inside, without block elements. */
    static void inline(String markdown, Html html) {
        String text = markdown.strip().replaceAll("\\s+", " ");
        Matcher found = INLINE.matcher(text);
        int done = 0;
        while (found.find()) {
            html.text(text.substring(done, found.start()));
            done = found.end();
            if (found.group(1) != null) {
                html.element("code", found.group(1));
            } else if (found.group(2) != null) {
                html.element("strong", found.group(2));
            } else if (found.group(3) != null) {
                html.element("em", found.group(3));
            } else {
                html.element("a", found.group(4), "href", found.group(5));
            }
        }
        html.text(text.substring(done));
    }

    private static void write(List<String> block, boolean fenced, Html html) {
        if (block.isEmpty()) {
            return;
        }
        Matcher heading = HEADING.matcher(block.getFirst());
        if (fenced) {
            html.open("pre").element("code", String.join("\n", block)).close("pre");
        } else if (heading.matches()) {
            String tag = "h" + heading.group(1).length();
            html.open(tag);
            inline(heading.group(2), html);
            html.close(tag);
            write(block.subList(1, block.size()), false, html);
        } else if (BULLET.matcher(block.getFirst()).lookingAt()) {
            list(block, "ul", BULLET, html);
        } else if (NUMBER.matcher(block.getFirst()).lookingAt()) {
            list(block, "ol", NUMBER, html);
        } else {
            html.open("p");
            inline(String.join(" ", block), html);
            html.close("p");
        }
    }

    /** Lines that do not start with a mark go on with the item before. */
    private static void list(List<String> lines, String tag, Pattern mark, Html html) {
        List<String> items = new ArrayList<>();
        for (String line : lines) {
            Matcher start = mark.matcher(line);
            if (start.lookingAt()) {
                items.add(line.substring(start.end()));
            } else {
                items.add(items.removeLast() + " " + line.strip());
            }
        }
        html.open(tag);
        for (String item : items) {
            html.open("li");
            inline(item, html);
            html.close("li");
        }
        html.close(tag);
    }
}
