package ephemera.acceptance.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.ServerProcess;
import ephemera.acceptance.TemporaryFolder;
import ephemera.acceptance.client.Deadline;
import ephemera.acceptance.webhooks.Application.Hook;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server that was killed is followed by one that tells what is not known to be told; a careful one tells nobody. */
@Timeout(600)
class DeliveriesSurviveTheServer {
    /** Longer than a claim of a dead server is respected. */
    private static final int LEASE_SECONDS = 180;

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
                Deadline.untilPasses(() -> assertThat(app.dead(hook)).hasSizeGreaterThanOrEqualTo(2));
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
