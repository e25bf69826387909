package ephemera.core.directory;

import java.time.Duration;
import java.util.Optional;

/**
 * Freshly made tokens: the only time that they are known.
 *
 * @param accessToken what to show; never logged, never stored
 * @param lifetime how long it is good
 * @param refreshToken what to get the next ones for; never logged, never stored
 * @param scope what the holder may do
 */
public record Grant(String accessToken, Duration lifetime, Optional<String> refreshToken, Scope scope) {

    @Override
    public String toString() {
        return "Grant[***, " + scope + "]";
    }
}
