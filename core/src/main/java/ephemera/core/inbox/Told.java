package ephemera.core.inbox;

import ephemera.core.talk.Entry;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A durable event: one entry of the journal on its way to all the streams that it concerns.
 *
 * <p>It remembers how it was rendered in each dialect, so that an event for a thousand readers is encoded once.
 * Thread-safe.
 */
public final class Told implements Event {

    private final Entry entry;
    private final AtomicReference<Rendering> renderings = new AtomicReference<>();

    private record Rendering(Dialect<?> dialect, Object text, Rendering next) {}

    /** Makes the event of that entry. */
    public Told(Entry entry) {
        this.entry = entry;
    }

    /** The journal's entry. */
    public Entry entry() {
        return entry;
    }

    /** The value of the entry's position. */
    public long position() {
        return entry.position().value();
    }

    /** This event in that dialect, rendered at the first call. */
    @SuppressWarnings("ReferenceEquality") // a dialect is one object; two that look alike still render for themselves
    public <R> R rendered(Dialect<R> dialect) {
        for (Rendering known = renderings.get(); known != null; known = known.next) {
            if (known.dialect == dialect) {
                @SuppressWarnings("unchecked") // put there by this method, for this dialect
                R text = (R) known.text;
                return text;
            }
        }
        R text = dialect.render(this);
        renderings.updateAndGet(next -> new Rendering(dialect, text, next));
        return text;
    }
}
