package ephemera.acceptance.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What a server's metrics tell of the ends of epochs, one after the other. */
final class ExpiryWatch {
    private static final Duration EVERY = Duration.ofMillis(50);
    private static final String SLICES = "ephemera_slices_destroyed_total";
    private static final String CLOSINGS = "ephemera_epochs_closed_seconds_count";
    private static final String CLOSING_SECONDS = "ephemera_epochs_closed_seconds_sum";

    private final HttpClient http = HttpClient.newHttpClient();
    private final HttpRequest question;
    private final List<Instant> ends;
    private final Duration patience;

    /**
     * How an epoch ended.
     *
     * @param keysGone when its keys were seen to be destroyed, in seconds after its end
     * @param rowsGone when its tables and files were seen to be removed, in seconds after its end
     * @param took how long removing them took, in milliseconds, by the server's own measure
     */
    record Closing(double keysGone, double rowsGone, double took) {
    }

    private record Counts(double slices, double closings, double seconds) {
    }

    /** Prepares to watch epochs that end at these instants, in their order; each has one slice. */
    ExpiryWatch(URI management, List<Instant> ends, Duration patience) {
        question = HttpRequest.newBuilder(management.resolve("/metrics")).timeout(Duration.ofSeconds(10)).build();
        this.ends = List.copyOf(ends);
        this.patience = patience;
    }

    /** Watches until the last epoch is gone; one that does not go in time, and those after it, are missing. */
    List<Closing> run() {
        List<Closing> closings = new ArrayList<>();
        for (Instant end : ends) {
            SendPart.sleepUntil(System.nanoTime() + Duration.between(Instant.now(), end.minusSeconds(1)).toNanos());
            Counts before = counts();
            double keysGone = Double.NaN;
            Counts now = before;
            while (now.closings <= before.closings && Instant.now().isBefore(end.plus(patience))) {
                LockSupport.parkNanos(EVERY.toNanos());
                now = counts();
                if (Double.isNaN(keysGone) && now.slices > before.slices) {
                    keysGone = secondsSince(end);
                }
            }
            if (now.closings <= before.closings) {
                return closings;
            }
            closings.add(new Closing(keysGone, secondsSince(end), (now.seconds - before.seconds)
                    / (now.closings - before.closings) * TimeUnit.SECONDS.toMillis(1)));
        }
        return closings;
    }

    private static double secondsSince(Instant end) {
        return Duration.between(end, Instant.now()).toNanos() / 1e9;
    }

    private Counts counts() {
        try {
            String text = http.send(question, BodyHandlers.ofString()).body();
            return new Counts(value(text, SLICES), value(text, CLOSINGS), value(text, CLOSING_SECONDS));
        } catch (IOException e) {
            throw new UncheckedIOException("The metrics cannot be read", e);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while messages expired", e);
        }
    }

    /** The value of a metric without labels; 0 if it is not there yet. */
    private static double value(String text, String name) {
        return text.lines().filter(line -> line.startsWith(name + " ")).findFirst()
                .map(line -> Double.parseDouble(line.substring(name.length() + 1))).orElse(0.0);
    }
}
