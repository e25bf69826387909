package ephemera.server.store;

import ephemera.core.talk.Message;
import java.time.Instant;

/**
 * Until when something is told, and in which epoch it ends with its row.
 *
 * @param at from when on nobody is told any more
 * @param epoch the number of the epoch, which ends then or later
 */
record Fade(Instant at, long epoch) {

    /** Ends with a message. */
    static Fade with(Message message, Epochs epochs) {
        return new Fade(message.expiresAt(), epochs.of(message.id()));
    }
}
