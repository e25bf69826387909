package ephemera.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LifespanIsWholeMinutes {

    @ParameterizedTest
    @CsvSource({
        "PT1M, 1", "PT60S, 1", "PT60.001S, 2", "PT61S, 2", "PT0.000000001S, 1", "PT59M59S, 60", "P30D, 43200",
        "PT0S, 1", "PT-1H, 1", "P3660D, 5270400", "P4000D, 5270400", "PT2562047788015215H30M7S, 5270400"
    })
    void roundedUpAndKeptWithinWhatIsPossible(Duration length, int minutes) {
        assertThat(Lifespan.of(length)).isEqualTo(new Lifespan(minutes));
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, -1, 0, 1})
    void andAMinuteAtLeast(long minutes) {
        assertThat(Lifespan.ofMinutes(minutes)).isEqualTo(new Lifespan(1));
    }

    @ParameterizedTest
    @ValueSource(longs = {Lifespan.LONGEST_MINUTES, Lifespan.LONGEST_MINUTES + 1L, 1L << 31, Long.MAX_VALUE})
    void andTenYearsAtMost(long minutes) {
        assertThat(Lifespan.ofMinutes(minutes)).isEqualTo(new Lifespan(Lifespan.LONGEST_MINUTES));
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -1, Lifespan.LONGEST_MINUTES + 1, Integer.MAX_VALUE})
    void andNeverAnythingElse(int minutes) {
        assertThatIllegalArgumentException().isThrownBy(() -> new Lifespan(minutes));
    }

    @Test
    void onlyThatOfWhatIsKeptHasNoEnd() {
        assertThat(Lifespan.KEPT.ends()).isFalse();
        assertThat(new Lifespan(1).ends()).isTrue();
        assertThat(Lifespan.KEPT.toldMinutes()).isEqualTo(Lifespan.LONGEST_MINUTES);
        assertThat(Lifespan.KEPT).isGreaterThan(new Lifespan(Lifespan.LONGEST_MINUTES - 1));
    }

    @Test
    void theLongerOneIsTheGreater() {
        assertThat(new Lifespan(2)).isGreaterThan(new Lifespan(1)).isLessThan(new Lifespan(3));
    }
}
