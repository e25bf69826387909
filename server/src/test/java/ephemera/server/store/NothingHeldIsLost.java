package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ephemera.core.directory.PersonId;
import ephemera.core.talk.Message;
import ephemera.core.vault.Deletion;
import ephemera.core.vault.KeyId;
import ephemera.core.vault.KeyRing;
import ephemera.core.vault.Slice;
import ephemera.core.vault.Term;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is held outlives the failures and ends of servers, and the record never says more than is true. */
@Timeout(120)
class NothingHeldIsLost {

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
    void whileTheDatabaseIsAway() throws IOException {
        Slice first = house.soon();
        Message free = house.send(ann, ben, first, "free", Optional.empty());
        Database away = own.open(1);
        Shredder alone = house.shredder(away, house.rescue);
        away.close();
        house.pass(first);
        assertThatThrownBy(alone::destroySlices).isInstanceOf(RuntimeException.class);
        assertThat(house.ring.find(house.key(free))).isEmpty();

        Hold hold = scene.hold(ann);
        Slice second = house.soon();
        Message message = house.send(ann, ben, second, "held", Optional.of(HoldScene.FILE));
        house.pass(second);
        Shredder careful = house.shredder(away, new Rescue(
                away, house.ring, new Sealing(house.ring, new Json()), house.blobs, new Epochs(away, Household.GRID)));
        assertThatThrownBy(careful::destroySlices).isInstanceOf(RuntimeException.class);
        assertThat(house.ring.find(house.key(message))).isPresent();
        house.destroy();
        scene.assertExported(hold, message, "EXPIRED");
    }

    @Test
    void whenItCannotBeSecuredForAWhile() throws IOException {
        Hold hold = scene.hold(ann);
        Slice slice = house.soon();
        Message expiring = house.send(ann, ben, slice, "the plan", Optional.of(HoldScene.FILE));
        Message other = house.send(ben, cleo, Household.later(), "not hers", Optional.of(HoldScene.FILE));
        scene.recall(other);
        KeyId key = house.key(expiring);
        Path place = house.files().resolve(Long.toString(hold.epoch().code()));
        Files.writeString(place, "in the way");
        house.pass(slice);
        house.destroy();
        assertThat(house.ring.find(key)).isPresent();
        assertThat(house.recorded(expiring)).isEmpty();
        // What nobody holds does not wait.
        assertThat(house.recorded(other)).isPresent();
        Files.delete(place);
        house.destroy();
        assertThat(house.ring.find(key)).isEmpty();
        scene.assertExported(hold, expiring, "EXPIRED");
    }

    /** The end of the process, as far as a process can play its own end: nobody catches it. */
    private static final class Crash extends Error {

        Crash() {
            super("the process ends here");
        }
    }

    private static void crashAt(CrashPoint fatal, CrashPoint step) {
        if (step == fatal) {
            throw new Crash();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"HELD_COPIED", "HELD_FILE_KEPT", "HELD_SEALED", "HELD_SECURED"})
    void whenARescueIsCutOff(CrashPoint fatal) throws IOException {
        Hold hold = scene.hold(ann);
        Slice slice = house.soon();
        Message message = house.send(ann, ben, slice, "the plan", Optional.of(HoldScene.FILE));
        Rescue doomed = new Rescue(house.node.database, house.ring, new Sealing(house.ring, new Json()), house.blobs,
                house.node.epochs, step -> crashAt(fatal, step));
        house.pass(slice);
        Shredder shredder = house.shredder(house.node.database, doomed);
        assertThatThrownBy(shredder::destroySlices).isInstanceOf(Crash.class);
        assertThat(house.ring.find(house.key(message))).isPresent();
        scene.assertExported(hold, message, "EXPIRED");
        house.destroy();
        assertThat(house.ring.slices()).doesNotContain(slice);
        scene.assertExported(hold, message, "EXPIRED");
        scene.assertReleased(hold, message);
    }

