package ephemera.core.directory;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What the holder of an access token may do; writing implies reading. */
public enum Scope {
    /** May look. */
    READ,
    /** May look and change. */
    WRITE;

    /** Whether this scope is enough for what needs that one. */
    public boolean allows(Scope needed) {
        return compareTo(needed) >= 0;
    }

    /** Its name on the wire. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The widest scope of those named in a text with blanks between them; empty if one of them is none. */
    public static Optional<Scope> parse(String text) {
        List<String> names = Arrays.asList(text.strip().split(" +"));
        List<String> known = Arrays.stream(values()).map(Scope::text).toList();
        return known.containsAll(names)
                ? Optional.of(names.contains(WRITE.text()) ? WRITE : READ)
                : Optional.empty();
    }
}
