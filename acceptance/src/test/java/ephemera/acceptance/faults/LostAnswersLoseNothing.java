package ephemera.acceptance.faults;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.ServerProcess;
import ephemera.acceptance.TemporaryFolder;
import ephemera.acceptance.TheServer;
import ephemera.acceptance.client.Credentials;
import ephemera.acceptance.client.Deadline;
import ephemera.acceptance.client.Draft;
import ephemera.acceptance.client.Event;
import ephemera.acceptance.client.EventStream;
import ephemera.acceptance.client.Reply;
import ephemera.acceptance.client.Tiger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The connection to the database breaks when the database has done its work and the server does not know it yet. */
class LostAnswersLoseNothing {
    private static final String JOURNAL = "ephemera journal";
    private static final String ACKNOWLEDGEMENTS = "ephemera acknowledgements";
    private static final String NOTIFICATIONS = "ephemera notifications";

    private static TemporaryFolder folder;
    private static OwnPostgres database;
    private static LossyLink link;
    private static ServerProcess server;
    private static List<Credentials> people;
    private static int taken;

    private final Credentials alice = next();
    private final Credentials bob = next();

    @BeforeAll
    static void startServer() {
        folder = TemporaryFolder.make();
        database = OwnPostgres.start(folder.path().resolve("database"), TheServer.process().data(),
                ServerProcess.freePort());
        link = new LossyLink(database.port());
        Path data = folder.path().resolve("data");
        database.configure(data);
        server = ServerProcess.Launch.on(data).with("--set", "database.url=" + OwnPostgres.urlAt(link.port()))
                .withDemo().start();
        people = server.commands().importPeople(server.demo().organization(), "person", 20);
    }

    private static Credentials next() {
        return people.get(taken++);
    }

    @AfterAll
    static void end() {
        server.close();
        link.close();
        database.close();
        folder.close();
    }

    @BeforeEach
    void talkOnce() {
        as(alice).send(bob.token(), "hello").expect(200);
    }

    @Test
    void sendThatWasStoredUnknowinglyReachesStreamsThatWereOpen() {
        try (EventStream stream = as(bob).events().untilLive()) {
            CountDownLatch lost = link.loseNextAnswer(JOURNAL, "INSERT");
            Draft draft = Draft.to(bob.token(), "was I heard?");
            assertThat(as(alice).send(draft).status()).isEqualTo(503);
            LossyLink.await(lost);

            // The server finds it by itself, whether or not the sender tries again.
            Event event = stream.await(each -> each.isMessage() && each.text("body").equals(draft.body()));
            Reply again = as(alice).send(draft).expect(200);
            assertThat(again.messageId()).isEqualTo(event.messageId());

            Reply next = as(alice).send(bob.token(), "and now?").expect(200);
            stream.await(each -> each.messageId().equals(next.messageId()));
            assertThat(stream.messages()).extracting(Event::messageId).doesNotHaveDuplicates()
                    .endsWith(event.messageId(), next.messageId());
            stream.acknowledgeAll();
        }
        assertNothingIsReplayedTo(bob);
    }

    @Test
    void sendThatWasNotStoredIsStoredOnceByItsRepetition() {
        try (EventStream stream = as(bob).events().untilLive()) {
            Draft draft = Draft.to(bob.token(), "once more");
            CountDownLatch lost = link.loseNextQuestion(JOURNAL);
            int status = as(alice).send(draft).status();
            // An idle writer asks now and then whether its connection lives: then that was lost, and nothing was sent.
            for (int i = 0; status == 200 && i < 10; i++) {
                LossyLink.await(lost);
                draft = Draft.to(bob.token(), "once more, " + i);
                lost = link.loseNextQuestion(JOURNAL);
                status = as(alice).send(draft).status();
            }
            assertThat(status).isEqualTo(503);
            LossyLink.await(lost);
            String body = draft.body();

            String token = as(alice).send(draft).expect(200).messageId();
            stream.await(each -> each.messageId().equals(token));
            String next = as(alice).send(bob.token(), "last").expect(200).messageId();
            stream.await(each -> each.messageId().equals(next));
            assertThat(stream.messages()).filteredOn(each -> each.text("body").equals(body)).hasSize(1);
        }
    }

