package ephemera.acceptance.faults;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.ServerProcess;
import ephemera.acceptance.client.Credentials;
import ephemera.acceptance.client.Draft;
import ephemera.acceptance.client.Event;
import ephemera.acceptance.client.EventStream;
import ephemera.acceptance.client.Reply;
import ephemera.acceptance.client.Tiger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A full disk is told as "try again", and as soon as there is room it goes on with everything that was acknowledged.
 */
@ParameterizedClass
@MethodSource("disks")
class FullDiskLosesNothing {
    private static final Duration LONGEST = Duration.ofSeconds(120);
    private static final int REFUSALS = 8;
    private static final String LONG = "x".repeat(60_000);

    private final List<String> acknowledged = new ArrayList<>();
    private final ScarceDisk disk;
    private final ServerProcess server;
    private final Credentials alice;
    private final Credentials bob;
    private int number;

    FullDiskLosesNothing(ScarceDisk disk) {
        this.disk = disk;
        server = ServerProcess.startDemo(disk.path().resolve("data"));
        alice = server.demo().members().getFirst().credentials();
        bob = server.demo().members().getLast().credentials();
    }

    static List<ScarceDisk> disks() {
        return ScarceDisk.all();
    }

    @AfterEach
    void end() {
        server.close();
        disk.close();
    }

    @Test
    void ofMessagesThatWereAcknowledged() {
        String file = sendUntilAcknowledged(withFile());
        for (int i = 0; i < 5; i++) {
            sendUntilAcknowledged(message());
        }
        disk.fill(server);
        List<Draft> refused = sendUntilRefused();
        assertThat(as(alice).send(withFile()).status()).as("a file on a full disk").isEqualTo(503);
        disk.makeRoom(server);

        // The same requests again: whether one was stored after all makes no difference.
        refused.forEach(this::sendUntilAcknowledged);
        for (int i = 0; i < 5; i++) {
            sendUntilAcknowledged(message());
        }
        assertEverythingCame();
        assertThat(as(bob).attachment(file).expect(200).body()).hasSize(500_000);

        server.killBoth();
        try (ServerProcess _ = server.launch().start()) {
            assertEverythingCame();
        }
    }

    /** Sends until there is no room, and then some more; gives what was refused. */
    private List<Draft> sendUntilRefused() {
        List<Draft> refused = new ArrayList<>();
        long begin = System.nanoTime();
        while (refused.size() < REFUSALS) {
            assertThat(System.nanoTime() - begin).as("sends are refused").isLessThan(LONGEST.toNanos());
            Draft draft = message();
            Reply reply = as(alice).send(draft);
            assertThat(reply.status()).as(reply.toString()).isIn(200, 503);
            if (reply.status() == 200) {
                acknowledged.add(reply.messageId());
            } else {
                refused.add(draft);
            }
        }
        return refused;
    }

    private String sendUntilAcknowledged(Draft draft) {
        long begin = System.nanoTime();
        while (true) {
            Reply reply = as(alice).send(draft);
            if (reply.status() == 200) {
                acknowledged.add(reply.messageId());
                return reply.messageId();
            }
            assertThat(reply.status()).as(reply.toString()).isEqualTo(503);
            assertThat(System.nanoTime() - begin).as("a send is acknowledged again").isLessThan(LONGEST.toNanos());
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
        }
    }

    /** Bob has acknowledged nothing: all of it is replayed, once. */
    private void assertEverythingCame() {
        try (EventStream stream = as(bob).events().untilLive()) {
            assertThat(stream.messages()).extracting(Event::messageId)
                    .containsExactlyInAnyOrderElementsOf(acknowledged);
        }
    }

    private Draft message() {
        return Draft.to(bob.token(), "number " + number++ + " " + LONG);
    }

    private Draft withFile() {
        return Draft.to(bob.token(), "with a file").withAttachment("a.bin", "application/octet-stream",
                new byte[500_000]);
    }

    private Tiger as(Credentials somebody) {
        return Tiger.at(server.url()).as(somebody);
    }
}
