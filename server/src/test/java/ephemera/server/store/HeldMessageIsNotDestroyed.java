package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ephemera.core.directory.PersonId;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Message;
import ephemera.core.talk.ReceiptStatus;
import ephemera.core.vault.Deletion;
import ephemera.core.vault.KeyId;
import ephemera.core.vault.KeyRing;
import ephemera.core.vault.Slice;
import ephemera.core.vault.Term;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(120)
class HeldMessageIsNotDestroyed {

    private static final byte[] FILE = new byte[300_000];

    static {
        new Random(7).nextBytes(FILE);
    }

    @TempDir
    private Path data;

    private final OwnDatabase own = new OwnDatabase();
    private Household house;
    private PersonId ann;
    private PersonId ben;
    private PersonId cleo;

    @BeforeEach
    void open() throws IOException {
        house = new Household(data, own);
        ann = house.node.person();
        ben = house.node.person();
        cleo = house.node.person();
        house.node.direct(ann, ben);
        house.node.direct(ben, cleo);
    }

    @AfterEach
    void close() {
        house.close();
        own.close();
    }

    /** A slice that is over in about two seconds. */
    private static Slice soon() {
        return new Slice(Term.HOUR, Instant.now().getEpochSecond() + 2);
    }

    private static Slice later() {
        return new Slice(Term.HOUR, Instant.now().getEpochSecond() + 3_000);
    }

    private Hold hold(PersonId person) {
        return house.holds.place(Node.ORGANIZATION, new Hold.Target.OfPerson(person));
    }

    /** Waits until the clocks of the database and of this machine have passed the end of a slice. */
    private void pass(Slice slice) {
        house.node.database.read(handle -> handle.createQuery(
                "SELECT pg_sleep_until(to_timestamp(:end) + interval '10 ms')::text")
                .bind("end", slice.endSecond())
                .mapTo(String.class)
                .one());
        while (Clock.systemUTC().instant().isBefore(slice.end())) {
            Thread.onSpinWait();
        }
    }

    /** A round of everything that destroys. */
    private void destroy() {
        house.shredder.destroySlices();
        house.shredder.scrub();
        house.shredder.puncture();
        house.shredder.closeEpochs();
    }

    private long held(Hold hold) {
        return house.holds.extent(hold.id()).messages();
    }

    private KeyId key(Message message) {
        return house.node.database.read(handle -> handle.createQuery(
                "SELECT key_tree, key_leaf FROM message WHERE message_id = :id")
                .bind("id", message.id().value())
                .map((row, _) -> new KeyId(message.slice(), row.getLong(1), row.getInt(2)))
                .one());
    }

    private void recall(Message message) {
        assertThat(house.node.journal.recall(message)).isTrue();
    }

