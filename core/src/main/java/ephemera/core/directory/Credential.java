package ephemera.core.directory;

import java.util.Arrays;
import java.util.Optional;

/**
 * A key and the hash of its secret, with which a program or a signed-in device authenticates.
 *
 * @param key the public half, by which the credential is found
 * @param secretHash SHA-256 of the secret; secrets have 285 bits of entropy, so that no slow hash is needed
 * @param person whose it is
 * @param kind whether it lives until revoked or until sign-out
 * @param resource the device or session that it belongs to
 * @param openedWith the key that a session was opened with, with which it ends; none for one opened with a password
 */
public record Credential(
        String key, byte[] secretHash, PersonId person, Kind kind, String resource, Optional<String> openedWith) {

    /** One that does not go back to another key. */
    public Credential(String key, byte[] secretHash, PersonId person, Kind kind, String resource) {
        this(key, secretHash, person, kind, resource, Optional.empty());
    }

    /** How a credential came to be. */
    public enum Kind {
        /** Made by an administrator for a program. */
        API_KEY,
        /** Made by signing in. */
        SESSION,
        /** An access token of an application; never stored as a credential. */
        TOKEN
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Credential that && key.equals(that.key) && Arrays.equals(secretHash, that.secretHash);
    }

    @Override
    public int hashCode() {
        return key.hashCode();
    }

    @Override
    public String toString() {
        return "Credential[" + key + ", " + person + ", " + kind + "]";
    }
}
