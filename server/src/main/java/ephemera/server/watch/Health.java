package ephemera.server.watch;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The checks that tell whether this server lives and whether it can serve.
 *
 * <p>Not live: restart me. Not ready: send me no requests for now. A check that concerns the world outside, such as the
 * database, belongs to readiness only: restarting the server would not mend it.
 *
 * <p>Safe for use by several threads. Checks run side by side; one that takes longer than the patience counts as down
 * and is not started again before it ends.
 */
public final class Health {

    private final Duration patience;
    private final List<Probe> liveness = new CopyOnWriteArrayList<>();
    private final List<Probe> readiness = new CopyOnWriteArrayList<>();

    /** Makes an empty registry whose checks have two seconds each. */
    public Health() {
        this(Duration.ofSeconds(2));
    }

    /** Makes an empty registry with the time that an answer waits for its checks. */
    public Health(Duration patience) {
        this.patience = patience;
    }

    /** Looks at one thing and tells how it is; may block, may throw, which counts as down. */
    @FunctionalInterface
    public interface Check {
        /** Returns how the thing is now. */
        State state() throws Exception;
    }

    /** How a thing is. */
    public sealed interface State {
        /** It works. */
        record Up() implements State {}

        /**
         * It does not work.
         *
         * @param reason a few words for the people who run the server, without a secret
         */
        record Down(String reason) implements State {}
    }

    /**
     * The states of all checks of one kind at one time, by name.
     *
     * @param states in the order of the names
     */
    public record Report(Map<String, State> states) {

        /** Tells whether nothing is down. */
        public boolean up() {
            return states.values().stream().allMatch(State.Up.class::isInstance);
        }

        /** Returns the report as a JSON object. */
        public String json() {
            StringBuilder json = new StringBuilder(up() ? "{\"status\":\"up\"" : "{\"status\":\"down\"");
            json.append(",\"checks\":{");
            String comma = "";
            for (Map.Entry<String, State> entry : states.entrySet()) {
                Escaped.quoted(json.append(comma), entry.getKey());
                switch (entry.getValue()) {
                    case State.Up() -> json.append(":{\"status\":\"up\"}");
                    case State.Down(String reason) -> {
                        Escaped.quoted(json.append(":{\"status\":\"down\",\"reason\":"), reason);
                        json.append('}');
                    }
                }
                comma = ",";
            }
            return json.append("}}").toString();
        }
    }

    /** Adds a check of whether the process itself works; each name once. */
    public void liveness(String name, Check check) {
        add(liveness, name, check);
    }

    /** Adds a check of whether requests can be served; each name once. */
    public void readiness(String name, Check check) {
        add(readiness, name, check);
    }

    /** Tells whether the process works; blocks for the patience at most. */
    public Report live() {
        return report(liveness);
    }

    /** Tells whether requests can be served; blocks for the patience at most. */
    public Report ready() {
        return report(readiness);
    }

    private static synchronized void add(List<Probe> probes, String name, Check check) {
        if (probes.stream().anyMatch(probe -> probe.name().equals(name))) {
            throw new IllegalArgumentException("there is already a check named " + name);
        }
        probes.add(new Probe(name, check));
    }

    private Report report(List<Probe> probes) {
        long deadline = System.nanoTime() + patience.toNanos();
        Map<Probe, CompletableFuture<State>> asked = new LinkedHashMap<>();
        probes.forEach(probe -> asked.put(probe, probe.ask()));
        Map<String, State> states = new TreeMap<>();
        asked.forEach((probe, answer) -> {
            State state = await(answer, deadline);
            probe.noted(state);
            states.put(probe.name(), state);
        });
        return new Report(states);
    }

    private State await(CompletableFuture<State> answer, long deadline) {
        try {
            return answer.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException _) {
            return new State.Down("no answer within " + patience.toMillis() + " ms");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return new State.Down("asking was interrupted");
        } catch (ExecutionException e) {
            throw new IllegalStateException("a probe always answers with a state", e);
        }
    }
}
