package ephemera.server.http.pages;

import java.util.ArrayList;
import java.util.List;

/**
 * Prints values as JSON for readers: what is short stays on one line, everything else gets a line per entry.
 */
final class PrintedJson {

    private static final int WIDTH = 72;

    private PrintedJson() {}

    /** The JSON of a value. */
    static String of(Node node) {
        StringBuilder out = new StringBuilder();
        print(node, 0, out);
        return out.toString();
    }

    private static void print(Node node, int indent, StringBuilder out) {
        String line = flat(node);
        boolean container = node.isObject() || node.isList();
        if (!container || line.length() + indent <= WIDTH) {
            out.append(line);
            return;
        }
        List<Runnable> entries = new ArrayList<>();
        String inner = "\n" + " ".repeat(indent + 2);
        if (node.isObject()) {
            node.entries().forEach((key, held) -> entries.add(() -> {
                out.append(inner).append(quoted(key)).append(": ");
                print(held, indent + 2, out);
            }));
        } else {
            node.items().forEach(held -> entries.add(() -> {
                out.append(inner);
                print(held, indent + 2, out);
            }));
        }
        out.append(node.isObject() ? '{' : '[');
        for (int i = 0; i < entries.size(); i++) {
            out.append(i == 0 ? "" : ",");
            entries.get(i).run();
        }
        out.append('\n').append(" ".repeat(indent)).append(node.isObject() ? '}' : ']');
    }

    private static String flat(Node node) {
        if (node.isObject()) {
            List<String> entries = new ArrayList<>();
            node.entries().forEach((key, held) -> entries.add(quoted(key) + ": " + flat(held)));
            return "{" + String.join(", ", entries) + "}";
        }
        if (node.isList()) {
            return "[" + String.join(", ", node.items().stream().map(PrintedJson::flat).toList()) + "]";
        }
        Object value = node.value().orElse("");
        return value instanceof Number || value instanceof Boolean || node.isNull()
                ? value.toString()
                : quoted(value.toString());
    }

    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> out.append(c < ' ' ? String.format("\\u%04x", (int) c) : String.valueOf(c));
            }
        }
        return out.append('"').toString();
    }
}
