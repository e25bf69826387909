package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import ephemera.core.Lifespan;
import ephemera.core.directory.PersonId;
import ephemera.core.inbox.Log;
import ephemera.core.talk.Archive;
import ephemera.core.talk.AuditTrail;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Emoji;
import ephemera.core.talk.Entry;
import ephemera.core.talk.Message;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Notice;
import ephemera.core.talk.Position;
import ephemera.core.talk.Reaction;
import ephemera.core.talk.Receipt;
import ephemera.core.talk.ReceiptStatus;
import ephemera.core.vault.Grid;
import ephemera.core.vault.Slice;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A reaction is there once for each person and emoji, and goes with its message, whatever ends that. */
class ReactionLivesWithItsMessage {

    @TempDir
    private Path folder;

    private final OwnDatabase own = new OwnDatabase();
    private Household house;
    private Node node;
    private PersonId alice;
    private PersonId bob;
    private Message message;

    @BeforeEach
    void begin() throws IOException {
        house = new Household(folder, own);
        node = house.node;
        alice = node.person();
        bob = node.person();
        node.direct(alice, bob);
        message = house.send(alice, bob, "hello");
    }

    @AfterEach
    void end() {
        house.close();
        own.close();
    }

    private Optional<Reaction> react(PersonId person, Message to, Emoji emoji) {
        return node.journal.react(AuditTrail.Editor.of(person), to, emoji);
    }

    private boolean unreact(PersonId person, Message from, Emoji emoji) {
        return node.journal.unreact(AuditTrail.Editor.of(person), from, emoji);
    }

    private Map<MessageId, List<Reaction>> seen(PersonId viewer, Message... messages) {
        return node.archive.reactions(
                List.of(messages).stream().map(Message::id).toList(), Node.ORGANIZATION, viewer);
    }

    private List<Notice.Reacted> told(PersonId person) {
        Log.Page page = node.log.read(person, Position.START, true, 1_000);
        return page.entries().stream()
                .map(Entry::notice)
                .filter(Notice.Reacted.class::isInstance)
                .map(Notice.Reacted.class::cast)
                .toList();
    }

    private long rows() {
        return node.number("SELECT count(*) FROM reaction")
                + node.number("SELECT count(*) FROM notice WHERE kind = 'REACTED'");
    }

    private Message group(boolean deleteOnRead, PersonId... members) {
        ConversationId group = node.group(List.of(members), false);
        return node.journal
                .send(Node.outgoing(members[0], group, Optional.empty(), deleteOnRead, "", ""))
                .message();
    }

    @Test
    void aRepetitionIsTheSameOne() {
        Reaction first = react(bob, message, Emoji.EYES).orElseThrow();
        Reaction again = react(bob, message, Emoji.EYES).orElseThrow();
        assertThat(react(bob, message, Emoji.RED_HEART)).isPresent();
        assertThat(react(alice, message, Emoji.EYES)).isPresent();

        assertThat(again).isEqualTo(first);
        assertThat(seen(alice, message).get(message.id()))
                .extracting(Reaction::author, Reaction::emoji)
                .containsExactly(
                        tuple(bob, Emoji.EYES),
                        tuple(bob, Emoji.RED_HEART),
                        tuple(alice, Emoji.EYES));
        assertThat(told(alice)).as("a repetition is no event").hasSize(3).isEqualTo(told(bob));
        assertThat(seen(node.person(), message)).as("for strangers").isEmpty();
    }

    @Test
    void whatWasTakenBackIsMissing() {
        react(bob, message, Emoji.EYES);

        assertThat(unreact(alice, message, Emoji.EYES)).as("somebody else's").isFalse();
        assertThat(unreact(bob, message, Emoji.THUMBS_UP)).as("another one").isFalse();
        assertThat(unreact(bob, message, Emoji.EYES)).isTrue();
        assertThat(unreact(bob, message, Emoji.EYES)).as("once more").isFalse();

        assertThat(seen(alice, message)).isEmpty();
        assertThat(told(alice)).extracting(Notice.Reacted::added).containsExactly(true, false);
    }

