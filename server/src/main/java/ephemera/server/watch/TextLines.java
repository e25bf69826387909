package ephemera.server.watch;

import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/** Log lines for people: time, level, logger, message, then {@code key=value}, the stack trace last. */
final class TextLines extends Formatter {

    @Override
    public String format(LogRecord entry) {
        Line line = Line.of(entry);
        StringBuilder text = new StringBuilder(160)
                .append(line.clock()).append(' ')
                .append(line.level()).append(' ');
        value(text, line.logger());
        text.append(' ');
        if (Escaped.isPlainMessage(line.message())) {
            text.append(line.message());
        } else {
            Escaped.quoted(text, line.message());
        }
        for (Field field : line.fields()) {
            text.append(' ').append(field.key()).append('=');
            value(text, Line.text(field.value()));
        }
        line.stack().ifPresent(stack -> {
            text.append(" stack=");
            Escaped.quoted(text, stack);
        });
        return text.append('\n').toString();
    }

    private static void value(StringBuilder to, String value) {
        if (Escaped.isPlainValue(value)) {
            to.append(value);
        } else {
            Escaped.quoted(to, value);
        }
    }
}
