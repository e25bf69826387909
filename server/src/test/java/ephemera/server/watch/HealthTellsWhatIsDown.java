package ephemera.server.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ephemera.server.watch.Health.State.Down;
import ephemera.server.watch.Health.State.Up;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class HealthTellsWhatIsDown {

    /** Longer than any check takes that does not hang. */
    private static final Duration PATIENT = Duration.ofSeconds(60);

    @Test
    void withoutAnyCheckItIsUp() {
        assertThat(new Health().ready().up()).isTrue();
        assertThat(new Health().ready().json()).isEqualTo("{\"status\":\"up\",\"checks\":{}}");
    }

    @Test
    void oneCheckThatIsDownIsEnough() {
        Health health = new Health(PATIENT);
        health.readiness("journal", Up::new);
        health.readiness("database", () -> new Down("no \"answer\"\n"));
        health.liveness("loop", Up::new);

        assertThat(health.ready().up()).isFalse();
        assertThat(health.ready().json()).isEqualTo("{\"status\":\"down\",\"checks\":{"
                + "\"database\":{\"status\":\"down\",\"reason\":\"no \\\"answer\\\"\\n\"},"
                + "\"journal\":{\"status\":\"up\"}}}");
        assertThat(health.live().up()).isTrue();
        assertThat(health.live().json()).isEqualTo("{\"status\":\"up\",\"checks\":{\"loop\":{\"status\":\"up\"}}}");
    }

    @Test
    void checkThatThrowsIsDownAndTellsNoMoreThanTheKind() {
        Health health = new Health(PATIENT);
        health.readiness("checked", () -> {
            throw new IOException("secret host");
        });
        health.readiness("error", () -> {
            throw new StackOverflowError();
        });

        assertThat(health.ready().states())
                .isEqualTo(Map.of("checked", new Down("IOException"), "error", new Down("StackOverflowError")));
    }

    @Test
    void checkThatHangsIsDownAndNotStartedTwice() throws InterruptedException {
        Health health = new Health(Duration.ofMillis(50));
        CountDownLatch hang = new CountDownLatch(1);
        AtomicInteger started = new AtomicInteger();
        health.readiness("slow", () -> {
            started.incrementAndGet();
            hang.await();
            return new Up();
        });
        health.readiness("quick", Up::new);

        for (int i = 0; i < 3; i++) {
            assertThat(health.ready().states()).containsEntry("slow", new Down("no answer within 50 ms"));
        }
        // Where much else is going on, the quick one may be late, too, but not for ever.
        while (!health.ready().states().containsValue(new Up())) {
            Thread.onSpinWait();
        }
        assertThat(started).hasValue(1);

        hang.countDown();
        while (!health.ready().up()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void checksRunSideBySide() {
        Health health = new Health(PATIENT);
        CountDownLatch both = new CountDownLatch(2);
        for (String name : new String[] {"a", "b"}) {
            health.readiness(name, () -> {
                both.countDown();
                both.await();
                return new Up();
            });
        }

        assertThat(health.ready().up()).isTrue();
    }

    @Test
    void stateIsAskedEachTime() {
        Health health = new Health(PATIENT);
        AtomicInteger asked = new AtomicInteger();
        health.liveness("odd", () -> asked.incrementAndGet() % 2 == 1 ? new Up() : new Down("even"));

        assertThat(health.live().up()).isTrue();
        assertThat(health.live().up()).isFalse();
        assertThat(health.live().up()).isTrue();
    }

    @Test
    void nameIsTakenOnce() {
        Health health = new Health(PATIENT);
        health.readiness("database", Up::new);
        health.liveness("database", Up::new);

        assertThatThrownBy(() -> health.readiness("database", Up::new)).isInstanceOf(IllegalArgumentException.class);
    }
}
