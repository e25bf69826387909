package ephemera.core.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ephemera.core.Lifespan;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyBoundsEveryLifespan {

    private static Policy policy(int standard, int shortest, int longest) {
        return new Policy(
                new Lifespan(standard), new Lifespan(shortest), new Lifespan(longest), false, true, true, false, false);
    }

    @ParameterizedTest
    @CsvSource({
        "-9223372036854775808, 100",
        "-1, 100",
        "0, 100",
        "1, 10",
        "9, 10",
        "10, 10",
        "11, 11",
        "100, 100",
        "999, 999",
        "1000, 1000",
        "1001, 1000",
        "2147483648, 1000",
        "9223372036854775807, 1000",
    })
    void whateverIsAskedFor(long asked, int granted) {
        assertThat(policy(100, 10, 1_000).lifespan(Optional.of(asked))).isEqualTo(new Lifespan(granted));
    }

    @Test
    void andNothingAskedForIsTheStandard() {
        assertThat(policy(100, 10, 1_000).lifespan(Optional.empty())).isEqualTo(new Lifespan(100));
    }

    @Test
    void andAnyAnswerLiesWithinTheBounds() {
        Random random = new Random(7);
        for (int i = 0; i < 10_000; i++) {
            int[] bounds = random.ints(3, 1, Lifespan.LONGEST_MINUTES + 1).sorted().toArray();
            Policy policy = policy(bounds[1], bounds[0], bounds[2]);
            long asked = random.nextLong() >> random.nextInt(64);
            Lifespan granted = policy.lifespan(Optional.of(asked));
            assertThat(granted).as("%d under %s", asked, policy).isBetween(policy.shortest(), policy.longest());
            if (asked >= bounds[0] && asked <= bounds[2]) {
                assertThat(granted.minutes()).isEqualTo((int) asked);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"5, 10, 1000", "1001, 10, 1000", "10, 1000, 10"})
    void andBoundsOutOfOrderAreNoPolicy(int standard, int shortest, int longest) {
        assertThatIllegalArgumentException().isThrownBy(() -> policy(standard, shortest, longest));
    }
}
