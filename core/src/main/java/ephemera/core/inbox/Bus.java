package ephemera.core.inbox;

import ephemera.core.talk.Entry;
import java.util.List;

/**
 * The way from the journal to the inboxes (a port).
 *
 * <p>The journal's writer calls it on one thread, in the order of positions, after the commit. What is published here is a hint: an
 * inbox that misses it finds the same entries in the {@link Log}.
 */
public interface Bus {

    /** Tells the inboxes that these entries were committed. */
    void publish(List<Entry> entries);
}
