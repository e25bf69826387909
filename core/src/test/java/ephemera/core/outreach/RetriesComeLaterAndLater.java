package ephemera.core.outreach;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetriesComeLaterAndLater {

    /** The longest that may be drawn. */
    private static final RandomGenerator UNLUCKY = new Random() {
        @Override
        public long nextLong(long bound) {
            return bound - 1;
        }
    };

    @ParameterizedTest
    @CsvSource({"1, 2", "2, 4", "5, 32", "11, 2048", "12, 3600", "14, 3600"})
    void upToAnHour(int attempts, int longest) {
        assertThat(Retry.after(attempts, Duration.ZERO, Optional.empty(), UNLUCKY))
                .contains(Duration.ofSeconds(longest));
    }

    @Test
    void atAnyTimeBeforeThat() {
        RandomGenerator random = new Random(7);
        for (int i = 0; i < 1_000; i++) {
            assertThat(Retry.after(4, Duration.ZERO, Optional.empty(), random).orElseThrow())
                    .isBetween(Duration.ZERO, Duration.ofSeconds(16));
        }
    }

    @Test
    void notBeforeTheReceiverWantsThem() {
        assertThat(Retry.after(1, Duration.ZERO, Optional.of(Duration.ofMinutes(10)), UNLUCKY))
                .contains(Duration.ofMinutes(10));
        assertThat(Retry.after(12, Duration.ZERO, Optional.of(Duration.ofSeconds(1)), UNLUCKY))
                .contains(Duration.ofHours(1));
        assertThat(Retry.after(1, Duration.ZERO, Optional.of(Duration.ofSeconds(Long.MAX_VALUE)), UNLUCKY))
                .contains(Duration.ofHours(1));
    }

    @Test
    void untilThereWereFifteenOrADayIsOver() {
        assertThat(Retry.after(15, Duration.ZERO, Optional.empty(), UNLUCKY)).isEmpty();
        assertThat(Retry.after(1, Duration.ofHours(24), Optional.empty(), UNLUCKY)).isEmpty();
        assertThat(Retry.after(12, Duration.ofMinutes(23 * 60 + 30), Optional.empty(), UNLUCKY)).isEmpty();
    }
}
