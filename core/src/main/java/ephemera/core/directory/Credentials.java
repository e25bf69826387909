package ephemera.core.directory;

import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The store of keys and the hashes of their secrets (a port).
 *
 * <p>Reads may come from a cache that is dropped as soon as any process revokes a key. Thread-safe.
 */
public interface Credentials {

    /** The credential with that key, unless it was revoked. */
    Optional<Credential> credential(String key);

    /** The live credentials of a person, the oldest first. */
    List<Credential> of(PersonId person);

    /** Adds credentials, all or none. */
    void add(Collection<Credential> credentials);

    /** Revokes one credential; false if there is no such live one. */
    boolean revoke(String key);

    /** Revokes all sessions of a person and returns how many there were. */
    int revokeSessions(PersonId person);
}
