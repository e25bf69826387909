package ephemera.core.directory;

import ephemera.core.Ids;
import java.util.Optional;
import java.util.UUID;

/**
 * The token of a person.
 *
 * @param value the UUID on the wire
 */
public record PersonId(UUID value) {

    /** The token in that text; empty if the text is not a UUID. */
    public static Optional<PersonId> parse(String text) {
        return Ids.parse(text).map(PersonId::new);
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
