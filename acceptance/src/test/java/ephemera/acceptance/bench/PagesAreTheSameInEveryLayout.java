package ephemera.acceptance.bench;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.TemporaryFolder;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The part fails by itself where pages are not full, or one layout reads other messages than the server's own, or in
 * another order.
 */
class PagesAreTheSameInEveryLayout {
    @Test
    void andAllAreMeasured() {
        Report report = new Report();
        try (TemporaryFolder folder = TemporaryFolder.make()) {
            new PagesPart(folder.path().resolve("pages"), new PagesPart.Size(StoredMessages.FEWEST, 100, 1), report)
                    .run();
        }
        JsonNode json = JsonMapper.builder().build().readTree(report.json());
        for (String layout : new String[] {"", "one_table_", "narrow_"}) {
            for (String kind : new String[] {"ordinary_50", "ordinary_250", "big_50", "big_250"}) {
                assertThat(json.at("/pages/" + layout + kind + "_p50_ms").asDouble()).isPositive();
                assertThat(json.at("/pages/" + layout + kind + "_p99_ms").asDouble()).isPositive();
            }
            assertThat(json.at("/pages/" + layout + "mb").asDouble()).isGreaterThan(20);
        }
        assertThat(json.at("/pages/messages").asInt()).isEqualTo(StoredMessages.FEWEST);
    }
}
