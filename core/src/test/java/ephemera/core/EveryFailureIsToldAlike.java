package ephemera.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EveryFailureIsToldAlike {

    @ParameterizedTest
    @EnumSource
    void withACodeAStatusAndASentence(Failure failure) {
        assertThat(failure.code()).matches("[a-z]+(_[a-z]+)*");
        assertThat(failure.status()).isBetween(400, 599);
        assertThat(failure.text()).matches("[A-Z].*\\.");
        assertThat(failure.retryable()).isEqualTo(failure.status() == 429 || failure.status() >= 500);
    }

    @Test
    void andNoTwoShareACode() {
        assertThat(Arrays.stream(Failure.values()).map(Failure::code)).doesNotHaveDuplicates();
    }

    /** 401 ends a published client's session (the TigerConnect contract, section 1.8), so nothing else may say it. */
    @Test
    void andOnlyBadCredentialsAreUnauthorized() {
        assertThat(Arrays.stream(Failure.values()).filter(failure -> failure.status() == 401))
                .containsExactly(Failure.WRONG_CREDENTIALS);
    }

    @Test
    void andARefusalSaysWhenToTryAgain() {
        Refused refused = Failure.TOO_MANY.refused("Slower.").retryAfter(Duration.ofSeconds(7));
        assertThat(refused.failure()).isEqualTo(Failure.TOO_MANY);
        assertThat(refused).hasMessage("Slower.");
        assertThat(refused.retryAfter()).contains(Duration.ofSeconds(7));
        assertThat(Failure.NOT_FOUND.refused().retryAfter()).isEmpty();
        assertThat(refused.getStackTrace()).as("a refusal is an answer, not an accident").isEmpty();
    }
}
