package ephemera.server.watch;

import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/** Log lines for collectors: one JSON object a line, with the fields beside time, level, logger and message. */
final class JsonLines extends Formatter {

    @Override
    public String format(LogRecord entry) {
        Line line = Line.of(entry);
        StringBuilder json = new StringBuilder(200);
        member(json.append('{'), "time", line.clock());
        member(json.append(','), "level", line.level());
        member(json.append(','), "logger", line.logger());
        member(json.append(','), "message", line.message());
        for (Field field : line.fields()) {
            json.append(',');
            switch (field.value()) {
                case Integer number -> name(json, field.key()).append(number);
                case Long number -> name(json, field.key()).append(number);
                case Boolean truth -> name(json, field.key()).append(truth);
                case Object other -> member(json, field.key(), Line.text(other));
                case null -> name(json, field.key()).append("null");
            }
        }
        line.stack().ifPresent(stack -> member(json.append(','), "stack", stack));
        return json.append("}\n").toString();
    }

    private static void member(StringBuilder json, String name, String value) {
        Escaped.quoted(name(json, name), value);
    }

    private static StringBuilder name(StringBuilder json, String name) {
        Escaped.quoted(json, name);
        return json.append(':');
    }
}
