package ephemera.server.watch;

import java.util.logging.LogManager;

/**
 * A log manager that still logs while the process stops.
 *
 * <p>The one of the JDK takes all handlers away in a shutdown hook of its own, at the same time as the server stops its
 * parts in another: what goes wrong in the last seconds would be lost. Public, since the JDK makes it by name.
 */
public final class LastingLogManager extends LogManager {

    private volatile boolean kept;

    /** Makes the manager; called by the JDK before the first logger. */
    public LastingLogManager() {}

    /** Takes all handlers away, unless {@link Logs} has set them up. */
    @Override
    public void reset() {
        if (!kept) {
            super.reset();
        }
    }

    void keep(boolean keep) {
        kept = keep;
    }
}
