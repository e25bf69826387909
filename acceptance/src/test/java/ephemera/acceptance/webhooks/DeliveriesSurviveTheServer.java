package ephemera.acceptance.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.ServerProcess;
import ephemera.acceptance.TemporaryFolder;
import ephemera.acceptance.webhooks.Application.Hook;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server that was killed is followed by one that tells what is not known to be told; a careful one tells nobody. */
@Timeout(300)
class DeliveriesSurviveTheServer {
    /** Longer than a claim of a dead server is respected. */
    private static final int LEASE_SECONDS = 90;

    @Test
    void whenItIsKilledAndWhenItIsConfiguredOtherwise() {
        try (TemporaryFolder folder = TemporaryFolder.make(); Receiver receiver = new Receiver()) {
            ServerProcess.Launch careful = ServerProcess.Launch.on(folder.path().resolve("data"));
            Application app;
            Hook hook;
            String forbidden;
            try (ServerProcess server = careful.start()) {
                app = Application.in(server, "Books");
                hook = app.hook(receiver);
                app.opened("forbidden");
                long begin = System.nanoTime();
                while (app.dead(hook).size() < 2) {
                    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(30));
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
                }
                assertThat(app.dead(hook)).allSatisfy(
                        letter -> assertThat(letter.required("trouble").asString()).isEqualTo("forbidden_address"));
                forbidden = app.dead(hook).getFirst().required("delivery").asString();
                assertThat(receiver.rest()).isEmpty();
            }
            Notice killed;
            try (ServerProcess server = careful.with(Application.ALLOWED).start()) {
                app.at(server).run("webhook", "replay", forbidden).expectSuccess();
                assertThat(receiver.next().delivery()).isEqualTo(forbidden);
                receiver.fallsSilent();
                app.at(server).opened("killed");
                killed = receiver.next();
                receiver.next();
                server.killServer();
            }
            receiver.speaksAgain();
            try (ServerProcess server = careful.with(Application.ALLOWED).start()) {
                Notice repeated = receiver.next(LEASE_SECONDS);
                while (!repeated.delivery().equals(killed.delivery())) {
                    repeated = receiver.next(LEASE_SECONDS);
                }
                repeated.signedBy(hook.secret());
                assertThat(repeated.url()).isEqualTo(killed.url());
                assertThat(server.isRunning()).isTrue();
            }
        }
    }
}
