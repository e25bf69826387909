package ephemera.core.inbox;

import ephemera.core.directory.PersonId;
import ephemera.core.talk.Entry;
import ephemera.core.talk.Position;
import java.util.Collection;
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

    /**
     * Tells the inboxes of some people that entries up to a position were committed that only the log holds: too many
     * to be handed over. It is told before anything is published that was committed with them.
     */
    void missed(Collection<PersonId> people, Position through);
}
