package ephemera.core.talk;

/**
 * The place of a durable change in the journal: later changes have larger positions, and no reader ever sees a gap
 * filled later.
 *
 * @param value at least 1; 0 stands for the place before everything
 */
public record Position(long value) implements Comparable<Position> {

    /** The place before everything. */
    public static final Position START = new Position(0);

    public Position {
        if (value < 0) {
            throw new IllegalArgumentException("a position is not negative");
        }
    }

    @Override
    public int compareTo(Position other) {
        return Long.compare(value, other.value);
    }
}
