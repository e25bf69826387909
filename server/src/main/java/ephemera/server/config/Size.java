package ephemera.server.config;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number of bytes, written with a unit: {@code 64KB}, {@code 10MB}.
 *
 * <p>The units are {@code B}, {@code KB}, {@code MB} and {@code GB}; each is 1024 of the one before it.
 *
 * @param bytes the number of bytes, zero or more
 */
public record Size(long bytes) implements Comparable<Size> {

    private static final Pattern SYNTAX = Pattern.compile("([0-9]{1,9})(B|KB|MB|GB)");

    /** Makes a size; refuses a negative one. */
    public Size {
        if (bytes < 0) {
            throw new IllegalArgumentException("a size is never negative");
        }
    }

    /** Reads a size such as {@code 10MB}; empty if the text is not one. */
    public static Optional<Size> parse(String text) {
        Matcher matcher = SYNTAX.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        // At most nine digits times 2^30: far from the end of a long.
        return Optional.of(new Size(Long.parseLong(matcher.group(1)) << shift(matcher.group(2))));
    }

    @Override
    public int compareTo(Size other) {
        return Long.compare(bytes, other.bytes);
    }

    /** Returns the size in the largest unit that gives a whole number, in the syntax that {@link #parse} reads. */
    @Override
    public String toString() {
        for (String unit : new String[] {"GB", "MB", "KB"}) {
            long inUnit = bytes >> shift(unit);
            if (inUnit > 0 && inUnit << shift(unit) == bytes) {
                return inUnit + unit;
            }
        }
        return bytes + "B";
    }

    private static int shift(String unit) {
        return switch (unit) {
            case "GB" -> 30;
            case "MB" -> 20;
            case "KB" -> 10;
            case "B" -> 0;
            default -> throw new IllegalArgumentException(unit);
        };
    }
}
