package ephemera.core.directory;

import ephemera.core.Lifespan;
import java.util.Optional;

/**
 * What an organization allows its people, and what it decides when they leave something open.
 *
 * @param standard the lifespan of a message whose sender asks for none
 * @param shortest the shortest lifespan that a sender may ask for
 * @param longest the longest lifespan that a sender may ask for
 * @param deleteOnRead whether a message is deleted after reading when its sender does not say
 * @param forwarding whether messages may be forwarded
 * @param attachments whether messages may have attachments
 * @param kept whether a message whose sender asks for no lifespan is kept until somebody takes it back
 * @param strict whether what a delete-on-read message says is told once to each recipient, who asks for it
 */
public record Policy(
        Lifespan standard,
        Lifespan shortest,
        Lifespan longest,
        boolean deleteOnRead,
        boolean forwarding,
        boolean attachments,
        boolean kept,
        boolean strict) {

    /** Thirty days by default, a minute at least, a year at most; everything allowed. */
    public static final Policy DEFAULT = new Policy(
            Lifespan.ofMinutes(30 * 24 * 60),
            Lifespan.ofMinutes(1),
            Lifespan.ofMinutes(365 * 24 * 60),
            false,
            true,
            true,
            false,
            false);

    public Policy {
        if (shortest.compareTo(standard) > 0 || standard.compareTo(longest) > 0) {
            throw new IllegalArgumentException("the lifespans must be in order: shortest, standard, longest");
        }
        if (!longest.ends()) {
            throw new IllegalArgumentException("what is kept has no lifespan");
        }
    }

    /**
     * The lifespan that a message gets.
     *
     * @param askedMinutes what the sender asked for; nothing, zero and negative values mean the standard (TigerConnect
     *     contract, trap 7)
     */
    public Lifespan lifespan(Optional<Long> askedMinutes) {
        long minutes = askedMinutes.orElse(0L);
        if (minutes <= 0) {
            return kept ? Lifespan.KEPT : standard;
        }
        return Lifespan.ofMinutes(Math.clamp(minutes, shortest.minutes(), longest.minutes()));
    }
}
