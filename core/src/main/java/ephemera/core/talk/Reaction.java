package ephemera.core.talk;

import ephemera.core.directory.PersonId;
import java.time.Instant;

/**
 * What somebody thinks of a message, once for each emoji.
 *
 * @param author who reacted
 * @param emoji how
 * @param at when they did so first
 */
public record Reaction(PersonId author, Emoji emoji, Instant at) {}
