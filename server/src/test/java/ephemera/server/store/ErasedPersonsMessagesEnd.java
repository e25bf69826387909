package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.PersonId;
import ephemera.core.talk.Archive;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Message;
import ephemera.core.vault.Grid;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Erasing a person ends what they wrote, and nothing else. */
class ErasedPersonsMessagesEnd {

    private static final int MANY = 700;

    private final OwnDatabase own = new OwnDatabase();
    private final Node node = new Node(own).start();
    private final PersonId alice = node.person();
    private final PersonId bob = node.person();
    private final Erasure erasure =
            new Erasure(node.database, new Json(), new Epochs(node.database, Grid.DEFAULT));

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
}
