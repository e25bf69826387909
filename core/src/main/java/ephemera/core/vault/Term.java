package ephemera.core.vault;

import ephemera.core.Lifespan;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/**
 * A class of lifespans that share the width of their epochs.
 *
 * <p>Each is at least twelve times as long as its epochs are wide: whatever mix of lifespans people use, at most
 * fourteen epochs of a term live at any time, some dozens in all.
 */
public enum Term {
    /** Up to an hour. */
    HOUR(0, Duration.ofHours(1), Duration.ofMinutes(5)),
    /** Up to a day. */
    DAY(1, Duration.ofDays(1), Duration.ofHours(2)),
    /** Up to 31 days. */
    MONTH(2, Duration.ofDays(31), Duration.ofHours(60)),
    /** Up to a year. */
    YEAR(3, Duration.ofDays(366), Duration.ofDays(30)),
    /** Everything longer that ends at all. */
    DECADE(4, Duration.ofDays(3_660), Duration.ofDays(300)),
    /** What the policy keeps until somebody takes it back. */
    KEPT(5, Duration.ZERO, Duration.ZERO),
    /** What a legal hold keeps from being destroyed. */
    HELD(6, Duration.ZERO, Duration.ZERO);

    private final int code;
    private final Duration longest;
    private final Duration epoch;

    Term(int code, Duration longest, Duration epoch) {
        this.code = code;
        this.longest = longest;
        this.epoch = epoch;
    }

    /** The term of a lifespan. */
    public static Term of(Lifespan lifespan) {
        if (!lifespan.ends()) {
            return KEPT;
        }
        Duration length = Duration.ofMinutes(lifespan.minutes());
        for (Term term : values()) {
            if (length.compareTo(term.longest) <= 0) {
                return term;
            }
        }
        return DECADE;
    }

    /** The number of the term in the code of a {@link Slice}; it never changes. */
    int code() {
        return code;
    }

    /** The term with that number; empty if none has it. */
    static Optional<Term> ofCode(long code) {
        return Arrays.stream(values()).filter(term -> term.code == code).findFirst();
    }

    /** Whether content of this term has an end that is known when it is stored. */
    public boolean ends() {
        return !longest.isZero();
    }

    /** How wide the epochs of this term are. */
    Duration epoch() {
        return epoch;
    }
}
