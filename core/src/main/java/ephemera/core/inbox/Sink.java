package ephemera.core.inbox;

import ephemera.core.talk.Notice;

/**
 * Where the events of one stream go (a port; an HTTP response in the product).
 *
 * <p>Thread-safe.
 */
public interface Sink {

    /**
     * Takes an event without waiting; false if there is no room or the sink is closed, and then the event was not
     * taken.
     */
    boolean offer(Event event);

    /** Whether its reader is told of such a notice at all. */
    default boolean tells(Notice notice) {
        return true;
    }

    /** Waits until there is room; false if the sink is closed. */
    boolean awaitRoom() throws InterruptedException;

    /** The position of the last durable event that was written to the transport; 0 if there was none. */
    long written();

    /** Ends the stream after what was taken has been written; closing twice is no failure. */
    void close();
}
