package ephemera.acceptance.bench;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.Commands;
import ephemera.acceptance.TemporaryFolder;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every part but the start for a moment; that each message arrives once is judged by the parts themselves. */
class BenchmarkMeasuresARealServer {
    private static final Plan MOMENT = new Plan(1, Duration.ofMillis(900), Duration.ofSeconds(1), 4, 100, 20, 2, 4, 50,
            Duration.ofMillis(500), Duration.ofSeconds(1), "heartbeat_5");

    @Test
    void whileItRuns() {
        Report report = new Report();
        try (TemporaryFolder folder = TemporaryFolder.make()) {
            try (Target target = new Target.Own(folder.path().resolve("talk"))) {
                try (Target other = new Target.Own(folder.path().resolve("against"), Commands.projectRoot())) {
                    new SendPart(target, MOMENT, report).runAgainst(other);
                }
                new SendPart(target, MOMENT, report).run();
                new LatencyPart(target, MOMENT, report).run();
                new FanoutPart(target, MOMENT, report).run();
                new IdlePart(target, MOMENT, report).run();
            }
        }
        JsonNode json = JsonMapper.builder().build().readTree(report.json());
        for (String figure : new String[] {"/send/acknowledged_per_s", "/send/cpu_server_us", "/send/cpu_database_us",
            "/against/send.acknowledged_per_s", "/against/send.cpu_database_us", "/send/ratio", "/send/cpu_ratio",
            "/disk/fdatasync_per_s", "/latency/p50_ms", "/latency/p99_ms", "/fanout/last_member_p50_ms",
            "/fanout/deliveries_per_s"}) {
            assertThat(json.at(figure).asDouble()).as(figure).isPositive();
        }
        assertThat(json.at("/idle/kib_per_stream").isNumber()).isTrue();
        assertThat(json.at("/idle/streams").asInt()).isEqualTo(50);
    }
}