    /** The entries of an export by their names. */
    private Map<String, byte[]> export(Hold hold) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        HoldExport export = new HoldExport(
                house.node.database, new Sealing(house.ring, new Json()), house.blobs, new Json());
        assertThat(export.write(house.holds.find(hold.id()), out).missing()).isZero();
        Map<String, byte[]> entries = new HashMap<>();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(out.toByteArray()))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                entries.put(entry.getName(), zip.readAllBytes());
            }
        }
        return entries;
    }

    private List<JsonNode> lines(Hold hold) throws IOException {
        return new String(export(hold).get("messages.jsonl"), StandardCharsets.UTF_8).lines()
                .map(JsonMapper.shared()::readTree)
                .toList();
    }

    /** Makes sure that exactly that message is in an export, with its file. */
    private void assertExported(Hold hold, Message message, String state) throws IOException {
        List<JsonNode> lines = lines(hold);
        assertThat(lines).hasSize(1);
        JsonNode line = lines.getFirst();
        assertThat(line.required("message").asString()).isEqualTo(message.id().toString());
        assertThat(line.required("body").asString()).isEqualTo(message.content().body());
        assertThat(line.required("state").asString()).isEqualTo(state);
        assertThat(export(hold).get(line.at("/attachments/0/file").asString())).isEqualTo(FILE);
    }

    private Optional<Deletion> recorded(Message message) {
        return house.record.find(message.id().value());
    }

    private void assertReleased(Hold hold, Message message) {
        house.holds.release(hold.id());
        house.release.settle();
        assertThat(house.node.number("SELECT count(*) FROM held")).isZero();
        assertThat(house.ring.slices()).noneMatch(slice -> slice.term() == Term.HELD);
        assertThat(house.files().resolve(Long.toString(hold.epoch().code()))).doesNotExist();
        assertThat(house.holds.find(hold.id()).destroyedAt()).isPresent();
        assertThat(recorded(message).orElseThrow().draft())
                .matches(draft -> draft.kind() == Deletion.Kind.MESSAGE && draft.reason() == Deletion.Reason.RELEASED);
        assertThat(house.record.prove(message.id().value()).orElseThrow().flaw()).isEmpty();
        assertThat(house.record.check()).isInstanceOf(RecordCheck.Finding.Whole.class);
    }

    @Test
    void whenItExpires() throws IOException {
        Hold hold = hold(ann);
        Slice slice = soon();
        Message message = house.send(ann, ben, slice, "the plan", Optional.of(FILE));
        Message other = house.send(ben, cleo, slice, "not hers", Optional.of(FILE));
        assertThat(house.holds.extent(hold.id())).isEqualTo(new Holds.Extent(0, 0, 0, 1));
        assertExported(hold, message, "ALIVE");
        KeyId key = key(message);
        pass(slice);
        assertThat(house.read(message, ben)).isEmpty();
        assertExported(hold, message, "EXPIRED");
        destroy();
        assertThat(house.ring.find(key)).isEmpty();
        assertThat(house.read(message, ann)).isEmpty();
        assertThat(house.holds.extent(hold.id())).isEqualTo(new Holds.Extent(1, 1, 0, 0));
        assertExported(hold, message, "EXPIRED");
        assertThat(recorded(message)).isEmpty();
        assertThat(house.record.prove(message.id().value())).isEmpty();
        assertThat(recorded(other).orElseThrow().draft().kind()).isEqualTo(Deletion.Kind.SLICE);
        assertReleased(hold, message);
    }

    @Test
    void whenItsEpochIsClosed() throws IOException {
        Hold hold = hold(ben);
        Slice slice = soon();
        Message message = house.send(ann, ben, slice, "the plan", Optional.of(FILE));
        pass(slice);
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
        assertExported(hold, message, "EXPIRED");
        assertReleased(hold, message);
    }

    @Test
    void whenItIsRecalled() throws IOException {
        Hold hold = hold(ann);
        Message message = house.send(ann, ben, later(), "the plan", Optional.of(FILE));
        KeyId key = key(message);
        recall(message);
        assertThat(held(hold)).isEqualTo(1);
        assertExported(hold, message, "EXPIRED");
        assertThat(house.read(message, ann)).isEmpty();
        destroy();
        assertThat(house.ring.find(key)).isEmpty();
        assertExported(hold, message, "RECALLED");
        assertThat(recorded(message)).isEmpty();
        assertReleased(hold, message);
    }

    @Test
    void whenItIsRead() throws IOException {
        Hold hold = hold(ann);
        Message message = house.send(ann, ben, later(), "the plan", Optional.of(FILE));
        house.node.execute("UPDATE message SET delete_on_read = true");
        house.node.journal.mark(ben, Map.of(message.id(), ReceiptStatus.READ));
        assertThat(house.node.number("SELECT count(*) FROM doomed")).isEqualTo(1);
        // As if the last minute were over.
        house.node.execute("UPDATE message SET expires_at = clock_timestamp()");
        house.node.execute("UPDATE doomed SET due_at = now()");
        destroy();
        assertThat(house.node.number("SELECT count(*) FROM doomed")).isZero();
        assertThat(house.node.number("SELECT count(*) FROM message WHERE content IS NOT NULL")).isZero();
        assertExported(hold, message, "READ");
        assertReleased(hold, message);
    }

    @Test
    void whenBothDeleteTheirConversation() throws IOException {
        Hold hold = hold(ben);
        Message message = house.send(ann, ben, later(), "the plan", Optional.of(FILE));
        house.node.journal.clear(message.conversation(), ann, ben);
        assertExported(hold, message, "ALIVE");
        house.node.journal.clear(message.conversation(), ben, ann);
        destroy();
        assertThat(house.read(message, ben)).isEmpty();
        assertExported(hold, message, "REMOVED");
        assertReleased(hold, message);
    }

    @Test
    void ofAConversation() throws IOException {
        ConversationId group = house.node.group(List.of(ann, ben), false);
        Hold hold = house.holds.place(Node.ORGANIZATION, new Hold.Target.OfConversation(group));
        Message elsewhere = house.send(ann, ben, "elsewhere");
        Message first = house.node.journal.send(Node.toGroup(ann, group, "")).message();
        Message second = house.node.journal.send(Node.toGroup(ben, group, "")).message();
        List.of(elsewhere, first, second).forEach(this::recall);
        destroy();
        assertThat(lines(hold)).extracting(line -> line.required("message").asString())
                .containsExactly(first.id().toString(), second.id().toString());
        assertThat(recorded(elsewhere).orElseThrow().draft().reason()).isEqualTo(Deletion.Reason.RECALLED);
    }

    @Test
    void ofWhoeverWasInTheGroupThen() throws IOException {
        ConversationId group = house.node.group(List.of(ann, ben, cleo), false);
        Hold hold = hold(cleo);
        Message before = house.node.journal.send(Node.toGroup(ann, group, "")).message();
        house.node.execute("UPDATE membership SET left_at = (SELECT head FROM journal), listed = false"
                + " WHERE conversation_id = ? AND person_id = ?", group.value(), cleo.value());
        Message after = house.node.journal.send(Node.toGroup(ann, group, "")).message();
        List.of(before, after).forEach(this::recall);
        destroy();
        assertThat(lines(hold)).extracting(line -> line.required("message").asString())
                .containsExactly(before.id().toString());
    }

    @Test
    void unlessItWasDeadBeforeTheHold() throws IOException {
        Slice slice = soon();
        Message recalled = house.send(ann, ben, slice, "recalled", Optional.empty());
        recall(recalled);
        Message expired = house.send(ann, ben, slice, "expired", Optional.of(FILE));
        house.node.execute("UPDATE message SET expires_at = clock_timestamp()");
        Hold hold = hold(ann);
        assertThat(house.holds.extent(hold.id())).isEqualTo(new Holds.Extent(0, 0, 0, 0));
        pass(slice);
        destroy();
        assertThat(lines(hold)).isEmpty();
        assertThat(recorded(expired).orElseThrow().draft().kind()).isEqualTo(Deletion.Kind.SLICE);
        assertThat(recorded(recalled).orElseThrow().draft().reason()).isEqualTo(Deletion.Reason.RECALLED);
    }

    @Test
    void untilAllHoldsAreReleased() throws IOException {
        Hold one = hold(ann);
        Hold two = hold(ben);
        Message message = house.send(ann, ben, later(), "the plan", Optional.of(FILE));
        recall(message);
        destroy();
        house.holds.release(one.id());
        house.release.settle();
        assertThat(recorded(message)).isEmpty();
        assertThat(held(one)).isZero();
        assertExported(two, message, "RECALLED");
        assertReleased(two, message);
    }

    @Test
    void andALaterHoldTakesOverWhatAnotherHas() throws IOException {
        Hold first = hold(ann);
        Message message = house.send(ann, ben, later(), "the plan", Optional.of(FILE));
        recall(message);
        Hold second = hold(ben);
        Hold stranger = hold(cleo);
        house.holds.release(first.id());
        house.release.settle();
        assertExported(second, message, "RECALLED");
        assertThat(held(stranger)).isZero();
        destroy();
        assertExported(second, message, "RECALLED");
        house.holds.release(stranger.id());
        assertReleased(second, message);
    }

    @Test
    void andWithoutHoldsNothingIsKept() {
        Slice slice = soon();
        Message expired = house.send(ann, ben, slice, "expires", Optional.of(FILE));
        Message recalled = house.send(ann, ben, later(), "recalled", Optional.of(FILE));
        recall(recalled);
        pass(slice);
        destroy();
        house.release.settle();
        assertThat(house.node.number("SELECT count(*) FROM held")).isZero();
        assertThat(house.ring.slices()).doesNotContain(slice);
        assertThat(recorded(expired).orElseThrow().draft().kind()).isEqualTo(Deletion.Kind.SLICE);
        assertThat(recorded(recalled).orElseThrow().draft().reason()).isEqualTo(Deletion.Reason.RECALLED);
    }

    @Test
    void whileTheDatabaseIsAway() throws IOException {
        Slice first = soon();
        Message free = house.send(ann, ben, first, "free", Optional.empty());
        Database away = own.open(1);
        Shredder alone = shredder(away, house.rescue);
        away.close();
        pass(first);
        assertThatThrownBy(alone::destroySlices).isInstanceOf(RuntimeException.class);
        assertThat(house.ring.find(key(free))).isEmpty();

        Hold hold = hold(ann);
        Slice second = soon();
        Message message = house.send(ann, ben, second, "held", Optional.of(FILE));
        pass(second);
        Shredder careful = shredder(away, new Rescue(
                away, house.ring, new Sealing(house.ring, new Json()), house.blobs, new Epochs(away, Household.GRID)));
        assertThatThrownBy(careful::destroySlices).isInstanceOf(RuntimeException.class);
        assertThat(house.ring.find(key(message))).isPresent();
        destroy();
        assertExported(hold, message, "EXPIRED");
    }

    private Shredder shredder(Database database, Rescue rescue) {
        return new Shredder(database, house.ring, rescue, house.blobs, house.node.epochs,
                house.record, Clock.systemUTC(), Household.UNCOUNTED);
    }

    @Test
    void whenItCannotBeSecuredForAWhile() throws IOException {
        Hold hold = hold(ann);
        Slice slice = soon();
        Message expiring = house.send(ann, ben, slice, "the plan", Optional.of(FILE));
        Message other = house.send(ben, cleo, later(), "not hers", Optional.of(FILE));
        recall(other);
        KeyId key = key(expiring);
        Path place = house.files().resolve(Long.toString(hold.epoch().code()));
        Files.writeString(place, "in the way");
        pass(slice);
        destroy();
        assertThat(house.ring.find(key)).isPresent();
        assertThat(house.record.find(expiring.id().value())).isEmpty();
        // What nobody holds does not wait.
        assertThat(recorded(other)).isPresent();
        Files.delete(place);
        destroy();
        assertThat(house.ring.find(key)).isEmpty();
        assertExported(hold, expiring, "EXPIRED");
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
        Hold hold = hold(ann);
        Slice slice = soon();
        Message message = house.send(ann, ben, slice, "the plan", Optional.of(FILE));
        Rescue doomed = new Rescue(house.node.database, house.ring, new Sealing(house.ring, new Json()), house.blobs,
                house.node.epochs, step -> crashAt(fatal, step));
        pass(slice);
        Shredder shredder = shredder(house.node.database, doomed);
        assertThatThrownBy(shredder::destroySlices).isInstanceOf(Crash.class);
        assertThat(house.ring.find(key(message))).isPresent();
        assertExported(hold, message, "EXPIRED");
        destroy();
        assertThat(house.ring.slices()).doesNotContain(slice);
        assertExported(hold, message, "EXPIRED");
        assertReleased(hold, message);
    }

    @ParameterizedTest
    @EnumSource(names = {"RELEASED_KEYS_PUNCTURED", "RELEASED_KEYS_DESTROYED", "RELEASED_FILES_REMOVED",
        "RELEASED_RECORDED"})
    void andAReleaseThatIsCutOffIsFinished(CrashPoint fatal) throws IOException {
        Hold hold = hold(ann);
        Message message = house.send(ann, ben, later(), "the plan", Optional.of(FILE));
        recall(message);
        destroy();
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
        assertThat(recorded(message).orElseThrow().draft().reason()).isEqualTo(Deletion.Reason.RELEASED);
    }

    @Test
    void andARecordOfItsDestructionIsTrueAtOnce() {
        Hold hold = hold(ann);
        Message message = house.send(ann, ben, later(), "the plan", Optional.of(FILE));
        KeyId key = key(message);
        recall(message);
        // Nobody has come to scrub or to puncture yet.
        house.holds.release(hold.id());
        house.release.settle();
        assertThat(recorded(message).orElseThrow().draft().reason()).isEqualTo(Deletion.Reason.RELEASED);
        assertThat(house.ring.find(key)).isEmpty();
        destroy();
        assertThat(recorded(message).orElseThrow().draft().reason()).isEqualTo(Deletion.Reason.RELEASED);
    }

    @Test
    void andTheKeyStoreTellsOfHoldsThatThereAre() {
        house.ring.prepare(Hold.slice(99));
        Hold hold = hold(ann);
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
        Hold hold = hold(ann);
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
