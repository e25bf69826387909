package ephemera.core.vault;

import java.time.Instant;
import java.util.Locale;

/**
 * The slices that share a place on disk: a partition of the tables and a folder of files, removed as a whole at its
 * end.
 *
 * @param term the class of lifespans it is for
 * @param endSecond the end of its last slice, in seconds since 1970; 0 if the term has no end
 */
public record Epoch(Term term, long endSecond) {

    /** The instant from which on it is to be removed; never for those that do not end. */
    public Instant end() {
        return new Slice(term, endSecond).end();
    }

    /** The epoch as a number, made like that of a {@link Slice}. */
    public long code() {
        return new Slice(term, endSecond).code();
    }

    /**
     * The epoch with that code.
     *
     * @throws IllegalArgumentException if no epoch has it
     */
    public static Epoch ofCode(long code) {
        Slice last = Slice.ofCode(code).orElseThrow(() -> new IllegalArgumentException("not an epoch: " + code));
        return new Epoch(last.term(), last.endSecond());
    }

    @Override
    public String toString() {
        return term.name().toLowerCase(Locale.ROOT) + "-" + endSecond;
    }
}
