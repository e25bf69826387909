package ephemera.server.config;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The web origins whose pages a browser lets call this server.
 *
 * <p>An origin is what browsers send in the {@code Origin} header: scheme, host, and the port where it is not the
 * scheme's own, without a path ({@code https://chat.example.org}).
 */
public sealed interface Origins {

    /** Tells whether a page of this origin may call; the answer then echoes the origin. */
    boolean allows(String origin);

    /** Every origin is allowed, {@code null} (a page without an origin) among them. */
    record Any() implements Origins {
        @Override
        public boolean allows(String origin) {
            return true;
        }
    }

    /**
     * Only the listed origins are allowed; none, if the list is empty.
     *
     * @param origins the origins, in lower case as browsers send them
     */
    record Listed(Set<String> origins) implements Origins {

        /** Makes the set unchangeable. */
        public Listed {
            origins = Set.copyOf(origins);
        }

        @Override
        public boolean allows(String origin) {
            return origins.contains(origin);
        }
    }

    /** Reads a list of origins, or the single entry {@code *} for any; empty if an entry is neither. */
    static Optional<Origins> parse(List<String> entries) {
        if (entries.equals(List.of("*"))) {
            return Optional.of(new Any());
        }
        return entries.stream().allMatch(Syntax.ORIGIN.asMatchPredicate())
                ? Optional.of(new Listed(Set.copyOf(entries)))
                : Optional.empty();
    }

    /** The written form of an origin. */
    final class Syntax {

        private static final Pattern ORIGIN =
                Pattern.compile("[a-z][a-z0-9+.-]*://(?:[a-z0-9._-]+|\\[[0-9a-f:.]+])(?::[0-9]{1,5})?");

        private Syntax() {}
    }
}
