package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ephemera.core.directory.PersonId;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Entry;
import ephemera.core.talk.Journal;
import ephemera.core.talk.Outgoing;
import ephemera.core.talk.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A message that cannot be stored is refused alone, whatever it shares a batch with. */
@Timeout(180)
class PoisonMessageHarmsNoOther {

    private static final int MESSAGES = 60;

    @Test
    void inItsBatch() throws Exception {
        try (OwnDatabase own = new OwnDatabase();
                Node maker = new Node(own).start();
                Node node = new Node(own)) {
            PersonId alice = maker.person();
            PersonId bob = maker.person();
            ConversationId conversation = maker.direct(alice, bob);
            List<Future<Journal.Appended>> sends = new ArrayList<>();
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < MESSAGES; i++) {
                    // The database stores no NUL in a text; every door refuses it long before.
                    String subType = isPoison(i) ? "\u0000" : "";
                    Outgoing outgoing =
                            Node.outgoing(alice, conversation, Optional.of(bob), false, "request " + i, subType);
                    sends.add(threads.submit(() -> node.journal.send(outgoing)));
                }
                // All wait in one batch before the writer begins.
                while (node.journal.waiting() < MESSAGES) {
                    Thread.onSpinWait();
                }
                node.start();
                for (int i = 0; i < MESSAGES; i++) {
                    Future<Journal.Appended> send = sends.get(i);
                    if (isPoison(i)) {
                        assertThatThrownBy(send::get)
                                .isInstanceOf(ExecutionException.class)
                                .hasMessageNotContaining("hello");
                    } else {
                        assertThat(send.get().repeated()).isFalse();
                    }
                }
            }
            int healthy = MESSAGES - 3;
            assertThat(node.number("SELECT count(*) FROM message")).isEqualTo(healthy);
            List<Entry> published = node.heard.take();
            assertThat(published).hasSize(healthy);
            assertThat(published).extracting(Entry::position).isSorted().doesNotHaveDuplicates();
            assertThat(node.log.read(bob, Position.START, true, 1_000).entries()).containsAll(published);
            // And the journal goes on.
            assertThat(node.journal.send(Node.toPerson(alice, bob, "")).repeated()).isFalse();
        }
    }

    private static boolean isPoison(int i) {
        return i == 0 || i == 31 || i == MESSAGES - 1;
    }
}
