package ephemera.core.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ephemera.core.Failure;
import ephemera.core.Refused;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class AttemptsAreLimited {

    private static final Duration WINDOW = Duration.ofMinutes(15);

    private Instant now = Instant.parse("2026-01-02T03:04:05Z");
    private final Attempts attempts = new Attempts(() -> now, 3, WINDOW);

    private void fail(String subject, int times) {
        for (int i = 0; i < times; i++) {
            attempts.check(subject);
            attempts.failed(subject);
        }
    }

    private Refused refusal(String subject) {
        return catchThrowableOfType(Refused.class, () -> attempts.check(subject));
    }

    @Test
    void soManyMayFailAndNoMore() {
        fail("bob", 3);
        assertThat(refusal("bob").failure()).isEqualTo(Failure.TOO_MANY);
    }

    @Test
    void andTheRefusalSaysHowLongToWait() {
        fail("bob", 1);
        now = now.plusSeconds(60);
        fail("bob", 2);
        assertThat(refusal("bob").retryAfter()).contains(WINDOW.minusSeconds(60));
        now = now.plusSeconds(30);
        assertThat(refusal("bob").retryAfter()).contains(WINDOW.minusSeconds(90));
    }

    @Test
    void untilTheWindowHasPassed() {
        fail("bob", 3);
        now = now.plus(WINDOW).minusMillis(1);
        assertThat(refusal("bob")).isNotNull();
        now = now.plusMillis(1);
        assertThatCode(() -> attempts.check("bob")).doesNotThrowAnyException();
        fail("bob", 3);
        assertThat(refusal("bob").retryAfter()).contains(WINDOW);
    }

    @Test
    void countedAnewInEachWindow() {
        fail("bob", 2);
        now = now.plus(WINDOW);
        assertThat(attempts.left("bob")).isEqualTo(3);
        fail("bob", 2);
        assertThat(attempts.left("bob")).isEqualTo(1);
        assertThatCode(() -> attempts.check("bob")).doesNotThrowAnyException();
    }

    @Test
    void forEachSubjectAlone() {
        fail("bob", 3);
        assertThatCode(() -> attempts.check("eve")).doesNotThrowAnyException();
        assertThat(attempts.left("eve")).isEqualTo(3);
    }

    @Test
    void andSuccessForgivesThem() {
        fail("bob", 2);
        attempts.succeeded("bob");
        assertThat(attempts.left("bob")).isEqualTo(3);
        fail("bob", 3);
        assertThat(refusal("bob")).isNotNull();
    }

    @Test
    void theyAreCountedDown() {
        for (int left = 3; left >= 0; left--) {
            assertThat(attempts.left("bob")).isEqualTo(left);
            attempts.failed("bob");
        }
        assertThat(attempts.left("bob")).isZero();
    }

    /** Whoever makes up subjects fills no memory; the oldest is forgotten first. */
    @Test
    void inATableThatDoesNotGrow() {
        fail("first", 3);
        fail("second", 3);
        for (int i = 0; i < 99_999; i++) {
            attempts.failed("subject " + i);
        }
        assertThatCode(() -> attempts.check("first")).doesNotThrowAnyException();
        assertThat(refusal("second")).isNotNull();
    }
}
