package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.PersonId;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Message;
import ephemera.core.talk.ReceiptStatus;
import ephemera.core.vault.Deletion;
import ephemera.core.vault.KeyId;
import ephemera.core.vault.Slice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whatever ends a message, a hold keeps it, with its files, until it is released. */
@Timeout(120)
class HeldMessageIsNotDestroyed {

    @TempDir
    private Path data;

    private final OwnDatabase own = new OwnDatabase();
    private HoldScene scene;
    private Household house;
    private PersonId ann;
    private PersonId ben;
    private PersonId cleo;

    @BeforeEach
    void open() throws IOException {
        scene = new HoldScene(data, own);
        house = scene.house;
        ann = scene.ann;
        ben = scene.ben;
        cleo = scene.cleo;
    }

    @AfterEach
    void close() {
        scene.close();
        own.close();
    }

    @Test
    void whenItExpires() throws IOException {
        Hold hold = scene.hold(ann);
        Slice slice = house.soon();
        Message message = house.send(ann, ben, slice, "the plan", Optional.of(HoldScene.FILE));
        Message other = house.send(ben, cleo, slice, "not hers", Optional.of(HoldScene.FILE));
        assertThat(house.holds.extent(hold.id())).isEqualTo(new Holds.Extent(0, 0, 0, 1));
        scene.assertExported(hold, message, "ALIVE");
        KeyId key = house.key(message);
        house.pass(slice);
        assertThat(house.read(message, ben)).isEmpty();
        scene.assertExported(hold, message, "EXPIRED");
        house.destroy();
        assertThat(house.ring.find(key)).isEmpty();
        assertThat(house.read(message, ann)).isEmpty();
        assertThat(house.holds.extent(hold.id())).isEqualTo(new Holds.Extent(1, 1, 0, 0));
        scene.assertExported(hold, message, "EXPIRED");
        assertThat(house.recorded(message)).isEmpty();
        assertThat(house.record.prove(message.id().value())).isEmpty();
        assertThat(house.recorded(other).orElseThrow().draft().kind()).isEqualTo(Deletion.Kind.SLICE);
        scene.assertReleased(hold, message);
    }

    @Test
    void whenItsEpochIsClosed() throws IOException {
        Hold hold = scene.hold(ben);
        Slice slice = house.soon();
        Message message = house.send(ann, ben, slice, "the plan", Optional.of(HoldScene.FILE));
        house.pass(slice);
        house.shredder.destroySlices();
        // As if it were the narrowest possible.
        house.node.execute("UPDATE epoch SET ends_at = now() - interval '1 s' WHERE epoch ="
                + " (SELECT epoch FROM slice WHERE slice = ?)", slice.code());
        house.shredder.closeEpochs();
        assertThat(house.node.number("SELECT count(*) FROM message")).isZero();
        assertThat(house.blobs.open(
                message.content().attachments().getFirst().blob(),
                message.content().attachments().getFirst().key(),
                slice)).isEmpty();
        scene.assertExported(hold, message, "EXPIRED");
        scene.assertReleased(hold, message);
    }

    @Test
    void whenItIsRecalled() throws IOException {
        Hold hold = scene.hold(ann);
        Message message = house.send(ann, ben, Household.later(), "the plan", Optional.of(HoldScene.FILE));
        KeyId key = house.key(message);
        scene.recall(message);
        assertThat(scene.held(hold)).isEqualTo(1);
        scene.assertExported(hold, message, "EXPIRED");
        assertThat(house.read(message, ann)).isEmpty();
        house.destroy();
        assertThat(house.ring.find(key)).isEmpty();
        scene.assertExported(hold, message, "RECALLED");
        assertThat(house.recorded(message)).isEmpty();
        scene.assertReleased(hold, message);
    }

    @Test
    void whenItIsRead() throws IOException {
        Hold hold = scene.hold(ann);
        Message message = house.send(ann, ben, Household.later(), "the plan", Optional.of(HoldScene.FILE));
        house.node.execute("UPDATE message SET delete_on_read = true");
        house.node.journal.mark(ben, Map.of(message.id(), ReceiptStatus.READ));
        assertThat(house.node.number("SELECT count(*) FROM doomed")).isEqualTo(1);
        // As if the last minute were over.
        house.node.execute("UPDATE message SET expires_at = clock_timestamp()");
        house.node.execute("UPDATE doomed SET due_at = now()");
        house.destroy();
        assertThat(house.node.number("SELECT count(*) FROM doomed")).isZero();
        assertThat(house.node.number("SELECT count(*) FROM message WHERE content IS NOT NULL")).isZero();
        scene.assertExported(hold, message, "READ");
        scene.assertReleased(hold, message);
    }

