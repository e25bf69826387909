package ephemera.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestNameIsFound {

    private static final List<String> KEYS = Settings.all().stream().<String>map(Setting::key).toList();

    @ParameterizedTest
    @CsvSource({"http.prot, http.port", "HTTP.PORT, http.port", "http_port, http.port", "host, http.host",
        "managment.port, management.port", "lifespan.min, message.lifespan.min", "tls.key, http.tls.key",
        "database.pasword, database.password", "loglevel, log.level", "dta, data",
        "limits.group.members, limits.group-members", "cors, http.cors.origins"})
    void whateverWasMeant(String given, String meant) {
        assertThat(Nearest.to(given, KEYS)).isEqualTo(meant);
    }

    @ParameterizedTest
    @CsvSource({"'', '', 0", "abc, abc, 0", "'', abc, 3", "abc, '', 3", "abc, acb, 1", "abc, abx, 1", "abc, abcd, 1",
        "abc, bc, 1", "kitten, sitting, 3", "ca, abc, 3"})
    void edits(String a, String b, int count) {
        assertThat(Nearest.edits(a, b)).isEqualTo(count);
        assertThat(Nearest.edits(b, a)).isEqualTo(count);
    }

    @Test
    void hugeNameCostsLittle() {
        assertThat(KEYS).contains(Nearest.to("x".repeat(1_000_000), KEYS));
    }
}
