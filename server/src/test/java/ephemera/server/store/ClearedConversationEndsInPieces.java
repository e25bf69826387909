package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.PersonId;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Message;
import ephemera.core.talk.Outgoing;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two people delete all that they ever said to each other, and nobody else waits for that. */
@Timeout(120)
class ClearedConversationEndsInPieces {

    private static final int PIECE = 2_000;
    private static final int MANY = 2 * PIECE + 500;

    private final OwnDatabase own = new OwnDatabase();
    private final Node node = new Node(own).start();
    private final PersonId alice = node.person();
    private final PersonId bob = node.person();
    private final ConversationId conversation = node.direct(alice, bob);

    @AfterEach
    void end() {
        node.close();
        own.close();
    }

    private void say(int messages) {
        List<Outgoing> all = Stream.generate(() -> Node.toPerson(alice, bob, "")).limit(messages).toList();
        node.journal.send(all);
    }

    private void clear() {
        node.journal.clear(conversation, alice, bob);
        node.journal.clear(conversation, bob, alice);
    }

    private long alive() {
        return node.number("SELECT count(*) FROM message WHERE content IS NOT NULL AND expires_at > now()");
    }

    private long toEnd() {
        return node.number("SELECT count(*) FROM conversation WHERE end_through IS NOT NULL");
    }

    @Test
    void howeverLongItWas() {
        say(MANY);
        clear();
        assertThat(alive()).as("the first piece has ended").isEqualTo(MANY - PIECE);
        Message later = node.journal.send(Node.toPerson(bob, alice, "")).message();

        node.journal.endDeleted();

        assertThat(alive()).as("what was said afterwards").isOne();
        assertThat(node.number("SELECT count(*) FROM message WHERE message_id = ? AND content IS NOT NULL",
                later.id().value())).isOne();
        assertThat(node.number("SELECT count(*) FROM doomed WHERE reason = 'REMOVED'")).isEqualTo(MANY);
        assertThat(node.number("SELECT max(rows) FROM (SELECT count(*) AS rows FROM doomed GROUP BY xmin::text) piece"))
                .isLessThanOrEqualTo(PIECE);
        assertThat(toEnd()).isZero();
        node.journal.endDeleted();
        assertThat(alive()).isOne();
    }

    @Test
    void andAnOrdinaryOneAtOnce() {
        say(10);
        clear();
        assertThat(alive()).isZero();
        assertThat(toEnd()).isZero();
    }
}
