package ephemera.core.vault;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * A slice of time: content that expires in it shares the keys that are destroyed at its end.
 *
 * @param term the class of lifespans it is for
 * @param endSecond the end, in seconds since 1970, exclusive; 0 if the term has no end
 */
public record Slice(Term term, long endSecond) implements Comparable<Slice> {

    /** How many bits {@link #code} has. */
    public static final int BITS = 36;

    /** The slice of everything that is kept until somebody takes it back. */
    public static final Slice KEPT = new Slice(Term.KEPT, 0);

    /** Until the year 2242. */
    private static final int SECOND_BITS = 33;

    private static final long SECOND_MASK = (1L << SECOND_BITS) - 1;

    public Slice {
        if (endSecond < 0 || endSecond > SECOND_MASK || (term == Term.KEPT && endSecond != 0)) {
            throw new IllegalArgumentException("the end of a slice is out of range");
        }
    }

    /** The instant from which on its keys are to be destroyed; never for those that do not end. */
    public Instant end() {
        return term.ends() ? Instant.ofEpochSecond(endSecond) : Instant.MAX;
    }

    /** The slice as a number of {@link #BITS} bits: the term's place above the end. */
    public long code() {
        return ((long) term.code() << SECOND_BITS) | endSecond;
    }

    /** The slice with that code; empty if no slice has it. */
    public static Optional<Slice> ofCode(long code) {
        long end = code & SECOND_MASK;
        return Term.ofCode(code >>> SECOND_BITS)
                .filter(term -> term != Term.KEPT || end == 0)
                .map(term -> new Slice(term, end));
    }

    @Override
    public int compareTo(Slice other) {
        return Long.compare(code(), other.code());
    }

    @Override
    public String toString() {
        return term.name().toLowerCase(Locale.ROOT) + "-" + endSecond;
    }
}
