package ephemera.core.inbox;

import ephemera.core.talk.Notice;

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

    /**
     * Whether this dialect has an event for such a notice. Those it has none for are passed over, and nobody waits for
     * them to be acknowledged.
     */
    default boolean tells(Notice notice) {
        return true;
    }
}
