package ephemera.core.inbox;

import ephemera.core.directory.PersonId;
import ephemera.core.talk.Entry;
import ephemera.core.talk.Position;
import java.util.List;

/**
 * The journal as one person may read it, and what that person has acknowledged (a port).
 *
 * <p>Reads leave out what is expired, recalled or burnt, judged by the database's clock in the statement that reads.
 * Thread-safe.
 */
public interface Log {

    /** The position of the last committed change. */
    Position head();

    /**
     * Entries that concern the person, in the order of their positions.
     *
     * @param after only later ones
     * @param acknowledgedToo whether those are told too that the person has acknowledged
     * @param limit how many at most
     */
    Page read(PersonId person, Position after, boolean acknowledgedToo, int limit);

    /**
     * A part of the log.
     *
     * @param entries what it holds; may be fewer than asked for, even none, although there are more
     * @param through up to which position nothing is missing
     * @param more whether the log goes on behind that position
     */
    record Page(List<Entry> entries, Position through, boolean more) {}

    /** How many entries {@link #read} would give without a limit. */
    long count(PersonId person, Position after, boolean acknowledgedToo);

    /** Stores that the person has acknowledged these positions; it is on disk when this returns. */
    void acknowledge(PersonId person, Ranges acknowledged);
}
