package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.Lifespan;
import ephemera.core.directory.PersonId;
import ephemera.core.talk.Archive;
import ephemera.core.talk.AuditTrail;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Emoji;
import ephemera.core.talk.Journal;
import ephemera.core.talk.Message;
import ephemera.core.vault.Grid;
import ephemera.core.vault.Slice;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Erasing a person ends what they wrote, and nothing else. */
class ErasedPersonsMessagesEnd {

    private static final int MANY = 700;

    private final OwnDatabase own = new OwnDatabase();
    private final Node node = new Node(own).start();
    private final PersonId alice = node.person();
    private final PersonId bob = node.person();
    private final Erasure erasure =
            new Erasure(node.database, new Json(), new Epochs(node.database, Grid.DEFAULT), node.outbox);

    @AfterEach
    void end() {
        node.close();
        own.close();
    }

    private boolean isVisible(Message message, PersonId viewer) {
        return node.archive.message(message.id(), message.organization(), viewer) instanceof Archive.Found.Visible;
    }

    @Test
    void inConversationsOfTwoAndInGroups() {
        ConversationId group = node.group(List.of(alice, bob), false);
        node.direct(alice, bob);
        List<Message> written = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            written.add(node.journal.send(
                    i % 2 == 0 ? Node.toPerson(alice, bob, "") : Node.toGroup(alice, group, ""))
                    .message());
        }
        Message answer = node.journal.send(Node.toPerson(bob, alice, "")).message();

        assertThat(erasure.erase(alice)).isEqualTo(MANY);

        assertThat(written).noneMatch(message -> isVisible(message, bob));
        assertThat(isVisible(answer, bob)).isTrue();
        assertThat(node.number("SELECT count(*) FROM message WHERE sender_id = ? AND content IS NOT NULL",
                alice.value())).isZero();
        assertThat(node.number("SELECT count(*) FROM doomed WHERE reason = 'ERASED'")).isEqualTo(MANY);
        assertThat(node.number("SELECT count(*) FROM notice WHERE kind = 'RECALLED'")).isGreaterThanOrEqualTo(MANY);
        assertThat(node.number("SELECT count(*) FROM membership WHERE person_id = ? AND conversation_id = ?"
                + " AND left_at IS NULL", alice.value(), group.value())).isZero();
        assertThat(node.number("SELECT count(*) FROM person WHERE person_id = ? AND email IS NULL"
                + " AND display_name = 'Erased'", alice.value())).isOne();
        assertThat(erasure.erase(alice)).as("once more").isZero();
    }

    /** All that is told of reactions is looked through without the journal's lock, once for the person. */
    @Test
    @Timeout(180)
    void whileNobodyWaitsForTheSearch() throws Exception {
        node.direct(alice, bob);
        Message message = node.journal.send(Node.toPerson(bob, alice, "")).message();
        AuditTrail.Editor editor = AuditTrail.Editor.of(alice);
        node.journal.react(editor, message, Emoji.EYES);
        node.journal.unreact(editor, message, Emoji.EYES);
        node.journal.react(editor, message, Emoji.RED_HEART);
        // Nothing of this test has its place there.
        Slice far = Grid.DEFAULT.slice(Instant.now(), Lifespan.ofMinutes(60 * 24 * 200));
        String elsewhere = "notice_" + node.epochs.require(far).code();
        try (Connection blocking = node.database.connect("test");
                Statement statement = blocking.createStatement();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            blocking.setAutoCommit(false);
            statement.execute("LOCK TABLE " + elsewhere + " IN ACCESS EXCLUSIVE MODE");
            Future<Integer> erased = threads.submit(() -> erasure.erase(alice));
            while (node.number(
                    "SELECT count(*) FROM pg_locks WHERE relation = ?::regclass AND NOT granted", elsewhere) == 0) {
                Thread.onSpinWait();
            }
            Future<Journal.Appended> sent = threads.submit(() -> node.journal.send(Node.toPerson(bob, bob, "")));
            try {
                assertThat(sent.get(60, TimeUnit.SECONDS).repeated()).isFalse();
                assertThat(erased.isDone()).isFalse();
            } finally {
                blocking.rollback();
            }
            erased.get();
        }
        assertThat(node.number("SELECT count(*) FROM notice WHERE kind = 'REACTED' AND detail ->> 'added' = 'true'"))
                .as("also of what was taken back")
                .isZero();
    }
}
