package ephemera.core.directory;

import java.util.Optional;

/**
 * What a client gets for a code or a refresh token, as it is kept.
 *
 * @param access the access token
 * @param refresh the refresh token that goes with it
 */
public record Issue(AccessToken access, Optional<RefreshToken> refresh) {}
