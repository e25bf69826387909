package ephemera.core.directory;

import java.time.Instant;
import java.util.UUID;

/**
 * What is kept of an authorization code, which is good for one use.
 *
 * @param hash the fingerprint of the code
 * @param client which may use it
 * @param person who agreed
 * @param scope what the person agreed to
 * @param family what all tokens that come of it belong to
 * @param redirect where the code was sent
 * @param challenge the SHA-256, in Base64 for URLs, of what only the one who began knows (RFC 7636)
 * @param expiresAt the end of its life
 */
public record AuthorizationCode(
        Fingerprint hash,
        ClientId client,
        PersonId person,
        Scope scope,
        UUID family,
        RedirectUri redirect,
        String challenge,
        Instant expiresAt) {}
