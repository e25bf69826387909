package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.PersonId;
import ephemera.core.talk.Content;
import ephemera.core.talk.Conversation;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Journal;
import ephemera.core.talk.Message;
import ephemera.core.talk.Outgoing;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** However often a client repeats a request, to however many processes. */
@Timeout(180)
class RepeatedRequestIsStoredOnce {

    private static final int REPEATS = 50;

    private final OwnDatabase own = new OwnDatabase();
    private final Node one = new Node(own);
    private final Node other = new Node(own);
    private PersonId alice;
    private PersonId bob;

    @BeforeEach
    void begin() {
        one.start();
        other.start();
        alice = one.person();
        bob = one.person();
        one.direct(alice, bob);
    }

    @AfterEach
    void end() {
        one.close();
        other.close();
        own.close();
    }

    private static <T> List<T> atOnce(List<Callable<T>> calls) throws Exception {
        List<T> results = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<T> each : threads.invokeAll(calls)) {
                results.add(each.get());
            }
        }
        return results;
    }

    @Test
    void aMessage() throws Exception {
        List<Callable<Journal.Appended>> sends = new ArrayList<>();
        for (int i = 0; i < REPEATS; i++) {
            Node node = i % 2 == 0 ? one : other;
            Outgoing outgoing = Node.toPerson(alice, bob, "the same");
            sends.add(() -> node.journal.send(outgoing));
        }
        List<Journal.Appended> answers = atOnce(sends);
        assertThat(answers).extracting(Journal.Appended::message).containsOnly(answers.getFirst().message());
        assertThat(answers).filteredOn(answer -> !answer.repeated()).hasSize(1);
        assertThat(one.number("SELECT count(*) FROM message")).isEqualTo(1);
        assertThat(Stream.concat(one.heard.all().stream(), other.heard.all().stream())
                .filter(told -> told instanceof Node.Told.Published published
                        && published.entry().position().equals(answers.getFirst().message().position())))
                .as("published once")
                .hasSize(1);
    }

    @Test
    void ofEachSenderAlone() {
        Message alices = one.journal.send(Node.toPerson(alice, bob, "the same")).message();
        Message bobs = one.journal.send(Node.toPerson(bob, alice, "the same")).message();
        Message another = one.journal.send(Node.toPerson(alice, bob, "another")).message();
        assertThat(Set.of(alices.id(), bobs.id(), another.id())).hasSize(3);
    }

    @Test
    void andWithoutAKeyEachIsAnother() throws Exception {
        List<Callable<Journal.Appended>> sends = new ArrayList<>();
        for (int i = 0; i < REPEATS; i++) {
            Outgoing outgoing = Node.toPerson(alice, bob, "");
            sends.add(() -> one.journal.send(outgoing));
        }
        assertThat(atOnce(sends)).noneMatch(Journal.Appended::repeated);
        assertThat(one.number("SELECT count(*) FROM message")).isEqualTo(REPEATS);
    }

    /** Among many others in one batch, and with its repetition in the same batch. */
    @Test
    void alsoWithinABatch() throws Exception {
        List<Callable<Journal.Appended>> sends = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            Outgoing outgoing = Node.toPerson(alice, bob, "request " + i / 4);
            sends.add(() -> one.journal.send(outgoing));
        }
        List<Journal.Appended> answers = atOnce(sends);
        for (int i = 0; i < 200; i++) {
            assertThat(answers.get(i).message()).isEqualTo(answers.get(i / 4 * 4).message());
        }
        assertThat(answers).filteredOn(answer -> !answer.repeated()).hasSize(50);
        assertThat(one.number("SELECT count(*) FROM message")).isEqualTo(50);
    }

    /** Whatever ended it, and also if it ended for its sender alone. */
    @Test
    void andSaysNoMoreWhatIsGone() {
        Message expired = send(alice, bob, "expired");
        Message recalled = send(alice, bob, "recalled");
        one.direct(alice, alice);
        Message burnt = send(alice, alice, "burnt");
        Message alive = send(alice, bob, "alive");
        one.execute("UPDATE message SET expires_at = now() WHERE message_id = ?", expired.id().value());
        one.journal.recall(recalled);
        one.execute(
                """
                INSERT INTO burn (epoch, message_id, person_id, gone_at)
                SELECT epoch, message_id, sender_id, now() FROM message WHERE message_id = ?
                """,
                burnt.id().value());

        assertThat(send(alice, bob, "alive")).isEqualTo(alive);
        for (Message gone : List.of(expired, recalled, burnt)) {
            assertNothingIsSaid(gone);
        }
        one.journal.clear(alive.conversation(), alice, bob);
        assertNothingIsSaid(alive);
    }

    private Message send(PersonId from, PersonId to, String requestId) {
        return other.journal.send(Node.toPerson(from, to, requestId)).message();
    }

    private void assertNothingIsSaid(Message gone) {
        Message again = send(gone.sender(), gone.recipient().orElseThrow(), gone.traits().requestId());
        assertThat(again.content()).as(gone.traits().requestId()).isEqualTo(Content.NONE);
        assertThat(again.id()).isEqualTo(gone.id());
        assertThat(again.sentAt()).isEqualTo(gone.sentAt());
    }

    @Test
    void aGroup() throws Exception {
        List<Callable<Conversation.Group>> creations = new ArrayList<>();
        for (int i = 0; i < REPEATS; i++) {
            Node node = i % 2 == 0 ? one : other;
            creations.add(() -> node.journal.create(
                    new Conversation.Group(
                            new ConversationId(UUID.randomUUID()),
                            Node.ORGANIZATION,
                            new Conversation.Looks("Ward", "", Optional.empty(), false, false),
                            alice,
                            Instant.EPOCH,
                            Set.of(alice, bob),
                            Set.of()),
                    "the same"));
        }
        List<Conversation.Group> groups = atOnce(creations);
        assertThat(groups).extracting(Conversation.Group::id).containsOnly(groups.getFirst().id());
        assertThat(one.number("SELECT count(*) FROM conversation WHERE is_group")).isEqualTo(1);
        assertThat(one.number("SELECT count(*) FROM notice WHERE kind = 'GROUP_LISTED'")).isEqualTo(2);
    }
}
