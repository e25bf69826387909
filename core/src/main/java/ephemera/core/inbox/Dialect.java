package ephemera.core.inbox;

/**
 * How a door writes events.
 *
 * @param <R> what an event is rendered to, immutable and shared by all the streams of the door
 */
public interface Dialect<R> {

    /**
     * The event in this dialect; may look up people and groups, so it is never called on a thread that must not wait.
     */
    R render(Event event);
}
