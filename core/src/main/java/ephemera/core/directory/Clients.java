package ephemera.core.directory;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The store of clients and of what is known of their tokens (a port).
 *
 * <p>Clients and access tokens may come from caches that are dropped as soon as any process revokes one. Thread-safe.
 */
public interface Clients {

    /** The client with that id, unless it was revoked. */
    Optional<Client> client(ClientId id);

    /** The live clients of an organization, or of all, the oldest first. */
    List<Client> of(Optional<OrganizationId> organization);

    /** Adds a client together with its own person. */
    void add(Client client, Person person);

    /** Revokes a client with all its tokens, on all processes; false if there is no such live one. */
    boolean revoke(ClientId id);

    /** Replaces a client's secret; its tokens stay. False if there is no such live one. */
    boolean setSecret(ClientId id, Fingerprint secret);

    /** Whether the client may act in that organization: its own, or one that it created and that is active. */
    boolean reaches(Client client, OrganizationId organization);

    /** The person whom that client's application knows by that id of its own, in an organization that it reaches. */
    Optional<PersonId> user(Client client, String externalId);

    /** The access token with that fingerprint, even for a day after it has expired, unless it was revoked. */
    Optional<AccessToken> access(Fingerprint hash);

    /** Adds an access token. */
    void add(AccessToken token);

    /** Adds an authorization code. */
    void add(AuthorizationCode code);

    /**
     * Uses up a code of that client and adds what comes of it, in one transaction: of two at once, one gets it.
     *
     * <p>A code that was used before ends all tokens that came of it.
     *
     * @param next judges the code; if it gives nothing, the code is used up all the same; what it throws undoes all
     * @return what was added; empty if there is no such code, if it was used before, or if it was judged so
     */
    Optional<Issue> redeem(Fingerprint code, ClientId client, Function<AuthorizationCode, Optional<Issue>> next);

    /** Uses up a refresh token of that client; the same as {@link #redeem} otherwise. */
    Optional<Issue> rotate(Fingerprint refresh, ClientId client, Function<RefreshToken, Optional<Issue>> next);

    /**
     * Revokes a token of that client, on all processes: an access token alone, a refresh token with all of its family.
     *
     * @return false if there is no such token of that client
     */
    boolean revoke(Fingerprint token, ClientId client);
}
