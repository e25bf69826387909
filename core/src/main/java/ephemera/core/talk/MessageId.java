package ephemera.core.talk;

import ephemera.core.Ids;
import java.util.Optional;
import java.util.UUID;

/**
 * The token of a message.
 *
 * @param value the UUID on the wire
 */
public record MessageId(UUID value) {

    /** The token in that text; empty if the text is not a UUID. */
    public static Optional<MessageId> parse(String text) {
        return Ids.parse(text).map(MessageId::new);
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
