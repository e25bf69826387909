package ephemera.core.inbox;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What one stream knows about acknowledgement: every event of its person between where it began and where it is.
 *
 * <p>A client acknowledges single events, in any order. Since the stream knows which events lie between two positions,
 * it can tell the acknowledged ones as ranges, mostly a single one, instead of a list that grows. Positions of other
 * people's events lie in the ranges too and mean nothing.
 *
 * <p>Not thread-safe: guarded by the stream's lock.
 */
final class Coverage {

    /**
     * What is acknowledged and not known to be stored.
     *
     * @param ranges the acknowledged positions
     * @param through up to where everything is stored once the ranges are
     */
    record Report(Ranges ranges, long through) {}

    private final int limit;
    /** Events up to here are not this stream's business. */
    private long began;
    /** Later events up to here are acknowledged, and that is stored. */
    private long stored;

    private long through;
    /** The last event for which there was no room; 0 if there was room for each since the stream was last even. */
    private long untracked;
    /**
     * Pushed and not yet acknowledged, ascending, in {@code [head, tail)}: each position doubled, and odd if
     * acknowledged events lie between the one before and it. Only ranges that hold such events are worth telling:
     * between two of a person's events there mostly are other people's.
     */
    private long[] waiting = {};
    /** Whether acknowledged events lie behind the last waiting one. */
    private boolean acknowledgedLast;

    private int head;
    private int tail;

    /**
     * Begins to cover what comes after a position.
     *
     * @param limit the most events that are waited for at once; later ones are not covered then, until all those are
     *     acknowledged
     */
    Coverage(long began, int limit) {
        this.began = began;
        this.stored = began;
        this.through = began;
        this.limit = limit;
    }

    /** Notes that an event was pushed; positions only grow. */
    void pushed(long position) {
        if (position <= through || !hasRoom(position)) {
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
        waiting[tail++] = entry(position, acknowledgedLast);
        acknowledgedLast = false;
        through = position;
    }

    /**
     * Whether an event can be waited for; once one could not, ranges must not reach over it, and covering begins anew
     * after it.
     */
    private boolean hasRoom(long position) {
        if (untracked > 0 && head == tail && stored == through) {
            began = untracked;
            stored = untracked;
            through = untracked;
            acknowledgedLast = false;
            untracked = 0;
        }
        if (untracked > 0 || tail - head >= limit) {
            untracked = position;
            return false;
        }
        return true;
    }

    /**
     * Notes an acknowledgement; true if this stream covers the position, and so the next report tells it or it is
     * stored.
     */
    boolean acknowledged(long position) {
        if (position <= began || position > through) {
            return false;
        }
        int found = Arrays.binarySearch(waiting, head, tail, entry(position, false));
        int at = found < 0 ? -found - 1 : found;
        if (at < tail && position(at) == position) {
            if (at + 1 < tail) {
                waiting[at + 1] |= 1;
            } else {
                acknowledgedLast = true;
            }
            System.arraycopy(waiting, head, waiting, head + 1, at - head);
            head++;
        }
        return true;
    }

    private static long entry(long position, boolean behindAcknowledged) {
        return (position << 1) | (behindAcknowledged ? 1 : 0);
    }

    private long position(int at) {
        return waiting[at] >> 1;
    }

    private boolean isBehindAcknowledged(int at) {
        return (waiting[at] & 1) != 0;
    }

    /**
     * What is acknowledged and not known to be stored; told again until {@link #stored} is called, since storing may
     * fail.
     */
    Report report() {
        List<Ranges.Range> ranges = new ArrayList<>(1);
        long next = stored + 1;
        for (int i = head; i < tail; i++) {
            if (isBehindAcknowledged(i) && position(i) > next) {
                ranges.add(new Ranges.Range(next, position(i) - 1));
            }
            next = position(i) + 1;
        }
        if (acknowledgedLast && next <= through) {
            ranges.add(new Ranges.Range(next, through));
        }
        boolean isFirstTold = !ranges.isEmpty() && ranges.getFirst().first() == stored + 1;
        return new Report(new Ranges(ranges), isFirstTold ? ranges.getFirst().last() : stored);
    }

    /** Notes that what a report told is on disk. */
    void stored(Report report) {
        stored = Math.max(stored, report.through());
    }
}
