package ephemera.core.outreach;

import java.util.Optional;

/**
 * How an API writes to its webhooks that something changed (a port).
 *
 * <p>Asked when it is sent, anew for each attempt. Of a message that has ended by then, for whatever reason, the text
 * holds the id and that it is deleted, and nothing that it said. Thread-safe.
 */
public interface EntityText {

    /**
     * The body of the request, JSON in UTF-8, of what changed as it is now and as the webhook's application may see it.
     *
     * @return empty if the API shows nothing of that entity to that application: then nothing is sent
     * @throws RuntimeException if it cannot be told at the moment; it is tried again like an attempt that failed
     */
    Optional<byte[]> of(Webhook webhook, EntityUpdate update);
}
