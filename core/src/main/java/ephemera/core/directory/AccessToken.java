package ephemera.core.directory;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * What is kept of an access token.
 *
 * @param hash the fingerprint of the token
 * @param client to which it was given
 * @param person as whom its holder acts: the client's own person, or one whom it named or who agreed
 * @param scope what its holder may do
 * @param family the authorization that it goes back to, with which it ends; none if the client asked for itself
 * @param expiresAt the end of its life
 */
public record AccessToken(
        Fingerprint hash,
        ClientId client,
        PersonId person,
        Scope scope,
        Optional<UUID> family,
        Instant expiresAt) {

    /** No other key begins like this: those of credentials are letters and digits only. */
    private static final String KEY = "token ";

    /** By what streams and others tell this token from other credentials. */
    public String key() {
        return key(hash);
    }

    /** The key of the token with that fingerprint. */
    public static String key(Fingerprint hash) {
        return KEY + hash.hex();
    }

    /** The fingerprint of the token that has that key; empty if it is the key of another credential. */
    public static Optional<Fingerprint> ofKey(String key) {
        return key.startsWith(KEY) ? Optional.of(new Fingerprint(key.substring(KEY.length()))) : Optional.empty();
    }
}