    @ParameterizedTest
    @EnumSource(names = {"RELEASED_KEYS_PUNCTURED", "RELEASED_KEYS_DESTROYED", "RELEASED_FILES_REMOVED",
        "RELEASED_RECORDED"})
    void andAReleaseThatIsCutOffIsFinished(CrashPoint fatal) throws IOException {
        Hold hold = scene.hold(ann);
        Message message = house.send(ann, ben, Household.later(), "the plan", Optional.of(HoldScene.FILE));
        scene.recall(message);
        house.destroy();
        house.holds.release(hold.id());
        Release doomed = new Release(
                house.node.database, house.ring, house.blobs, house.record, house.rescue,
                step -> crashAt(fatal, step));
        assertThatThrownBy(doomed::settle).isInstanceOf(Crash.class);
        house.release.settle();
        assertThat(house.node.number("SELECT count(*) FROM held")).isZero();
        assertThat(house.ring.slices()).noneMatch(slice -> slice.term() == Term.HELD);
        assertThat(house.files().resolve(Long.toString(hold.epoch().code()))).doesNotExist();
        assertThat(house.node.number("SELECT count(*) FROM deletion WHERE kind = 'MESSAGE'")).isEqualTo(1);
        assertThat(house.recorded(message).orElseThrow().draft().reason()).isEqualTo(Deletion.Reason.RELEASED);
    }

    @Test
    void andARecordOfItsDestructionIsTrueAtOnce() {
        Hold hold = scene.hold(ann);
        Message message = house.send(ann, ben, Household.later(), "the plan", Optional.of(HoldScene.FILE));
        KeyId key = house.key(message);
        scene.recall(message);
        // Nobody has come to scrub or to puncture yet.
        house.holds.release(hold.id());
        house.release.settle();
        assertThat(house.recorded(message).orElseThrow().draft().reason()).isEqualTo(Deletion.Reason.RELEASED);
        assertThat(house.ring.find(key)).isEmpty();
        house.destroy();
        assertThat(house.recorded(message).orElseThrow().draft().reason()).isEqualTo(Deletion.Reason.RELEASED);
    }

    @Test
    void andTheKeyStoreTellsOfHoldsThatThereAre() {
        house.ring.prepare(Hold.slice(99));
        Hold hold = scene.hold(ann);
        assertThat(house.rescue.isNeeded()).isTrue();
        house.release.settle();
        assertThat(house.ring.slices()).contains(hold.slice()).doesNotContain(Hold.slice(99));
        // As after a restore with keys that are older than the hold.
        house.keys.destroy(hold.slice());
        assertThat(house.rescue.isNeeded()).isFalse();
        KeyRing ring = new KeyRing(house.keys, new SecureRandom(), KeyRing.DEFAULT_CACHE);
        new Release(house.node.database, ring, house.blobs, house.record, house.rescue).settle();
        assertThat(house.ring.slices()).contains(hold.slice());
        house.holds.release(hold.id());
        house.release.settle();
        assertThat(house.ring.slices()).noneMatch(slice -> slice.term() == Term.HELD);
        house.release.settle();
    }

    @Test
    void andPlacingAndReleasingAreRecorded() {
        Hold hold = scene.hold(ann);
        UUID id = hold.id();
        house.holds.release(id);
        assertThatThrownBy(() -> house.holds.release(id)).hasMessageContaining("released already");
        assertThatThrownBy(() -> house.holds.release(UUID.randomUUID())).hasMessageContaining("There is no hold");
        assertThat(house.node.database.<List<String>>read(handle -> handle.createQuery(
                "SELECT kind || ' ' || subject || ' ' || reason FROM deletion ORDER BY sequence")
                .mapTo(String.class)
                .list()))
                .containsExactly("HOLD " + id + " HELD", "HOLD " + id + " RELEASED");
        assertThat(house.record.check()).isInstanceOf(RecordCheck.Finding.Whole.class);
    }
}
