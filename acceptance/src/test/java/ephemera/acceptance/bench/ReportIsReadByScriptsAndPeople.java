package ephemera.acceptance.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ReportIsReadByScriptsAndPeople {
    private final Report report = new Report();

    @Test
    void asNestedNumbersThatAreMedians() {
        report.add("send.acknowledged_per_s", new Report.Reach.AtLeast(10_000), List.of(12_000.4, 9_000.0, 11_000.0));
        report.add("latency.p50_ms", new Report.Reach.AtMost(2), List.of(0.51234, 0.6));
        report.add("idle.kib_per_stream", List.of());
        report.machine("cores", 2);
        report.note("a remark");
        JsonNode json = JsonMapper.builder().build().readTree(report.json());
        assertThat(json.at("/send/acknowledged_per_s").asDouble()).isEqualTo(11_000);
        assertThat(json.at("/latency/p50_ms").asDouble()).isEqualTo(0.556);
        assertThat(json.has("idle")).as("a part that was not measured").isFalse();
        JsonNode rounds = json.at("/rounds").required("send.acknowledged_per_s");
        assertThat(rounds.required("min").asDouble()).isEqualTo(9_000);
        assertThat(rounds.required("max").asDouble()).isEqualTo(12_000);
        assertThat(rounds.required("rounds").size()).isEqualTo(3);
        assertThat(json.at("/machine/cores").asInt()).isEqualTo(2);
        assertThat(json.at("/notes/0").asString()).isEqualTo("a remark");
    }

    @Test
    void asATableThatSaysWhatWasReached() {
        report.add("send.acknowledged_per_s", new Report.Reach.AtLeast(10_000), List.of(12_345.6));
        report.add("latency.p99_ms", new Report.Reach.AtMost(20), List.of(31.25));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        report.print(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        assertThat(bytes.toString(StandardCharsets.UTF_8).lines()).anySatisfy(line -> assertThat(line)
                .containsSubsequence("send.acknowledged_per_s", "12,346", "reached: >= 10,000"))
                .anySatisfy(line -> assertThat(line).containsSubsequence("latency.p99_ms", "31.25", "MISSED: <= 20"));
    }
}
