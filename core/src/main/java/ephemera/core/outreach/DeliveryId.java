package ephemera.core.outreach;

import ephemera.core.Ids;
import java.util.Optional;
import java.util.UUID;

/**
 * The id of a delivery: the same for every attempt, so that a receiver knows what it has seen.
 *
 * @param value the UUID
 */
public record DeliveryId(UUID value) {

    /** The id in that text; empty if the text is not a UUID. */
    public static Optional<DeliveryId> parse(String text) {
        return Ids.parse(text).map(DeliveryId::new);
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
