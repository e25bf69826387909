package ephemera.core.directory;

import java.time.Instant;
import java.util.UUID;

/**
 * What is kept of a refresh token, which is good for one use.
 *
 * @param hash the fingerprint of the token
 * @param client to which it was given
 * @param person who agreed
 * @param scope what tokens that come of it may do at most
 * @param family the authorization that it goes back to
 * @param expiresAt the end of its life
 */
public record RefreshToken(
        Fingerprint hash, ClientId client, PersonId person, Scope scope, UUID family, Instant expiresAt) {}
