package ephemera.core.directory;

import ephemera.core.Ids;
import java.util.Optional;
import java.util.UUID;

/**
 * The public name of a client.
 *
 * @param value the UUID on the wire
 */
public record ClientId(UUID value) {

    /** The id in that text; empty if the text is not a UUID. */
    public static Optional<ClientId> parse(String text) {
        return Ids.parse(text).map(ClientId::new);
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
