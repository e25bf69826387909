package ephemera.core.inbox;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What one stream knows about acknowledgement: every event of its person between where it began and where it is.
 *
 * <p>A client acknowledges single events, in any order. Since the stream knows which events lie between two positions, it can tell
 * the acknowledged ones as ranges, mostly a single one, instead of a list that grows. Positions of other people's events lie in
 * the ranges too and mean nothing.
 *
 * <p>Not thread-safe: guarded by the stream's lock.
 */
final class Coverage {

    private final int limit;
    /** All events up to here, the first of the covered ones excluded, are acknowledged or not this stream's business. */
    private long from;

    private long through;
    /** Pushed and not yet acknowledged, ascending, in {@code [head, tail)}. */
    private long[] waiting = {};

    private int head;
    private int tail;

    /**
     * Begins to cover what comes after a position.
     *
     * @param limit the most events that are waited for at once; later ones are not covered then
     */
    Coverage(long from, int limit) {
        this.from = from;
        this.through = from;
        this.limit = limit;
    }

    /** Notes that an event was pushed; positions only grow. */
    void pushed(long position) {
        if (tail - head >= limit || position <= through) {
            return;
        }
        if (tail == waiting.length) {
            int size = tail - head;
            long[] room = size > waiting.length / 2 || waiting.length == 0
                    ? new long[Math.max(8, waiting.length * 2)]
                    : waiting;
            System.arraycopy(waiting, head, room, 0, size);
            waiting = room;
            head = 0;
            tail = size;
        }
        waiting[tail++] = position;
        through = position;
    }

    /** Notes acknowledgements; true if this stream covers the position, whether it was waiting or not. */
    boolean acknowledged(long position) {
        if (position <= from || position > through) {
            return position <= from;
        }
        int at = Arrays.binarySearch(waiting, head, tail, position);
        if (at >= 0) {
            System.arraycopy(waiting, head, waiting, head + 1, at - head);
            head++;
        }
        return true;
    }

    /** Notes that everything up to a position is acknowledged. */
    void acknowledgedThrough(long position) {
        while (head < tail && waiting[head] <= position) {
            head++;
        }
    }

    /** What is acknowledged between where this stream began (or told last) and where it is. */
    Ranges acknowledged() {
        List<Ranges.Range> ranges = new ArrayList<>(1);
        long next = from + 1;
        for (int i = head; i < tail; i++) {
            if (waiting[i] > next) {
                ranges.add(new Ranges.Range(next, waiting[i] - 1));
            }
            next = waiting[i] + 1;
        }
        if (next <= through) {
            ranges.add(new Ranges.Range(next, through));
        }
        from = head < tail ? waiting[head] - 1 : through;
        return new Ranges(ranges);
    }
}
