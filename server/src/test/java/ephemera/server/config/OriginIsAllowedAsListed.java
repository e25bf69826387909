package ephemera.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OriginIsAllowedAsListed {

    @Test
    void starAllowsAny() {
        Origins any = Origins.parse(List.of("*")).orElseThrow();

        assertThat(any.allows("https://a.example")).isTrue();
        assertThat(any.allows("null")).isTrue();
    }

    @Test
    void listAllowsExactlyWhatItNames() {
        Origins listed = Origins.parse(List.of("https://a.example", "http://[::1]:8080", "app://x")).orElseThrow();

        assertThat(listed.allows("https://a.example")).isTrue();
        assertThat(listed.allows("http://[::1]:8080")).isTrue();
        assertThat(listed.allows("http://a.example")).isFalse();
        assertThat(listed.allows("https://a.example.evil.test")).isFalse();
        assertThat(listed.allows("https://a.example:8443")).isFalse();
        assertThat(listed.allows("null")).isFalse();
        assertThat(Origins.parse(List.of()).orElseThrow().allows("https://a.example")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.example", "https://", "https://a.example/", "https://A.example", "https://*.example",
        "https://a.example\n", "null", ""})
    void whatNoBrowserSendsIsNoOrigin(String entry) {
        assertThat(Origins.parse(List.of(entry))).isEmpty();
    }
}
