package ephemera.server.watch;

import static ephemera.server.watch.Field.field;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One check, run by at most one thread at a time.
 *
 * <p>Whoever asks while it runs shares its answer: impatient probes from outside can neither pile up threads on
 * something that hangs nor multiply its load.
 */
final class Probe {

    private static final Logger LOG = System.getLogger(Probe.class.getName());

    private final String name;
    private final Health.Check check;
    private final AtomicReference<CompletableFuture<Health.State>> running = new AtomicReference<>();
    private final AtomicBoolean up = new AtomicBoolean(true);

    Probe(String name, Health.Check check) {
        this.name = name;
        this.check = check;
    }

    String name() {
        return name;
    }

    /** Returns the answer to come, of a check that runs already or is started now. */
    CompletableFuture<Health.State> ask() {
        CompletableFuture<Health.State> mine = new CompletableFuture<>();
        CompletableFuture<Health.State> other = running.compareAndExchange(null, mine);
        if (other != null) {
            return other;
        }
        Thread.ofVirtual().name("health " + name).start(() -> {
            Health.State state = state();
            running.set(null);
            mine.complete(state);
        });
        return mine;
    }

    /** Logs the state if it is not what it was before; a check counts as up until it is first asked. */
    void noted(Health.State state) {
        switch (state) {
            case Health.State.Up() -> {
                if (!up.getAndSet(true)) {
                    LOG.log(Level.INFO, "a health check is up again", field("check", name));
                }
            }
            case Health.State.Down(String reason) -> {
                if (up.getAndSet(false)) {
                    LOG.log(Level.WARNING, "a health check is down", field("check", name), field("reason", reason));
                }
            }
        }
    }

    // The words of an exception are not shown: they may name hosts, users or more, and health asks for no credentials.
    private Health.State state() {
        try {
            return check.state();
        } catch (Throwable e) {
            // Anything: whoever waits must get an answer, and the next one must be able to ask again.
            LOG.log(Level.DEBUG, "a health check failed", field("check", name), e);
            return new Health.State.Down(e.getClass().getSimpleName());
        }
    }
}
