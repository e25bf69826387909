package ephemera.server.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a command has to say when its work is done: the same for people and for scripts.
 *
 * @param lines for people
 * @param objects for scripts, each on a line of its own
 */
record Answer(List<String> lines, List<ObjectNode> objects) {

    // Letters outside ASCII are escaped, so that a script gets them whole whatever the locale's charset is.
    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private static final Pattern CONTROL = Pattern.compile("[\\x00-\\x1f\\x7f-\\x9f]");

    /** One thing, told as a label and a value on each line. */
    static Answer of(ObjectNode object) {
        List<String> lines = object.properties().stream()
                .map(field -> "%-8s %s".formatted(field.getKey(), field.getValue().asString()))
                .toList();
        return new Answer(lines, List.of(object));
    }

    /** Many things, each told as its values on one line. */
    static Answer ofAll(List<ObjectNode> objects) {
        List<String> lines = objects.stream()
                .map(object -> String.join(
                        "  ",
                        object.values().stream().map(value -> value.asString()).toList()))
                .toList();
        return new Answer(lines, objects);
    }

    /** An empty object to fill. */
    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    /** Prints; tells whether all of it could be written. */
    boolean print(PrintWriter out, boolean forScripts) {
        if (forScripts) {
            objects.forEach(object -> out.println(MAPPER.writeValueAsString(object)));
        } else {
            // Names are chosen by people whom the operator need not trust with the terminal.
            lines.forEach(line -> out.println(CONTROL.matcher(line).replaceAll(" ")));
        }
        // The writer is wrapped around standard output, which keeps its troubles to itself.
        return !out.checkError() && !System.out.checkError();
    }
}
