package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.PersonId;
import ephemera.core.talk.Message;
import ephemera.core.vault.Grid;
import ephemera.core.vault.Slice;
import ephemera.core.vault.Term;
import ephemera.server.backup.Doctor;
import ephemera.server.backup.Doctor.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class DoctorFindsWhatIsLeft {

    @TempDir
    private Path temp;

    private final OwnDatabase own = new OwnDatabase();
    private Household house;
    private PersonId ann;
    private PersonId bob;
    private Message plain;
    private Message withFile;

    @BeforeEach
    void open() throws IOException {
        house = new Household(temp, own);
        ann = house.node.person();
        bob = house.node.person();
        house.node.direct(ann, bob);
        plain = house.send(ann, bob, "plain");
        Slice later = Household.later();
        withFile = house.send(ann, bob, later, "with a file", Optional.of(new byte[10]));
        // What dies as it should is nothing to report, also a moment before all of it is done.
        Message recalled = house.send(ann, bob, later, "recalled", Optional.of(new byte[10]));
        house.node.journal.recall(house.send(ann, bob, "just recalled"));
        house.node.journal.recall(recalled);
        house.shredder.scrub();
        Files.createFile(house.files().resolve("new").resolve(UUID.randomUUID().toString()));
        Doctor.Report report = examine();
        assertThat(report.findings()).hasSize(Kind.values().length).allMatch(Doctor.Finding::isGood);
        assertThat(report.isGood()).isTrue();
        assertThat(report.messages()).isEqualTo(2);
    }

    @AfterEach
    void close() {
        house.close();
        own.close();
    }

    private Doctor.Report examine() {
        return new Doctor(house.node.database, house.keys, house.files(), Household.EARLY_DEATH).examine();
    }

    /** Makes sure that so many of one kind are found, and nothing else. */
    private List<String> found(Kind kind, int count) {
        Doctor.Report report = examine();
        assertThat(report.isGood()).isFalse();
        assertThat(report.findings().stream().filter(finding -> !finding.isGood()).map(Doctor.Finding::kind))
                .containsExactly(kind);
        Doctor.Finding finding =
                report.findings().stream().filter(each -> !each.isGood()).findFirst().orElseThrow();
        assertThat(finding.count()).isEqualTo(count);
        return finding.names();
    }

    private void doomed(Message message, Duration since, boolean scrubbed) {
        house.node.execute(
                """
                INSERT INTO doomed (message_id, epoch, organization_id, key_tree, key_leaf, reason, decided_at, due_at,
                                    scrubbed)
                SELECT message_id, epoch, organization_id, key_tree, key_leaf, 'READ', now(), now() - ?::interval, ?
                  FROM message WHERE message_id = ?
                """,
                since.toString(),
                scrubbed,
                message.id().value());
    }

    private static void age(Path path, Duration by) throws IOException {
        Files.setLastModifiedTime(path, FileTime.from(Instant.now().minus(by)));
    }

    private Path folder(Message message) {
        return house.files()
                .resolve(Long.toString(house.node.epochs.require(message.slice()).code()));
    }

    @Test
    void keysOfASliceThatIsOver() {
        Slice over = new Slice(Term.HOUR, Instant.now().minusSeconds(16).getEpochSecond());
        house.keys.write(over, 1, new byte[40], 0);
        assertThat(found(Kind.ENDED_SLICES, 1)).containsExactly(over.toString());
    }

    @Test
    void keysOfAMessageThatDiedEarlyLongAgo() {
        doomed(plain, Household.EARLY_DEATH.plusSeconds(16), true);
        found(Kind.EARLY_DEATHS_WITH_KEYS, 1);
        // Without its key it is only a row that somebody forgot.
        house.node.execute("UPDATE message SET content = NULL WHERE message_id = ?", plain.id().value());
        house.shredder.puncture();
        assertThat(examine().isGood()).isTrue();
    }

    @Test
    void contentOfAMessageThatDiedEarly() {
        doomed(plain, Duration.ofSeconds(16), false);
        found(Kind.EARLY_DEATHS_WITH_CONTENT, 1);
    }

    @Test
    void theFileOfAMessageThatIsGone() {
        house.node.execute("UPDATE message SET content = NULL WHERE message_id = ?", withFile.id().value());
        UUID file = withFile.content().attachments().getFirst().blob();
        assertThat(found(Kind.FILES_OF_EARLY_DEATHS, 1)).singleElement().asString().endsWith("/" + file);
    }

    @Test
    void rowsOfAnEpochThatIsOver() {
        Slice slice = new Slice(Term.DAY, Instant.now().plusSeconds(7_000).getEpochSecond());
        house.send(ann, bob, slice, "late", Optional.empty());
        house.node.execute(
                "UPDATE epoch SET ends_at = now() - interval '16 seconds' WHERE epoch = ?",
                house.node.epochs.require(slice).code());
        found(Kind.ROWS_OF_ENDED_EPOCHS, 1);
    }

    @Test
    void thePartitionsOfAnEpochThatIsClosed() {
        Slice slice = new Slice(Term.DAY, Instant.now().minusSeconds(7_000).getEpochSecond());
        long epoch = Grid.DEFAULT.epoch(slice).code();
        house.node.execute("SELECT open_epoch(?, now())", epoch);
        house.node.execute("DELETE FROM epoch WHERE epoch = ?", epoch);
        house.node.execute("SELECT drop_partition('burn', ?)", epoch);
        // Of the seven tables that have one, all but the one that was dropped.
        assertThat(found(Kind.PARTITIONS_OF_CLOSED_EPOCHS, 6)).contains("message_" + epoch);
    }

    @Test
    void theFoldersOfEpochsThatAreClosed() throws IOException {
        age(Files.createDirectory(house.files().resolve("12345")), Duration.ofSeconds(16));
        age(Files.createDirectory(house.files().resolve("ended-12345-x")), Duration.ofSeconds(16));
        // However long it takes until it is looked at.
        age(Files.createDirectory(house.files().resolve("ended-a-moment-ago")), Duration.ofMinutes(-5));
        assertThat(found(Kind.FOLDERS_OF_CLOSED_EPOCHS, 2)).containsExactly("12345", "ended-12345-x");
    }

    @Test
    void aFileThatNobodyClaimed() throws IOException {
        Path file = Files.createFile(house.files().resolve("new/0190a1b2-0000-7000-8000-000000000000"));
        age(file, Duration.ofMinutes(71));
        assertThat(found(Kind.UNCLAIMED_FILES, 1)).containsExactly("new/" + file.getFileName());
    }

    @Test
    void anUploadThatNobodyRemovedInTime() {
        UUID over = UUID.randomUUID();
        UUID forgotten = UUID.randomUUID();
        upload(over, Duration.ofMinutes(-3), false, true);
        upload(forgotten, Duration.ofMinutes(-3), true, true);
        // These have their time, or are gone.
        upload(UUID.randomUUID(), Duration.ofHours(20), false, true);
        upload(UUID.randomUUID(), Duration.ofMinutes(-1), false, true);
        upload(UUID.randomUUID(), Duration.ofMinutes(-3), true, false);
        assertThat(found(Kind.OVERDUE_UPLOADS, 2))
                .containsExactlyInAnyOrder("upload " + over, "upload " + forgotten);
    }

    /** Enters one that ends after a time, that a message was to take, or has taken. */
    private void upload(UUID id, Duration ends, boolean claimed, boolean waits) {
        house.node.execute(
                """
                INSERT INTO upload (upload_id, created_at, ends_at, slice, key_tree, key_leaf, size, uploader_id,
                                    organization_id, content, claim, message_id, claimed_at)
                SELECT id, now(), now() + ?::interval, 0, 0, 0, 1, ?, 'clinic', CASE WHEN ? THEN 'x'::bytea END,
                       CASE WHEN claimed THEN id END, CASE WHEN claimed THEN id END, CASE WHEN claimed THEN now() END
                  FROM (VALUES (?::uuid, ?)) AS row (id, claimed)
                """,
                ends.toString(),
                ann.value(),
                waits,
                id,
                claimed);
    }

    @Test
    void aDamagedFileOfKeysByItsName() throws IOException {
        Slice unused = new Slice(Term.HOUR, Instant.now().plusSeconds(3_300).getEpochSecond());
        house.ring.prepare(unused);
        Path folder = temp.resolve("keys/" + "%09x".formatted(unused.code()));
        Path file;
        try (var files = Files.list(folder)) {
            file = files.findFirst().orElseThrow();
        }
        RestoreBringsBackTheLivingOnly.flip(file);
        assertThat(found(Kind.DAMAGED_KEYS, 1)).singleElement().asString().contains(file.toString());
    }

    @Test
    void aLivingMessageWhoseKeyIsMissing() {
        house.keys.destroy(withFile.slice());
        assertThat(found(Kind.UNREADABLE_MESSAGES, 1))
                .containsExactly("message " + withFile.id() + ": its key is missing");
    }

    @Test
    void aLivingMessageWhoseContentWasChanged() {
        house.node.execute(
                "UPDATE message SET content = set_byte(content, 3, 255 - get_byte(content, 3)) WHERE message_id = ?",
                plain.id().value());
        assertThat(found(Kind.UNREADABLE_MESSAGES, 1))
                .containsExactly("message " + plain.id() + ": its content does not open");
    }

    @Test
    void aLivingMessageWhoseFileIsMissing() throws IOException {
        UUID file = withFile.content().attachments().getFirst().blob();
        Files.delete(folder(withFile).resolve(file.toString()));
        assertThat(found(Kind.UNREADABLE_MESSAGES, 1))
                .containsExactly("message " + withFile.id() + ": its file " + file + " is missing");
    }
}
