package ephemera.core.talk;

import java.time.Instant;

/**
 * A notice with its place in the journal and the people whom it concerns.
 *
 * @param position where it stands
 * @param audience whom it concerns
 * @param notice what happened
 * @param expiresAt from when on nobody is told any more
 */
public record Entry(Position position, Audience audience, Notice notice, Instant expiresAt) {}
