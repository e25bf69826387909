package ephemera.server.watch;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A log record, taken apart: what both forms of lines are made of.
 *
 * @param message the message with its placeholders filled in, not escaped
 * @param stack the stack trace, its lines parted by {@code \n}
 */
record Line(Instant time, String level, String logger, String message, List<Field> fields, Optional<String> stack) {

    private static final int LONGEST_TEXT = 4096;
    private static final int LONGEST_STACK = 16_384;
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([0-9])(?:,[^}]*)?}");
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    /** Takes a record apart; a value that cannot be printed becomes a note instead of a failure. */
    static Line of(LogRecord entry) {
        List<Field> fields = new ArrayList<>();
        List<Object> placed = new ArrayList<>();
        Optional<Throwable> thrown = Optional.ofNullable(entry.getThrown());
        Object[] parameters = entry.getParameters() == null ? new Object[0] : entry.getParameters();
        int end = parameters.length;
        // System.Logger has no call with both parameters and an exception: it then stands last.
        if (thrown.isEmpty() && end > 0 && parameters[end - 1] instanceof Throwable last) {
            thrown = Optional.of(last);
            end--;
        }
        for (Object parameter : Arrays.asList(parameters).subList(0, end)) {
            switch (parameter) {
                case Field field -> fields.add(field);
                case null -> placed.add("null");
                case Object value -> placed.add(value);
            }
        }
        return new Line(entry.getInstant(), level(entry), Optional.ofNullable(entry.getLoggerName()).orElse("root"),
                message(Optional.ofNullable(entry.getMessage()).orElse(""), placed), List.copyOf(fields),
                thrown.map(Line::stack));
    }

    /** Returns the instant in UTC, to the millisecond. */
    String clock() {
        return TIME.format(time);
    }

    /** Returns a text of bounded length for any value. */
    static String text(Object value) {
        try {
            return cut(String.valueOf(value), LONGEST_TEXT);
        } catch (RuntimeException e) {
            return "(unprintable: " + e.getClass().getName() + ")";
        }
    }

    private static String level(LogRecord entry) {
        int level = entry.getLevel().intValue();
        return level >= Level.SEVERE.intValue() ? "ERROR"
                : level >= Level.WARNING.intValue() ? "WARN"
                : level >= Level.INFO.intValue() ? "INFO"
                : level >= Level.FINE.intValue() ? "DEBUG"
                : "TRACE";
    }

    // Not MessageFormat: it would write 8,080 for a port, eat apostrophes, and fail on a lone brace.
    private static String message(String pattern, List<Object> placed) {
        if (placed.isEmpty() || pattern.indexOf('{') < 0) {
            return cut(pattern, LONGEST_TEXT);
        }
        String filled = PLACEHOLDER.matcher(pattern).replaceAll(match -> {
            int index = Integer.parseInt(match.group(1));
            return Matcher.quoteReplacement(index < placed.size() ? text(placed.get(index)) : match.group());
        });
        return cut(filled, LONGEST_TEXT);
    }

    private static String stack(Throwable thrown) {
        try {
            StringWriter writer = new StringWriter();
            thrown.printStackTrace(new PrintWriter(writer));
            return cut(writer.toString().replace(System.lineSeparator(), "\n").strip(), LONGEST_STACK);
        } catch (RuntimeException e) {
            return thrown.getClass().getName() + " (unprintable: " + e.getClass().getName() + ")";
        }
    }

    private static String cut(String text, int longest) {
        return text.length() <= longest ? text : text.substring(0, longest) + "…";
    }
}
