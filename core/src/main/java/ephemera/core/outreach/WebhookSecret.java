package ephemera.core.outreach;

import ephemera.core.Ids;

/**
 * What a webhook's receiver and this server know and nobody else: the key of the signatures.
 *
 * @param text what the receiver is given; the key is these characters in ASCII
 */
public record WebhookSecret(String text) {

    private static final String PREFIX = "whsec_";

    /** About 256 random bits, as the signature's hash has. */
    private static final int LENGTH = 43;

    /** A new secret. */
    public static WebhookSecret random(Ids ids) {
        return new WebhookSecret(PREFIX + ids.alphanumeric(LENGTH));
    }

    @Override
    public String toString() {
        return "***";
    }
}
