package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.Failure;
import ephemera.core.Lifespan;
import ephemera.core.directory.Caller;
import ephemera.core.talk.Attachment;
import ephemera.core.talk.Draft;
import ephemera.core.talk.Message;
import ephemera.core.talk.Reading;
import ephemera.core.talk.Sending;
import ephemera.core.vault.Epoch;
import ephemera.core.vault.Slice;
import ephemera.server.backup.Backup;
import ephemera.server.backup.KeysFile;
import ephemera.server.backup.Restore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** From sending to the end, several files go the way of one, and keep their order. */
@Timeout(120)
class MessageCarriesSeveralFiles {

    @TempDir
    private Path data;

    private final OwnDatabase own = new OwnDatabase();
    private Office office;
    private Household house;
    private Reading reading;
    private Sending sending;
    private Caller ann;
    private Caller ben;
    private Caller cleo;

    @BeforeEach
    void open() throws IOException {
        office = new Office(data.resolve("house"), own);
        house = office.house;
        reading = office.reading;
        sending = office.sending;
        ann = office.caller();
        ben = office.caller();
        cleo = office.caller();
    }

    @AfterEach
    void close() {
        office.close();
        own.close();
    }

    private List<Attachment> stored(int count) {
        List<Attachment> files = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            files.add(office.stored("plan.txt", Office.file(i)));
        }
        return files;
    }

    private Message send(int files) {
        return sending.send(ann, Office.draft(ben, stored(files), "")).message();
    }

    private void assertHasAll(Caller reader, Message message, int files) throws IOException {
        assertThat(reading.message(reader, message.id()).content().attachments()).hasSize(files);
        for (int i = 1; i <= files; i++) {
            try (var content = reading.attachment(reader, message.id(), i).content()) {
                assertThat(content.readAllBytes()).isEqualTo(Office.file(i));
            }
        }
    }

    @Test
    void inTheirOrder() throws IOException {
        List<Attachment> files = stored(5);
        Collections.reverse(files);
        Message message = sending.send(ann, Office.draft(ben, files, "")).message();
        assertThat(reading.message(ben, message.id()).content().attachments()).containsExactlyElementsOf(files);
        List<UUID> blobs = house.node.database.read(handle -> handle.createQuery("SELECT * FROM message")
                .map((row, _) -> MessageRow.blobs(row))
                .one());
        assertThat(blobs).containsExactlyElementsOf(files.stream().map(Attachment::blob).toList());
        assertThat(Office.names(office.place(message.slice())))
                .containsExactlyInAnyOrderElementsOf(Office.names(message));
        assertThat(Office.names(house.files().resolve("new"))).isEmpty();
    }

    @Test
    void eachOfWhichIsReadByItsPlace() throws IOException {
        Message message = send(3);
        assertHasAll(ann, message, 3);
        assertHasAll(ben, message, 3);
        for (int place : new int[] {-1, 0, 4}) {
            Office.assertRefused(Failure.NOT_FOUND, () -> reading.attachment(ben, message.id(), place));
        }
        Office.assertRefused(Failure.NOT_A_MEMBER, () -> reading.attachment(cleo, message.id(), 2));
    }

    @Test
    void beforeWhichThereWasAtMostOne() {
        Message none = sending.send(ann, Office.draft(ben, List.of(), "")).message();
        assertThat(reading.message(ben, none.id()).content().attachments()).isEmpty();
        assertThat(house.node.number("SELECT count(*) FROM message WHERE blobs IS NULL")).isOne();
    }

    @Test
    void butNotMoreThanTheLimit() throws IOException {
        assertThat(send(20).content().attachments()).hasSize(20);
        List<Attachment> tooMany = new ArrayList<>();
        for (int i = 0; i < 21; i++) {
            tooMany.add(office.stored("x", new byte[] {1}));
        }
        Office.assertRefused(Failure.INVALID, () -> sending.send(ann, Office.draft(ben, tooMany, "")));
        assertThat(Office.names(house.files().resolve("new"))).isEmpty();
    }

    @Test
    void orNoneIfOneOfThemIsGone() throws IOException {
        List<Attachment> files = stored(3);
        house.blobs.discard(List.of(files.get(2).blob()));
        Slice slice = Household.GRID.slice(Clock.systemUTC().instant(), Lifespan.ofMinutes(60));
        Office.assertRefused(Failure.UNAVAILABLE, () -> house.blobs.keep(
                files.stream().map(Attachment::blob).toList(), slice));
        assertThat(Office.names(office.place(slice))).isEmpty();
        assertThat(Office.names(house.files().resolve("new"))).hasSize(2);
    }

    @Test
    void whichAreForwardedTogether() throws IOException {
        Message message = send(4);
        Draft onward = Office.draft(cleo, List.of(), "");
        Message forwarded = sending.forward(ben, message.id(), onward).message();
        assertHasAll(cleo, forwarded, 4);
        assertThat(Office.names(forwarded)).doesNotContainAnyElementsOf(Office.names(message));
        // A copy outlives the original.
        house.node.journal.recall(message);
        house.shredder.scrub();
        assertHasAll(cleo, forwarded, 4);
    }

    @Test
    void andWhoRepeatsARequestHasThoseOfTheFirst() throws IOException {
        Message first = sending.send(ann, Office.draft(ben, stored(2), "again")).message();
        Message second = sending.send(ann, Office.draft(ben, stored(3), "again")).message();
        assertThat(second).isEqualTo(first);
        assertThat(Office.names(office.place(first.slice()))).containsExactlyInAnyOrderElementsOf(Office.names(first));
        assertHasAll(ben, first, 2);
    }

    @Test
    void allOfWhichGoWhenItIsRecalled() throws IOException {
        Message message = send(3);
        Message other = send(2);
        reading.recall(ann, message.id());
        Office.assertRefused(Failure.NOT_FOUND, () -> reading.attachment(ben, message.id(), 2));
        house.shredder.scrub();
        house.shredder.puncture();
        assertThat(Office.names(office.place(other.slice()))).containsExactlyInAnyOrderElementsOf(Office.names(other));
        assertHasAll(ben, other, 2);
    }

    @Test
    void allOfWhichGoWithTheirEpoch() throws IOException {
        Message message = send(3);
        Path place = office.place(message.slice());
        Epoch epoch = house.node.epochs.require(message.slice());
        house.node.execute("UPDATE slice SET ends_at = now() WHERE slice = ?", message.slice().code());
        house.node.execute("UPDATE epoch SET ends_at = now() WHERE epoch = ?", epoch.code());
        house.shredder.destroySlices();
        house.shredder.closeEpochs();
        Office.assertRefused(Failure.NOT_FOUND, () -> reading.attachment(ben, message.id(), 1));
        assertThat(place).doesNotExist();
        assertThat(house.node.number("SELECT count(*) FROM pg_class WHERE relname LIKE 'message\\_%' || ?",
                Long.toString(epoch.code()))).isZero();
    }

    @Test
    void allOfWhichAreHeld() throws IOException {
        Hold hold = house.holds.place(Node.ORGANIZATION, new Hold.Target.OfPerson(ben.id()));
        Message message = send(3);
        reading.recall(ann, message.id());
        house.shredder.scrub();
        house.shredder.puncture();
        assertThat(Office.names(office.place(message.slice()))).isEmpty();
        assertThat(house.holds.extent(hold.id())).isEqualTo(new Holds.Extent(1, 3, 0, 0));

        Household.Exported exported = house.export(hold);
        assertThat(exported.written()).isEqualTo(new HoldExport.Written(1, 3, 0));
        String folder = "attachments/" + message.id() + "/";
        assertThat(exported.entries().keySet()).containsExactly(
                "messages.jsonl", folder + "plan.txt", folder + "2-plan.txt", folder + "3-plan.txt");
        assertThat(exported.entries().values().stream().skip(1))
                .containsExactly(Office.file(1), Office.file(2), Office.file(3));

        house.holds.release(hold.id());
        house.release.settle();
        assertThat(house.files().resolve(Long.toString(hold.epoch().code()))).doesNotExist();
    }

    @Test
    void allOfWhichComeBackFromABackup() throws IOException {
        Message message = send(3);
        Hold hold = house.holds.place(Node.ORGANIZATION, new Hold.Target.OfPerson(ben.id()));
        Message held = send(2);
        reading.recall(ann, held.id());
        house.shredder.scrub();
        house.shredder.puncture();
        Path archive = data.resolve("backup.zip");
        Path keys = data.resolve("keys.backup");
        assertThat(new Backup(house.node.database, house.files(), Clock.systemUTC()).write(archive).files())
                .isEqualTo(5);
        new KeysFile(keys).write(house.keys, Household.vault(house.data).root(), Clock.systemUTC());

        Path other = data.resolve("other");
        try (OwnDatabase fresh = new OwnDatabase()) {
            try (Database database = fresh.open(2); Restore restore = new Restore(archive, keys)) {
                Restore.Restored restored =
                        restore.into(other, database, Household.vault(other), () -> Household.open(other));
                assertThat(restored.files()).isEqualTo(5);
            }
            try (Household restored = new Household(other, fresh)) {
                Message again = restored.read(message, ben.id()).orElseThrow();
                assertThat(again).isEqualTo(message);
                for (int i = 0; i < 3; i++) {
                    assertThat(restored.attachment(again, i)).isEqualTo(Office.file(i + 1));
                }
                assertThat(restored.holds.extent(hold.id())).isEqualTo(new Holds.Extent(1, 2, 0, 1));
            }
        }
    }

    @Test
    void andAreFoundByAnyOfTheirFiles() {
        Message message = send(3);
        send(2);
        UUID second = message.content().attachments().get(1).blob();
        List<UUID> found = house.node.database.read(handle -> handle.createQuery(
                "SELECT message_id FROM message WHERE blobs @> ARRAY[CAST(:blob AS uuid)]")
                .bind("blob", second)
                .mapTo(UUID.class)
                .list());
        assertThat(found).containsExactly(message.id().value());
        assertThat(house.node.number("SELECT count(*) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid"
                + " WHERE relname LIKE 'message\\_%blobs\\_idx' AND indpred IS NOT NULL")).isPositive();
    }
}
