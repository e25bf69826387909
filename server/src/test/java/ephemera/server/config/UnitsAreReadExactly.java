package ephemera.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnitsAreReadExactly {

    @ParameterizedTest
    @CsvSource({"0B, 0, 0B", "1B, 1, 1B", "1023B, 1023, 1023B", "1024B, 1024, 1KB", "1536B, 1536, 1536B",
        "64KB, 65536, 64KB", "10MB, 10485760, 10MB", "1024MB, 1073741824, 1GB",
        "999999999GB, 1073741822926258176, 999999999GB"})
    void size(String text, long bytes, String written) {
        assertThat(Size.parse(text)).contains(new Size(bytes));
        assertThat(new Size(bytes)).hasToString(written);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "KB", "1 KB", "1kb", "1KiB", "1.5MB", "-1MB", "+1MB", "1TB", "1MB ",
        "1000000000GB", "١KB"})
    void notASize(String text) {
        assertThat(Size.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"60000ms, PT1M", "120s, PT2M", "15m, PT15M", "24h, PT24H", "30d, PT720H"})
    void time(String text, Duration expected) {
        assertThat(Kind.minutes("1m", "36500d").parser().apply(text)).contains(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "m", "1 m", "1M", "1.5h", "-1m", "1w", "1m30s", "59s", "61s",
        "36501d", "9999999999d"})
    void notATime(String text) {
        assertThat(Kind.minutes("1m", "36500d").parser().apply(text)).isEmpty();
    }
}
