package ephemera.core.inbox;

import ephemera.core.talk.Entry;
import ephemera.core.talk.Position;
import java.util.List;

/**
 * The way from the journal to the inboxes (a port).
 *
 * <p>The journal's writer calls it on one thread, in the order of positions, after the commit. Each committed entry is
 * either published or lies at or before a position that was told as missed: then inboxes find it in the {@link Log}.
 */
public interface Bus {

    /** Tells the inboxes that these entries were committed. */
    void publish(List<Entry> entries);

    /**
     * Tells the inboxes that entries up to a position may have been committed without being published.
     *
     * <p>So it is after a commit whose answer was lost with the connection to the database.
     */
    void missed(Position through);
}