    @Test
    void whenBothDeleteTheirConversation() throws IOException {
        Hold hold = scene.hold(ben);
        Message message = house.send(ann, ben, Household.later(), "the plan", Optional.of(HoldScene.FILE));
        house.node.journal.clear(message.conversation(), ann, ben);
        scene.assertExported(hold, message, "ALIVE");
        house.node.journal.clear(message.conversation(), ben, ann);
        house.destroy();
        assertThat(house.read(message, ben)).isEmpty();
        scene.assertExported(hold, message, "REMOVED");
        scene.assertReleased(hold, message);
    }

    @Test
    void ofAConversation() throws IOException {
        ConversationId group = house.node.group(List.of(ann, ben), false);
        Hold hold = house.holds.place(Node.ORGANIZATION, new Hold.Target.OfConversation(group));
        Message elsewhere = house.send(ann, ben, "elsewhere");
        Message first = house.node.journal.send(Node.toGroup(ann, group, "")).message();
        Message second = house.node.journal.send(Node.toGroup(ben, group, "")).message();
        List.of(elsewhere, first, second).forEach(scene::recall);
        house.destroy();
        assertThat(scene.lines(hold)).extracting(line -> line.required("message").asString())
                .containsExactly(first.id().toString(), second.id().toString());
        assertThat(house.recorded(elsewhere).orElseThrow().draft().reason()).isEqualTo(Deletion.Reason.RECALLED);
    }

    @Test
    void ofWhoeverWasInTheGroupThen() throws IOException {
        ConversationId group = house.node.group(List.of(ann, ben, cleo), false);
        Hold hold = scene.hold(cleo);
        Message before = house.node.journal.send(Node.toGroup(ann, group, "")).message();
        house.node.execute("UPDATE membership SET left_at = (SELECT head FROM journal), listed = false"
                + " WHERE conversation_id = ? AND person_id = ?", group.value(), cleo.value());
        Message after = house.node.journal.send(Node.toGroup(ann, group, "")).message();
        List.of(before, after).forEach(scene::recall);
        house.destroy();
        assertThat(scene.lines(hold)).extracting(line -> line.required("message").asString())
                .containsExactly(before.id().toString());
    }

    @Test
    void unlessItWasDeadBeforeTheHold() throws IOException {
        Slice slice = house.soon();
        Message recalled = house.send(ann, ben, slice, "recalled", Optional.empty());
        scene.recall(recalled);
        Message expired = house.send(ann, ben, slice, "expired", Optional.of(HoldScene.FILE));
        house.node.execute("UPDATE message SET expires_at = clock_timestamp()");
        Hold hold = scene.hold(ann);
        assertThat(house.holds.extent(hold.id())).isEqualTo(new Holds.Extent(0, 0, 0, 0));
        house.pass(slice);
        house.destroy();
        assertThat(scene.lines(hold)).isEmpty();
        assertThat(house.recorded(expired).orElseThrow().draft().kind()).isEqualTo(Deletion.Kind.SLICE);
        assertThat(house.recorded(recalled).orElseThrow().draft().reason()).isEqualTo(Deletion.Reason.RECALLED);
    }

    @Test
    void untilAllHoldsAreReleased() throws IOException {
        Hold one = scene.hold(ann);
        Hold two = scene.hold(ben);
        Message message = house.send(ann, ben, Household.later(), "the plan", Optional.of(HoldScene.FILE));
        scene.recall(message);
        house.destroy();
        house.holds.release(one.id());
        house.release.settle();
        assertThat(house.recorded(message)).isEmpty();
        assertThat(scene.held(one)).isZero();
        scene.assertExported(two, message, "RECALLED");
        scene.assertReleased(two, message);
    }

    @Test
    void andALaterHoldTakesOverWhatAnotherHas() throws IOException {
        Hold first = scene.hold(ann);
        Message message = house.send(ann, ben, Household.later(), "the plan", Optional.of(HoldScene.FILE));
        scene.recall(message);
        Hold second = scene.hold(ben);
        Hold stranger = scene.hold(cleo);
        house.holds.release(first.id());
        house.release.settle();
        scene.assertExported(second, message, "RECALLED");
        assertThat(scene.held(stranger)).isZero();
        house.destroy();
        scene.assertExported(second, message, "RECALLED");
        house.holds.release(stranger.id());
        scene.assertReleased(second, message);
    }

    @Test
    void andWithoutHoldsNothingIsKept() {
        Slice slice = house.soon();
        Message expired = house.send(ann, ben, slice, "expires", Optional.of(HoldScene.FILE));
        Message recalled = house.send(ann, ben, Household.later(), "recalled", Optional.of(HoldScene.FILE));
        scene.recall(recalled);
        house.pass(slice);
        house.destroy();
        house.release.settle();
        assertThat(house.node.number("SELECT count(*) FROM held")).isZero();
        assertThat(house.ring.slices()).doesNotContain(slice);
        assertThat(house.recorded(expired).orElseThrow().draft().kind()).isEqualTo(Deletion.Kind.SLICE);
        assertThat(house.recorded(recalled).orElseThrow().draft().reason()).isEqualTo(Deletion.Reason.RECALLED);
    }
}