    @Test
    void changeWhoseAnswerWasLostReachesStreamsThatWereOpen() {
        String token = as(alice).send(bob.token(), "to be recalled").expect(200).messageId();
        try (EventStream stream = as(bob).events().untilLive()) {
            CountDownLatch lost = link.loseNextAnswer(JOURNAL, "COMMIT");
            assertThat(as(alice).recall(token).status()).isEqualTo(503);
            LossyLink.await(lost);
            as(alice).recall(token).expect(204);
            stream.await(each -> each.is("message:status") && each.messageId().equals(token));
        }
    }

    @Test
    void acknowledgementThatWasNotStoredIsStoredByItsRepetition() {
        try (EventStream stream = as(bob).events().untilLive()) {
            List<String> ids = stream.received().stream().filter(each -> !each.lastEventId().isEmpty()).map(Event::id)
                    .toList();
            link.cut(ACKNOWLEDGEMENTS);
            assertThat(as(bob).acknowledge(ids).status()).isEqualTo(503);
            link.restore();
            as(bob).acknowledge(ids).expect(204);
        }
        assertNothingIsReplayedTo(bob);
    }

    @Test
    void streamsSurviveADatabaseThatGoesAwayAndComesBack() {
        try (EventStream stream = as(bob).events("heartbeat_5").untilLive()) {
            database.stop();
            assertThat(as(alice).send(bob.token(), "nobody keeps this").status()).isEqualTo(503);
            database.startAgain();
            String token = sendUntilAcknowledged(Draft.to(bob.token(), "welcome back"));
            stream.await(each -> each.messageId().equals(token));
        }
    }

    @Test
    void streamThatCannotBeServedIsEndedRatherThanSilent() {
        // Who bob is, is known to the server: it finds out late that it cannot serve him.
        as(bob).me().expect(200);
        link.cut();
        try (EventStream stream = as(bob).events("no-offline-messages", "heartbeat_5")) {
            assertThat(stream.awaitEnd()).as("ended by the server").startsWith("closed");
        } catch (AssertionError refused) {
            assertThat(refused).hasMessageContaining("503");
        } finally {
            link.restore();
        }
        sendUntilAcknowledged(Draft.to(bob.token(), "are you there?"));
        try (EventStream stream = as(bob).events("no-offline-messages").untilLive()) {
            String token = as(alice).send(bob.token(), "now you are").expect(200).messageId();
            stream.await(each -> each.messageId().equals(token));
        }
    }

    @Test
    void revocationThatCouldNotBeHeardEndsStreamsWhenItCan() {
        try (EventStream stream = as(bob).events("heartbeat_5").untilLive()) {
            link.cut(NOTIFICATIONS);
            try {
                server.commands().run("key", "revoke", bob.key()).expectSuccess();
            } finally {
                link.restore();
            }
            assertThat(stream.awaitEnd()).as("ended by the server").startsWith("closed");
        }
        assertThat(as(bob).me().status()).isEqualTo(401);
    }

    private String sendUntilAcknowledged(Draft draft) {
        Deadline deadline = Deadline.in(Deadline.LONGEST.multipliedBy(2));
        while (!deadline.isOver()) {
            Reply reply = as(alice).send(draft);
            if (reply.status() == 200) {
                return reply.messageId();
            }
            assertThat(reply.status()).isEqualTo(503);
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
        throw new AssertionError("The server does not find its way back to the database.");
    }

    private static void assertNothingIsReplayedTo(Credentials somebody) {
        try (EventStream stream = as(somebody).events().untilLive()) {
            assertThat(stream.received()).filteredOn(each -> !each.lastEventId().isEmpty()).isEmpty();
        }
    }

    private static Tiger as(Credentials somebody) {
        return Tiger.at(server.url()).as(somebody);
    }
}
