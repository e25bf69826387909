package ephemera.core.inbox;

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

    /** Waits until there is room; false if the sink is closed. */
    boolean awaitRoom() throws InterruptedException;

    /** The position of the last durable event that was written to the transport; 0 if there was none. */
    long written();

    /** Ends the stream after what was taken has been written; closing twice is no failure. */
    void close();
}
