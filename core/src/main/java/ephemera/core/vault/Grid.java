package ephemera.core.vault;

import ephemera.core.Lifespan;
import java.time.Duration;
import java.time.Instant;

/**
 * How time is cut: into slices, at whose ends keys are destroyed, and into epochs, at whose ends rows and files are
 * removed.
 *
 * @param shortSlice how wide slices are for lifespans up to a day; whole seconds
 * @param longSlice how wide slices are for longer lifespans; whole seconds
 * @param narrowestEpoch how wide epochs are at least, which is how wide they are for lifespans up to an hour; whole
 *     seconds
 */
public record Grid(Duration shortSlice, Duration longSlice, Duration narrowestEpoch) {

    /** Five minutes up to a day, an hour beyond. */
    public static final Grid DEFAULT = new Grid(Duration.ofMinutes(5), Duration.ofHours(1), Duration.ofMinutes(5));

    /**
     * How far behind the caller's clock the database may store a message. A message that is stored even later loses the
     * rest of its last second, not its slice.
     */
    private static final Duration ON_THE_WAY = Duration.ofSeconds(1);

    public Grid {
        if (shortSlice.toSeconds() < 1 || longSlice.toSeconds() < 1 || narrowestEpoch.toSeconds() < 1) {
            throw new IllegalArgumentException("slices and epochs are a second wide at least");
        }
    }

    /** The slice in which a message expires that is stored about now. */
    public Slice slice(Instant now, Lifespan lifespan) {
        Term term = Term.of(lifespan);
        return containing(term, now.plus(Duration.ofMinutes(lifespan.minutes())).plus(ON_THE_WAY));
    }

    /** The slice of a term that contains an instant. */
    public Slice containing(Term term, Instant instant) {
        if (!term.ends()) {
            return new Slice(term, 0);
        }
        Duration width = term.compareTo(Term.DAY) <= 0 ? shortSlice : longSlice;
        return new Slice(term, after(instant.getEpochSecond() + 1, width));
    }

    /** The epoch to which a slice belongs. */
    public Epoch epoch(Slice slice) {
        if (!slice.term().ends()) {
            return new Epoch(slice.term(), 0);
        }
        Duration wished = slice.term().epoch();
        boolean narrow = slice.term() == Term.HOUR || wished.compareTo(narrowestEpoch) < 0;
        return new Epoch(slice.term(), after(slice.endSecond(), narrow ? narrowestEpoch : wished));
    }

    /** The first multiple of the width that is not before the second. */
    private static long after(long second, Duration width) {
        return Math.ceilDiv(second, width.toSeconds()) * width.toSeconds();
    }
}
