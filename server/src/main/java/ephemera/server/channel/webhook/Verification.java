package ephemera.server.channel.webhook;

import ephemera.core.outreach.DeliveryId;
import ephemera.core.outreach.WebhookSecret;
import ephemera.core.vault.Digest;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The signature of a delivery: a JSON Web Token (RFC 7519) with HS256 over when it was made, which delivery it is, and
 * the digest of the body.
 *
 * <p>Made here and not with a library: it has two fixed texts and one hash. All values are numbers, ids and digests, so
 * that nothing has to be escaped. Stateless.
 */
final class Verification {

    /** The header with the token that the newest secret signs. */
    static final String HEADER = "Tight-Verification";

    /** The header with the token that the older secret signs, while two are valid. */
    static final String OLDER_HEADER = "Tight-Verification-Previous";

    /** The header with the id of the delivery, which is also in the tokens: the same for every attempt. */
    static final String DELIVERY_HEADER = "Tight-Delivery";

    /** For how long after it was made a receiver should take it. */
    static final Duration VALID = Duration.ofSeconds(300);

    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
    private static final String HEAD = encoded("{\"alg\":\"HS256\",\"typ\":\"JWT\"}");

    private Verification() {}

    /** The token for a body. */
    static String token(WebhookSecret secret, DeliveryId delivery, Instant now, byte[] body) {
        // Without a locale of our own the numbers might be written in other digits.
        String claims = String.format(
                Locale.ROOT,
                "{\"iss\":\"ephemera\",\"iat\":%d,\"exp\":%d,\"jti\":\"%s\",\"request_body_sha256\":\"%s\"}",
                now.getEpochSecond(),
                now.plus(VALID).getEpochSecond(),
                delivery,
                Digest.sha256(body));
        String signed = HEAD + "." + encoded(claims);
        return signed + "." + BASE64.encodeToString(hash(secret, signed));
    }

    private static byte[] hash(WebhookSecret secret, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.text().getBytes(StandardCharsets.US_ASCII), "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.US_ASCII));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }

    private static String encoded(String json) {
        return BASE64.encodeToString(json.getBytes(StandardCharsets.US_ASCII));
    }
}
