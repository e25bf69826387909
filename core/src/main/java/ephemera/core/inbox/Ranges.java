package ephemera.core.inbox;

import java.util.ArrayList;
import java.util.List;

/**
 * A set of positions, kept as ranges.
 *
 * @param ranges in no particular order; they may overlap
 */
public record Ranges(List<Range> ranges) {

    /**
     * All positions from the first to the last.
     *
     * @param first included
     * @param last included, not before the first
     */
    public record Range(long first, long last) {}

    /** A set without any position. */
    public static final Ranges NONE = new Ranges(List.of());

    /** Whether there is no position in it. */
    public boolean isEmpty() {
        return ranges.isEmpty();
    }

    /** The positions that are in this set or in the other. */
    public Ranges and(Ranges other) {
        if (isEmpty() || other.isEmpty()) {
            return isEmpty() ? other : this;
        }
        List<Range> both = new ArrayList<>(ranges);
        both.addAll(other.ranges);
        return new Ranges(both);
    }
}
