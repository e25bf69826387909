package ephemera.acceptance.vanishing;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.ServerProcess;
import ephemera.acceptance.TemporaryFolder;
import ephemera.acceptance.client.Credentials;
import ephemera.acceptance.client.Draft;
import ephemera.acceptance.client.EventStream;
import ephemera.acceptance.client.Reply;
import ephemera.acceptance.client.Tiger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * At the instant of a message's end, of its recall, of its first reading: who asks later gets nothing, whatever else
 * happens at that instant.
 *
 * <p>Slices and epochs are short, so that keys are destroyed and partitions dropped under the feet of those who ask.
 * Server and test share one clock. The race for the ends goes on in the background from the first message on.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ExpiredMessageIsNeverServed {
    private static final int READERS = 50;
    private static final int MESSAGES = 1_000;
    /** So far apart that two busy cores have answered the twenty who race for one end before the next twenty come. */
    private static final int BETWEEN_MILLIS = 60;
    private static final int RECALLS = 100;
    private static final byte[] FILE = new byte[2_000];

    private static TemporaryFolder folder;
    private static ServerProcess server;
    private static Credentials sender;
    private static List<Credentials> readers;
    private static EventStream told;
    private static ExpiryRace race;
    private static CompletableFuture<Void> running;

    @BeforeAll
    static void begin() {
        folder = TemporaryFolder.make();
        server = ServerProcess.Launch.on(folder.path().resolve("data")).withDemo().with(
                "--set", "vault.slice.short=2s", "--set", "vault.epoch.narrowest=4s", "--set", "vault.early-death=2s",
                "--set", "limits.stream-buffer=100000").start();
        sender = server.demo().members().getFirst().credentials();
        readers = server.commands().importPeople(server.demo().organization(), "reader", READERS);
        told = as(sender).events().untilLive().acknowledging();
        race = new ExpiryRace(server.url(), server.demo().members().getLast().credentials());
        readers.forEach(reader -> race.before(Letter.send(server.url(), sender, reader, to(reader, "before", 120))));
        running = CompletableFuture.runAsync(() -> race.run(MESSAGES), Thread::startVirtualThread);
        Instant start = Instant.now();
        for (int i = 0; i < MESSAGES; i++) {
            Patience.until(start.plusMillis((long) BETWEEN_MILLIS * i));
            Credentials reader = readers.get(i % READERS);
            Draft draft = to(reader, "message " + i, 1);
            race.add(Letter.send(server.url(), sender, reader,
                    i % 4 == 0 ? draft.withAttachment("a.bin", "application/octet-stream", FILE) : draft));
        }
    }

    private static Draft to(Credentials reader, String body, int minutes) {
        return Draft.to(reader.token(), body).withTtl(minutes);
    }

    private static Tiger as(Credentials somebody) {
        return Tiger.at(server.url()).as(somebody);
    }

    @AfterAll
    static void end() {
        if (server != null) {
            server.close();
        }
        folder.close();
    }

    /** First, so that nobody else keeps the server busy while the race is on. */
    @Test
    @Order(1)
    void afterItsEnd() throws Exception {
        running.get(10, TimeUnit.MINUTES);
        assertThat(race.breaches()).isEmpty();
        assertThat(race.losses()).as("what those are told who come late").containsExactly("404 not_found");
        assertThat(race.tries()).isEqualTo((long) ExpiryRace.TRIES * MESSAGES);
        System.getLogger(ExpiredMessageIsNeverServed.class.getName()).log(System.Logger.Level.INFO,
                "{0} tries, {1} within 10 ms of the end, {2} served", race.tries(), race.close(), race.wins());
        // Of 2,000 and of 20,000, on the slowest of machines.
        assertThat(race.wins()).as("served before the end").isGreaterThan(100);
        assertThat(race.close()).as("asked within 10 ms of the end, on either side").isGreaterThan(500);
        assertThat(told.end()).isEmpty();
        assertThat(race.markedLate(told.received())).as("receipts of what was over").isEmpty();
    }

    @Test
    void afterItsRecall() throws Exception {
        List<String> breaches = new ArrayList<>();
        int refused = 0;
        for (int i = 0; i < RECALLS; i++) {
            Letter letter = Letter.send(server.url(), sender, readers.get(i % READERS),
                    to(readers.get(i % READERS), "taken back " + i, 120).withAttachment("a.bin", "a/b", FILE));
            List<Asked> asked = aroundItsRecall(letter);
            Instant recalled = asked.getLast().answered();
            for (Asked each : asked.subList(0, asked.size() - 1)) {
                boolean late = !each.at().isBefore(recalled);
                String outcome = ExpiryRace.outcome(each.reply());
                if (late ? !outcome.equals("404 not_found") : each.reply().status() / 100 > 4) {
                    breaches.add(each.at() + ", recalled " + recalled + ": " + each.reply());
                }
                refused += late ? 1 : 0;
            }
        }
        assertThat(breaches).isEmpty();
        assertThat(refused).as("asked after a recall").isGreaterThan(RECALLS);
    }

    private record Asked(Instant at, Reply reply, Instant answered) {}

    private interface Call {
        Reply of(String message);
    }

    /** Readers who ask again and again, and a sender who recalls; the recall comes last in the list. */
    private List<Asked> aroundItsRecall(Letter letter) throws InterruptedException, ExecutionException {
        Tiger reader = as(letter.reader());
        List<Call> calls = List.of(reader::message, reader::attachment,
                message -> reader.forward(message, server.demo().members().getLast().token()));
        CountDownLatch recalled = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<Asked>>> asking = calls.stream().map(call -> threads.submit(() -> {
                List<Asked> asked = new ArrayList<>();
                boolean last;
                do {
                    last = recalled.getCount() == 0;
                    asked.add(ask(call, letter));
                } while (!last);
                return asked;
            })).toList();
            Asked recall = ask(as(sender)::recall, letter);
            recalled.countDown();
            recall.reply().expect(204);
            List<Asked> all = new ArrayList<>();
            for (Future<List<Asked>> each : asking) {
                all.addAll(each.get());
            }
            all.add(recall);
            return all;
        }
    }

    private static Asked ask(Call call, Letter letter) {
        Instant at = Instant.now();
        Reply reply = call.of(letter.id());
        return new Asked(at, reply, Instant.now());
    }

    @Test
    void fiftyWhoReadItAtOnceAreOneReader() throws Exception {
        List<Credentials> members = readers.subList(0, 3);
        String group = as(sender).createGroup("Once", false,
                members.stream().map(Credentials::token).toList()).expect(200).groupToken();
        for (int i = 0; i < 10; i++) {
            boolean inGroup = i % 5 == 4;
            List<Credentials> reading = inGroup ? members : members.subList(i % 3, i % 3 + 1);
            String recipient = inGroup ? group : reading.getFirst().token();
            String message = as(sender).send(Draft.to(recipient, "once " + i).withTtl(120).withDeleteOnRead(true))
                    .expect(200).messageId();
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<Reply>> replies = IntStream.range(0, 50).boxed().flatMap(_ -> reading.stream())
                        .map(reader -> threads.submit(() -> as(reader).read(message))).toList();
                for (Future<Reply> each : replies) {
                    each.get().expect(200);
                }
            }
            // What was told before this is told.
            String fence = as(members.getFirst()).send(sender.token(), "fence").expect(200).messageId();
            told.await(event -> event.isMessage() && event.messageId().equals(fence));
            assertThat(told.received().stream().filter(event -> !event.isMessage()
                    && event.messageId().equals(message) && event.text("status").equals("Read"))
                    .map(event -> event.text("account_id"))).as("who has read it")
                    .containsExactlyInAnyOrderElementsOf(reading.stream().map(Credentials::token).toList());
        }
    }
}
