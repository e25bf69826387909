package ephemera.core.outreach;

import ephemera.core.Ids;
import java.util.Optional;
import java.util.UUID;

/**
 * The id of a webhook.
 *
 * @param value the UUID
 */
public record WebhookId(UUID value) {

    /** The id in that text; empty if the text is not a UUID. */
    public static Optional<WebhookId> parse(String text) {
        return Ids.parse(text).map(WebhookId::new);
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
