package ephemera.server.watch;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The meters of one route: requests and their time, by class of status.
 *
 * <p>A meter is looked up when its class of status is first answered, and kept: later answers make no text, no lookup
 * and no garbage. Safe for use by several threads.
 */
public final class Route {

    private static final String[] CLASSES = {"other", "1xx", "2xx", "3xx", "4xx", "5xx"};

    private final MeterRegistry registry;
    private final String method;
    private final String template;
    private final AtomicReferenceArray<Timer> timers = new AtomicReferenceArray<>(CLASSES.length);

    Route(MeterRegistry registry, String method, String template) {
        this.registry = registry;
        this.method = method;
        this.template = template;
    }

    /**
     * Notes an answered request.
     *
     * @param status the status of the answer
     * @param nanos the time from the request's head to the end of the answer; not meant for event streams
     */
    public void answered(int status, long nanos) {
        int index = status >= 100 && status < 600 ? status / 100 : 0;
        Timer timer = timers.getPlain(index);
        if (timer == null) {
            // Two threads may both get here; the registry gives them the same timer.
            timer = timer(CLASSES[index]);
            timers.set(index, timer);
        }
        timer.record(nanos, TimeUnit.NANOSECONDS);
    }

    private Timer timer(String status) {
        return Timer.builder("ephemera.http.requests")
                .description("Requests answered, by route and class of status")
                .tag("method", method)
                .tag("route", template)
                .tag("status", status)
                .serviceLevelObjectives(Metrics.millis(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000))
                .register(registry);
    }
}