    @Test
    void ofManyAtOnceOneIsStored() throws InterruptedException, ExecutionException {
        List<Future<Optional<Reaction>>> all = new ArrayList<>();
        CountDownLatch start = new CountDownLatch(1);
        try (ExecutorService many = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 20; i++) {
                all.add(many.submit(() -> {
                    start.await();
                    return react(bob, message, Emoji.HUNDRED_POINTS);
                }));
            }
            start.countDown();
            for (Future<Optional<Reaction>> each : all) {
                assertThat(each.get()).isEqualTo(all.getFirst().get()).isPresent();
            }
        }
        assertThat(node.number("SELECT count(*) FROM reaction")).isOne();
        assertThat(told(alice)).hasSize(1);
    }

    @Test
    void recallEndsIt() {
        react(bob, message, Emoji.EYES);
        assertThat(rows()).isEqualTo(3);

        node.journal.recall(message);

        assertThat(rows()).isZero();
        assertThat(seen(bob, message)).isEmpty();
        assertThat(told(bob)).isEmpty();
        assertThat(react(bob, message, Emoji.EYES)).isEmpty();
        assertThat(unreact(bob, message, Emoji.EYES)).isFalse();
        assertThat(rows()).isZero();
    }

    @Test
    void burningEndsItForTheReaderAndThenForAll() {
        PersonId carol = node.person();
        Message burning = group(true, alice, bob, carol);
        react(bob, burning, Emoji.EYES);
        node.journal.mark(bob, Map.of(burning.id(), ReceiptStatus.READ));
        assertThat(seen(bob, burning)).as("in the minute after reading").hasSize(1);

        node.execute("UPDATE burn SET gone_at = now()");

        assertThat(seen(bob, burning)).isEmpty();
        assertThat(told(bob)).isEmpty();
        assertThat(react(bob, burning, Emoji.RED_HEART)).isEmpty();
        assertThat(seen(carol, burning)).as("who has not read it").hasSize(1);
        assertThat(told(carol)).hasSize(1);

        node.journal.mark(carol, Map.of(burning.id(), ReceiptStatus.READ));
        node.execute("UPDATE doomed SET due_at = now()");
        node.execute("UPDATE message SET expires_at = now() WHERE message_id = ?", burning.id().value());
        assertThat(seen(carol, burning)).isEmpty();
        assertThat(told(carol)).isEmpty();
        house.shredder.scrub();
        assertThat(rows()).isZero();
    }

    @Test
    void expiryEndsItAndTheEpochRemovesIt() {
        react(bob, message, Emoji.EYES);
        node.execute("UPDATE message SET expires_at = now()");
        assertThat(seen(bob, message)).isEmpty();
        assertThat(told(alice)).isEmpty();
        assertThat(react(bob, message, Emoji.RED_HEART)).isEmpty();

        Slice slice = message.slice();
        long epoch = node.epochs.require(slice).code();
        node.execute("UPDATE slice SET ends_at = now() WHERE slice = ?", slice.code());
        node.execute("UPDATE epoch SET ends_at = now() WHERE epoch = ?", epoch);
        house.shredder.closeEpochs();

        assertThat(node.number("SELECT count(*) FROM pg_class WHERE relname LIKE '%\\_' || ?", Long.toString(epoch)))
                .isZero();
        assertThat(rows()).isZero();
        assertThat(node.number("SELECT count(*) FROM audit WHERE entity_id = ?", message.id().value())).isZero();
    }

    @Test
    void erasingThePersonEndsTheirs() {
        Message inGroup = group(false, alice, bob);
        react(bob, message, Emoji.EYES);
        react(bob, inGroup, Emoji.THUMBS_DOWN);
        react(alice, inGroup, Emoji.THUMBS_DOWN);

        new Erasure(node.database, new Json(), new Epochs(node.database, Grid.DEFAULT), node.outbox).erase(bob);

        assertThat(seen(alice, message, inGroup)).containsOnlyKeys(inGroup.id());
        assertThat(seen(alice, inGroup).get(inGroup.id())).extracting(Reaction::author).containsExactly(alice);
        assertThat(told(alice))
                .as("that they went, and no more how they came")
                .filteredOn(each -> each.person().equals(bob))
                .hasSize(2)
                .noneMatch(Notice.Reacted::added);
    }

    @Test
    void itMovesNoReceipt() {
        react(bob, message, Emoji.EYES);

        assertThat(node.number("SELECT count(*) FROM receipt")).isZero();
        assertThat(node.archive.receipts(List.of(message.id()), Node.ORGANIZATION, alice).values())
                .flatExtracting(Archive.Receipts::receipts)
                .isNotEmpty()
                .extracting(Receipt::status)
                .containsOnly(ReceiptStatus.NEW);
    }

    @Test
    void anEpochOfBeforeHasThePlacesToo() {
        Slice later = Grid.DEFAULT.slice(Instant.now(), Lifespan.ofMinutes(60 * 24 * 20));
        Message lasting = house.send(alice, bob, later, "later", Optional.empty());
        assertThat(react(bob, lasting, Emoji.EYES)).isPresent();
        assertThat(node.number(
                "SELECT count(*) FROM pg_class WHERE relname = 'reaction_' || ? OR relname = 'audit_' || ?",
                Long.toString(node.epochs.require(later).code()),
                Long.toString(node.epochs.require(later).code())))
                .isEqualTo(2);
    }
}
