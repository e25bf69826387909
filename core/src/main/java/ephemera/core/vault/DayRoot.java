package ephemera.core.vault;

import java.nio.charset.StandardCharsets;
import java.time.LocalDate;

/**
 * What commits to all entries that the deletion record got on one day, in their order.
 *
 * @param day the day, in UTC
 * @param first the sequence of its first entry
 * @param last the sequence of its last entry
 * @param root of the {@link MerkleTree} over the hashes of the entries
 * @param complete whether the day is over; otherwise it is an interim one, over the entries so far
 */
public record DayRoot(LocalDate day, long first, long last, Digest root, boolean complete) {

    public DayRoot {
        if (first < 1 || last < first) {
            throw new IllegalArgumentException("a day has an entry at least");
        }
    }

    /** How many entries it has. */
    public long size() {
        return last - first + 1;
    }

    /** Whether the entry of that sequence is one of them. */
    public boolean contains(long sequence) {
        return first <= sequence && sequence <= last;
    }

    /**
     * What is signed: five lines under a label of their own.
     *
     * <p>They are the day, {@code complete} or {@code interim}, the first and the last sequence, and the root; each
     * ends with a line feed, as the label {@code ephemera deletion day 1} does.
     */
    public byte[] statement() {
        return String.join(
                "\n",
                "ephemera deletion day 1",
                day.toString(),
                complete ? "complete" : "interim",
                Long.toString(first),
                Long.toString(last),
                root.hex(),
                "")
                .getBytes(StandardCharsets.US_ASCII);
    }
}
