package ephemera.server.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MetricsAreCounted {

    private final Metrics metrics = new Metrics();

    @AfterEach
    void close() {
        metrics.close();
    }

    @Test
    void requestsByRouteAndClassOfStatus() {
        Route send = metrics.route("POST", "/v2/message/");
        send.answered(200, 3_000_000);
        send.answered(204, 30_000_000);
        send.answered(404, 1_000);
        send.answered(503, 1_000);
        send.answered(0, 1_000);
        metrics.route("GET", "/v2/message/{token}/").answered(200, 1_000_000_000);
        metrics.route("POST", "/v2/message/").answered(201, 0);

        assertThat(value(of("count", "POST", "/v2/message/", "2xx"))).isEqualTo(3);
        assertThat(value(of("sum", "POST", "/v2/message/", "2xx"))).isEqualTo(0.033);
        assertThat(value(of("bucket", "POST", "/v2/message/", "2xx").replace("}", ",le=\"0.005\"}"))).isEqualTo(2);
        for (String status : new String[] {"4xx", "5xx", "other"}) {
            assertThat(value(of("count", "POST", "/v2/message/", status))).isEqualTo(1);
        }
        assertThat(value(of("sum", "GET", "/v2/message/{token}/", "2xx"))).isEqualTo(1);
    }

    @Test
    void requestsOfSeveralThreadsAreAllCounted() throws InterruptedException {
        Route route = metrics.route("GET", "/x");
        Thread[] threads = IntStream.range(0, 8)
                .mapToObj(_ -> Thread.ofVirtual().start(
                        () -> IntStream.range(0, 1000).forEach(_ -> route.answered(200, 1))))
                .toArray(Thread[]::new);
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(value(of("count", "GET", "/x", "2xx"))).isEqualTo(8000);
    }

    @Test
    void whatTheServerDoes() {
        metrics.sendsAcknowledged(3);
        metrics.sendsAcknowledged(4);
        metrics.journalCommitted(7, 2_000_000);
        metrics.journalCommitted(1, 500_000);
        metrics.eventsDelivered(1000);
        metrics.streamOpened();
        metrics.streamOpened();
        metrics.streamClosed();
        metrics.streamReplayed(12);
        metrics.streamFellBack();
        metrics.loginFailed();

        assertThat(value("ephemera_sends_acknowledged_total")).isEqualTo(7);
        assertThat(value("ephemera_journal_batch_count")).isEqualTo(2);
        assertThat(value("ephemera_journal_batch_sum")).isEqualTo(8);
        assertThat(value("ephemera_journal_batch_bucket{le=\"1.0\"}")).isEqualTo(1);
        assertThat(value("ephemera_journal_commit_seconds_sum")).isEqualTo(0.0025);
        assertThat(value("ephemera_journal_commit_seconds_bucket{le=\"0.001\"}")).isEqualTo(1);
        assertThat(value("ephemera_events_delivered_total")).isEqualTo(1000);
        assertThat(value("ephemera_streams_open")).isEqualTo(1);
        assertThat(value("ephemera_stream_replays_total")).isEqualTo(1);
        assertThat(value("ephemera_events_replayed_total")).isEqualTo(12);
        assertThat(value("ephemera_stream_fallbacks_total")).isEqualTo(1);
        assertThat(value("ephemera_login_failures_total")).isEqualTo(1);
    }

    @Test
    void depthOfAQueueIsAskedAtEachScrape() {
        AtomicInteger journal = new AtomicInteger(5);
        metrics.queue("journal", journal::get);
        metrics.queue("outbox", () -> 1);

        assertThat(value("ephemera_queue_depth{queue=\"journal\"}")).isEqualTo(5);
        journal.set(0);
        System.gc();
        assertThat(value("ephemera_queue_depth{queue=\"journal\"}")).isZero();
        assertThat(value("ephemera_queue_depth{queue=\"outbox\"}")).isEqualTo(1);
    }

    @Test
    void processIsWatched() {
        assertThat(value("jvm_threads_live")).isPositive();
        assertThat(value("process_files_open_files")).isPositive();
        assertThat(value("process_uptime_seconds")).isPositive();
        assertThat(metrics.scrape()).contains("jvm_memory_used_bytes{area=\"heap\"", "process_cpu_usage");
    }

    private static String of(String what, String method, String route, String status) {
        return "ephemera_http_requests_seconds_%s{method=\"%s\",route=\"%s\",status=\"%s\"}"
                .formatted(what, method, route, status);
    }

    private double value(String series) {
        return metrics.scrape().lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + series + " in\n" + metrics.scrape()));
    }
}
