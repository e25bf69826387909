package ephemera.core.directory;

import java.time.Instant;
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

    /**
     * A live credential in a list.
     *
     * @param since when it was made
     */
    record Listed(Credential credential, Instant since) {}

    /** The live credentials of a person, the oldest first. */
    List<Listed> of(PersonId person);

    /**
     * Adds credentials, all or none.
     *
     * @throws ephemera.core.Refused with {@code WRONG_CREDENTIALS} if one was opened with a key that is revoked by now
     */
    void add(Collection<Credential> credentials);

    /**
     * Revokes one credential with all sessions that were opened with it, and with these; false if there is no such live
     * one.
     */
    boolean revoke(String key);

    /** Revokes all sessions of a person and returns how many there were. */
    int revokeSessions(PersonId person);
}
