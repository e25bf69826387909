package ephemera.core;

import java.time.Duration;

/**
 * How long a message lives after it was sent, in whole minutes, the unit of the wire contracts.
 *
 * @param minutes at least 1 and at most {@link #LONGEST_MINUTES}; 0 for {@link #KEPT}
 */
public record Lifespan(int minutes) implements Comparable<Lifespan> {

    /** Ten years: longer lifespans are no lifespans. */
    public static final int LONGEST_MINUTES = 10 * 366 * 24 * 60;

    /** That of a message which the policy keeps until somebody takes it back. */
    public static final Lifespan KEPT = new Lifespan(0);

    public Lifespan {
        if (minutes < 0 || minutes > LONGEST_MINUTES) {
            throw new IllegalArgumentException("a lifespan is 1 to " + LONGEST_MINUTES + " minutes");
        }
    }

    /** The lifespan of that length, rounded up to a whole minute and kept within the possible range. */
    public static Lifespan of(Duration length) {
        long minutes = length.toMinutes();
        return ofMinutes(length.equals(Duration.ofMinutes(minutes)) ? minutes : minutes + 1);
    }

    /** The lifespan of that many minutes, kept within the possible range. */
    public static Lifespan ofMinutes(long minutes) {
        return new Lifespan(Math.clamp(minutes, 1, LONGEST_MINUTES));
    }

    /** Whether it ends at all. */
    public boolean ends() {
        return minutes > 0;
    }

    /** The lifespan in minutes as clients are told it, who know none without an end: the longest there is. */
    public int toldMinutes() {
        return ends() ? minutes : LONGEST_MINUTES;
    }

    @Override
    public int compareTo(Lifespan other) {
        return Integer.compare(toldMinutes(), other.toldMinutes());
    }
}
