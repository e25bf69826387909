package ephemera.acceptance.webhooks;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A call of a webhook, as it came.
 *
 * @param method of the request
 * @param path of the request
 * @param body its bytes
 * @param token what the newest secret signed
 * @param older what the older secret signed, if two are valid
 * @param delivery the id that all attempts share
 * @param nanos when it came, by the clock of this process
 * @param at when it came, by the clock that the server has too
 */
record Notice(
        String method,
        String path,
        byte[] body,
        String token,
        Optional<String> older,
        String delivery,
        long nanos,
        Instant at) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** Reads a call. */
    static Notice of(HttpExchange exchange) throws IOException {
        Instant at = Instant.now();
        return new Notice(
                exchange.getRequestMethod(),
                exchange.getRequestURI().getPath(),
                exchange.getRequestBody().readAllBytes(),
                Optional.ofNullable(exchange.getRequestHeaders().getFirst("Tight-Verification")).orElse(""),
                Optional.ofNullable(exchange.getRequestHeaders().getFirst("Tight-Verification-Previous")),
                Optional.ofNullable(exchange.getRequestHeaders().getFirst("Tight-Delivery")).orElse(""),
                System.nanoTime(),
                at);
    }

    /** The body as JSON. */
    JsonNode json() {
        return JSON.readTree(body);
    }

    /** The path of what changed. */
    String url() {
        return json().required("url").asString();
    }

    /** What changed, as it is. */
    JsonNode data() {
        return json().required("data");
    }

    /** Verifies the newest signature as the documentation tells receivers to do. */
    Notice signedBy(String secret) {
        verify(token, secret);
        return this;
    }

    /** Verifies the signature of the older secret. */
    Notice alsoSignedBy(String secret) {
        verify(older.orElseThrow(() -> new AssertionError("there is no older signature")), secret);
        return this;
    }

    /** When the caller signed this attempt, to the second: on a machine that stood still calls come late. */
    Instant signedAt() {
        return Instant.ofEpochSecond(part(token, 1).required("iat").asLong());
    }

    private static JsonNode part(String signature, int index) {
        return JSON.readTree(Base64.getUrlDecoder().decode(signature.split("\\.", -1)[index]));
    }

    private void verify(String signature, String secret) {
        try {
            String[] parts = signature.split("\\.", -1);
            assertThat(parts).hasSize(3);
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(US_ASCII), "HmacSHA256"));
            assertThat(Base64.getUrlDecoder().decode(parts[2]))
                    .isEqualTo(mac.doFinal((parts[0] + "." + parts[1]).getBytes(US_ASCII)));
            assertThat(part(signature, 0).required("alg").asString()).isEqualTo("HS256");
            JsonNode claims = part(signature, 1);
            long now = at.getEpochSecond();
            assertThat(claims.required("iat").asLong()).isBetween(now - 60, now + 1);
            assertThat(claims.required("exp").asLong()).isBetween(now, now + 301);
            assertThat(claims.required("jti").asString()).isEqualTo(delivery).isNotEmpty();
            assertThat(claims.required("request_body_sha256").asString()).isEqualTo(
                    HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body)));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
