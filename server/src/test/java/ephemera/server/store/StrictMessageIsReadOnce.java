package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.Lifespan;
import ephemera.core.directory.PersonId;
import ephemera.core.talk.Archive;
import ephemera.core.talk.Content;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Message;
import ephemera.core.talk.Notice;
import ephemera.core.talk.Outgoing;
import ephemera.core.talk.Priority;
import ephemera.core.talk.ReceiptStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a strict delete-on-read message says leaves the server once for each recipient. */
class StrictMessageIsReadOnce {

    private static final int READERS = 50;

    private final OwnDatabase own = new OwnDatabase();
    private final Node node = new Node(own).start();
    private final PersonId alice = node.person();
    private final PersonId bob = node.person();

    @AfterEach
    void end() {
        node.close();
        own.close();
    }

    private Message send() {
        node.direct(alice, bob);
        Outgoing plain = Node.toPerson(alice, bob, "");
        return node.journal.send(new Outgoing(
                plain.id(),
                plain.organization(),
                ConversationId.between(alice, bob),
                alice,
                Optional.of(bob),
                Lifespan.ofMinutes(60),
                new Message.Traits(Message.Burning.AT_ONCE, Priority.NORMAL, "", ""),
                new Content("only once", List.of(), List.of()),
                Optional.empty(),
                List.of(),
                false))
                .message();
    }

    private Archive.Found found(Message message, PersonId viewer) {
        return node.archive.message(message.id(), message.organization(), viewer);
    }

    @Test
    void ofManyWhoTryAtTheSameTimeOneSucceeds() throws Exception {
        Message message = send();
        CountDownLatch together = new CountDownLatch(1);
        List<Future<Boolean>> claims = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < READERS; i++) {
                claims.add(threads.submit(() -> {
                    together.await();
                    return node.journal.claim(bob, message);
                }));
            }
            together.countDown();
        }

        int winners = 0;
        for (Future<Boolean> claim : claims) {
            winners += claim.get() ? 1 : 0;
        }
        assertThat(winners).isEqualTo(1);
        assertThat(node.heard.take())
                .filteredOn(entry -> entry.notice() instanceof Notice.Marked marked
                        && marked.status() == ReceiptStatus.READ)
                .hasSize(2)
                .allSatisfy(entry -> assertThat(((Notice.Marked) entry.notice()).message()).isEqualTo(message.id()));
    }

    @Test
    void itIsGoneWithTheReading() {
        Message message = send();
        assertThat(found(message, bob)).isInstanceOf(Archive.Found.Visible.class);

        node.journal.claim(bob, message);

        assertThat(found(message, bob)).isInstanceOf(Archive.Found.Missing.class);
        assertThat(found(message, alice)).isInstanceOf(Archive.Found.Missing.class);
    }

    @Test
    void aReceiptAloneReadsItToo() {
        Message message = send();

        node.journal.mark(bob, Map.of(message.id(), ReceiptStatus.READ));

        assertThat(node.journal.claim(bob, message)).isFalse();
        assertThat(found(message, bob)).isInstanceOf(Archive.Found.Missing.class);
    }

    @Test
    void streamsAreToldOfItButNotWhatItSays() {
        Message message = send();

        assertThat(node.heard.take())
                .filteredOn(entry -> entry.notice() instanceof Notice.Sent)
                .singleElement()
                .satisfies(entry -> assertThat(((Notice.Sent) entry.notice()).message())
                        .isEqualTo(message.withheld()));
    }
}
