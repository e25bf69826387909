package ephemera.server.watch;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * A named value of a log line, passed among the parameters of a {@link System.Logger} call.
 *
 * <pre>{@code LOG.log(INFO, "listening", field("address", address), field("tls", true));}</pre>
 *
 * <p>What comes from outside belongs into fields rather than into the message: a field cannot be mistaken for another
 * one. An exception may stand as the last parameter, after the fields.
 *
 * @param key lower case letters, digits, dots and underscores, starting with a letter; not one of the line's own names
 * @param value written by its {@code toString}, in JSON numbers and truth values as such
 */
public record Field(String key, Object value) {

    private static final Pattern KEY = Pattern.compile("[a-z][a-z0-9._]*");
    private static final Set<String> TAKEN = Set.of("time", "level", "logger", "message", "stack");

    /** Makes a field; refuses a key of another form. */
    public Field {
        if (!KEY.matcher(key).matches() || TAKEN.contains(key)) {
            throw new IllegalArgumentException("not a key for a field: " + key);
        }
    }

    /** Makes a field; for static import. */
    public static Field field(String key, Object value) {
        return new Field(key, value);
    }
}
