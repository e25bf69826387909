package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ephemera.core.directory.PersonId;
import ephemera.core.talk.Message;
import ephemera.core.vault.Grid;
import ephemera.core.vault.KeyStore;
import ephemera.core.vault.Slice;
import ephemera.core.vault.Term;
import ephemera.server.StartFailure;
import ephemera.server.backup.Backup;
import ephemera.server.backup.Doctor;
import ephemera.server.backup.KeysFile;
import ephemera.server.backup.Restore;
import ephemera.server.backup.RestoreMark;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class RestoreBringsBackTheLivingOnly {

    private static final byte[] FILE = new byte[200_000];

    static {
        new Random(1).nextBytes(FILE);
    }

    @TempDir
    private Path temp;

    private final OwnDatabase own = new OwnDatabase();
    private Household old;
    private PersonId ann;
    private PersonId bob;
    private Path archive;
    private Path keysCopy;

    @BeforeEach
    void open() throws IOException {
        old = new Household(temp.resolve("old"), own);
        ann = old.node.person();
        bob = old.node.person();
        old.node.direct(ann, bob);
        archive = temp.resolve("backup.zip");
        keysCopy = temp.resolve("keys.backup");
    }

    @AfterEach
    void close() {
        old.close();
        own.close();
    }

    private static Slice endingIn(Duration time) {
        return new Slice(Term.HOUR, Instant.now().plus(time).getEpochSecond() + 1);
    }

    private Message sendWithFile(Slice slice, String body) {
        return old.send(ann, bob, slice, body, Optional.of(FILE));
    }

    private Backup.Written backUp() {
        return new Backup(old.node.database, old.files(), Clock.systemUTC()).write(archive);
    }

    private void backUpKeys() {
        new KeysFile(keysCopy).write(old.keys, Household.vault(old.data).root(), Clock.systemUTC());
    }

    private Restore.Restored restore(Path data, Database database) {
        try (Restore restore = new Restore(archive, keysCopy)) {
            return restore.into(data, database, Household.vault(data), () -> Household.open(data));
        }
    }

    @Test
    void intoAnotherPlace() throws IOException {
        Slice hour = endingIn(Duration.ofHours(1));
        // A backup holds what nobody has destroyed yet: whether that lived then or was over makes no difference to it.
        Slice over = endingIn(Duration.ofSeconds(-10));
        // One that has ended with its epoch, and one whose epoch goes on.
        new Epochs(old.node.database, new Grid(Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(1)))
                .require(over);
        Slice overAlone = new Slice(Term.HOUR, over.endSecond() - 1);
        new Epochs(old.node.database, new Grid(Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofDays(1_000)))
                .require(overAlone);
        Message living = sendWithFile(hour, "living with a file");
        Message plain = old.send(ann, bob, "living ünd plain");
        Message recalledBefore = old.send(ann, bob, "recalled before");
        assertThat(old.node.journal.recall(recalledBefore)).isTrue();
        Message recalled = sendWithFile(hour, "recalled after the backup");
        Message ending = sendWithFile(over, "ends with its epoch");
        Message endingAlone = sendWithFile(overAlone, "ends before its epoch");
        // Of two uploads one is past its time.
        old.node.execute(
                """
                INSERT INTO upload (upload_id, created_at, ends_at, slice, key_tree, key_leaf, size, uploader_id,
                                    organization_id, content)
                SELECT gen_random_uuid(), now(), now() + ends, 0, 0, 0, 1, gen_random_uuid(), 'clinic', 'x'
                  FROM unnest(ARRAY[interval '-1 hour', interval '1 hour']) AS ends
                """);
        long generation = old.node.number("SELECT generation FROM journal");
        long head = old.node.number("SELECT head FROM journal");

        Backup.Written written = backUp();
        assertThat(written.files()).isEqualTo(4);
        assertThat(written.bytes()).isEqualTo(Files.size(archive));
        assertThat(Files.getPosixFilePermissions(archive)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(old.node.journal.recall(recalled)).isTrue();
        old.shredder.scrub();
        old.shredder.puncture();
        backUpKeys();
        assertThat(Files.getPosixFilePermissions(keysCopy)).isEqualTo(PosixFilePermissions.fromString("rw-------"));

        Path data = temp.resolve("fresh/data");
        try (OwnDatabase other = new OwnDatabase()) {
            Restore.Restored restored;
            try (Database database = other.open(2)) {
                restored = restore(data, database);
                new RestoreMark(data).requireNone();
                Doctor.Report report = new Doctor(
                        database, Household.open(data), data.resolve("blobs"), Household.EARLY_DEATH)
                        .examine();
                assertThat(report.findings()).allMatch(Doctor.Finding::isGood);
                assertThat(report.messages()).isEqualTo(2);
            }
            assertThat(restored.messages()).isEqualTo(2);
            assertThat(restored.expired()).isEqualTo(1);
            assertThat(restored.keyless()).isEqualTo(1);
            assertThat(restored.files()).isEqualTo(1);
            try (Household fresh = new Household(data, other)) {
                assertThat(fresh.read(living, bob)).contains(living);
                assertThat(fresh.attachment(living)).isEqualTo(FILE);
                assertThat(fresh.read(plain, bob)).contains(plain);
                for (Message dead : new Message[] {recalled, recalledBefore, ending, endingAlone}) {
                    assertThat(fresh.read(dead, bob)).isEmpty();
                    assertThat(fresh.node.number(
                            "SELECT count(*) FROM message WHERE message_id = ? AND content IS NOT NULL",
                            dead.id().value()))
                            .isZero();
                }
                for (Message gone : new Message[] {recalled, ending, endingAlone}) {
                    assertThat(fresh.node.number(
                            "SELECT count(*) FROM message WHERE message_id = ?", gone.id().value()))
                            .isZero();
                }
                assertThat(fresh.keys.slices()).contains(hour).doesNotContain(over, overAlone);
                assertThat(fresh.node.number("SELECT count(*) FROM epoch WHERE epoch = ?", over.code())).isZero();
                assertThat(fresh.node.number(
                        "SELECT count(*) FROM deletion WHERE subject IN (?, ?) AND kind = 'SLICE'",
                        over.toString(),
                        overAlone.toString()))
                        .isEqualTo(2);
                assertThat(fresh.node.number("SELECT count(*) FROM upload WHERE ends_at > now()")).isOne();
                assertThat(fresh.node.number("SELECT count(*) FROM upload")).isOne();
                assertThat(fresh.node.number("SELECT generation FROM journal")).isEqualTo(generation + 1);
                assertThat(fresh.node.number("SELECT head FROM journal")).isEqualTo(head);
                assertThat(filesIn(data.resolve("blobs"))).isEqualTo(1);
                // It goes on as a server does.
                assertThat(fresh.read(fresh.send(bob, ann, "afterwards"), ann)).isPresent();
            }
        }
    }

    private static long filesIn(Path folder) throws IOException {
        try (var all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).count();
        }
    }

    @Test
    void withoutAnyKeyInTheBackup() throws IOException {
        sendWithFile(endingIn(Duration.ofHours(1)), "sealed");
        old.node.journal.recall(old.send(ann, bob, "recalled"));
        old.shredder.scrub();
        old.shredder.puncture();
        backUp();
        StringBuilder everything = new StringBuilder();
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            for (ZipEntry entry : (Iterable<ZipEntry>) zip.stream().map(each -> (ZipEntry) each)::iterator) {
                everything.append(new String(zip.getInputStream(entry).readAllBytes(), StandardCharsets.ISO_8859_1));
            }
        }
        String root = Files.readString(old.data.resolve("keys/root.key")).strip();
        assertThat(everything.indexOf(root)).isNegative();
        assertThat(everything.indexOf(latin(Base64.getDecoder().decode(root)))).isNegative();
        int seeds = 0;
        for (Slice slice : old.keys.slices()) {
            for (long tree : old.keys.trees(slice)) {
                KeyStore.Stored stored = old.keys.read(slice, tree).orElseThrow();
                // Every run of 16 bytes of what is stored, so that no seed of any node is missed.
                for (int at = 0; at + 16 <= stored.cover().length; at++) {
                    byte[] run = Arrays.copyOfRange(stored.cover(), at, at + 16);
                    assertThat(everything.indexOf(latin(run))).isNegative();
                    seeds++;
                }
            }
        }
        assertThat(seeds).isGreaterThan(100);
        try (var files = Files.walk(old.data.resolve("keys"))) {
            for (Path file : files.filter(Files::isRegularFile).filter(file -> !file.endsWith("reserve")).toList()) {
                byte[] bytes = Files.readAllBytes(file);
                if (bytes.length >= 32) {
                    byte[] end = Arrays.copyOfRange(bytes, bytes.length - 32, bytes.length);
                    assertThat(everything.indexOf(latin(end))).isNegative();
                }
            }
        }
    }

    private static String latin(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    @Test
    void orNothingIfABitIsWrong() throws IOException {
        old.send(ann, bob, "hello");
        backUp();
        backUpKeys();
        Random random = new Random(7);
        for (Path file : new Path[] {archive, keysCopy}) {
            byte[] whole = Files.readAllBytes(file);
            for (int i = 0; i < 300; i++) {
                byte[] bytes = whole.clone();
                int at = i == 0 ? 0 : i == 1 ? whole.length - 1 : random.nextInt(whole.length);
                bytes[at] ^= (byte) (1 << random.nextInt(8));
                refused(file, bytes);
            }
            for (int length : new int[] {0, 1, 31, 90, whole.length / 2, whole.length - 1}) {
                refused(file, Arrays.copyOf(whole, length));
            }
            refused(file, Arrays.copyOf(whole, whole.length + 1));
            Files.write(file, whole);
        }
        new Restore(archive, keysCopy).close();
    }

    private void refused(Path file, byte[] bytes) throws IOException {
        Files.write(file, bytes);
        assertThatThrownBy(() -> new Restore(archive, keysCopy))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void andGoesOnWhereItWasInterrupted() throws IOException {
        Message message = sendWithFile(endingIn(Duration.ofHours(1)), "hello");
        backUp();
        backUpKeys();
        Path data = temp.resolve("data");
        try (OwnDatabase other = new OwnDatabase()) {
            try (Database database = other.open(2)) {
                try (Restore restore = new Restore(archive, keysCopy)) {
                    assertThatThrownBy(() -> restore.into(data, database, Household.vault(data), () -> {
                        throw new StartFailure("no keys today");
                    }))
                            .hasMessage("no keys today");
                }
                assertThatThrownBy(() -> new RestoreMark(data).requireNone()).hasMessageContaining("not finished");
                // A file where the folder should be.
                Files.writeString(data.resolve("blobs"), "");
                assertThatThrownBy(() -> restore(data, database)).hasMessageContaining("run the same command again");
                assertThatThrownBy(() -> new RestoreMark(data).requireNone()).hasMessageContaining("not finished");
                Files.delete(data.resolve("blobs"));
                assertThat(restore(data, database).messages()).isEqualTo(1);
                new RestoreMark(data).requireNone();
                assertThatThrownBy(() -> restore(data, database)).hasMessageContaining("in use");
            }
            try (Household fresh = new Household(data, other)) {
                assertThat(fresh.read(message, bob)).contains(message);
                assertThat(fresh.attachment(message)).isEqualTo(FILE);
                assertThat(fresh.node.number("SELECT generation FROM journal")).isEqualTo(2);
            }
        }
    }

    @Test
    void intoNothingThatIsUsed() throws IOException {
        backUp();
        backUpKeys();
        assertThatThrownBy(() -> restore(temp.resolve("other"), old.node.database))
                .hasMessageContaining("A server runs");
        try (OwnDatabase other = new OwnDatabase();
                Database database = other.open(2)) {
            assertThatThrownBy(() -> restore(old.data, database)).hasMessageContaining("there are keys in it");
            Path data = temp.resolve("files");
            Files.createDirectories(data.resolve("blobs/123"));
            Files.writeString(data.resolve("blobs/123/x"), "");
            assertThatThrownBy(() -> restore(data, database)).hasMessageContaining("there are files in it");
            database.change(handle -> handle.execute("UPDATE journal SET head = 1"));
            assertThatThrownBy(() -> restore(temp.resolve("other"), database))
                    .hasMessageContaining("database is in use");
        }
        assertThat(temp.resolve("other/keys")).doesNotExist();
    }

    @Test
    void withKeysWhosePredecessorIsErased() throws IOException {
        backUpKeys();
        byte[] first = Files.readAllBytes(keysCopy);
        Path secondName = temp.resolve("second-name");
        Files.createLink(secondName, keysCopy);
        Files.writeString(temp.resolve("keys.backup.new"), "of a run that was killed");
        old.send(ann, bob, "hello");
        backUpKeys();
        assertThat(Files.readAllBytes(secondName)).hasSize(first.length).containsOnly(0);
        Files.delete(secondName);

        // Killed between the two names, and after the rename.
        Files.createLink(temp.resolve("keys.backup.old"), keysCopy);
        backUpKeys();
        Path stray = temp.resolve("stray");
        Files.writeString(temp.resolve("keys.backup.old"), "old keys");
        Files.createLink(stray, temp.resolve("keys.backup.old"));
        backUpKeys();
        assertThat(Files.readAllBytes(stray)).hasSize(8).containsOnly(0);
        Files.delete(stray);
        try (var files = Files.list(temp)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsOnly("old", "keys.backup");
        }
    }

    @Test
    void andNoBackupOfKeysIsReplacedByNothing() throws IOException {
        backUpKeys();
        byte[] good = Files.readAllBytes(keysCopy);
        KeyStore empty = Household.open(temp.resolve("empty"));
        assertThatThrownBy(() -> new KeysFile(keysCopy)
                .write(empty, Household.vault(temp.resolve("empty")).root(), Clock.systemUTC()))
                .hasMessageContaining("nothing to back up");
        Message message = old.send(ann, bob, "hello");
        Path folder = old.data.resolve("keys/" + "%09x".formatted(message.slice().code()));
        try (var files = Files.list(folder)) {
            flip(files.findFirst().orElseThrow());
        }
        assertThatThrownBy(this::backUpKeys).hasMessageContaining("damaged");
        assertThat(Files.readAllBytes(keysCopy)).isEqualTo(good);
        assertThat(temp.resolve("keys.backup.new")).doesNotExist();
    }

    static void flip(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, channel.size() / 2);
            one.put(0, (byte) (one.get(0) ^ 1)).rewind();
            channel.write(one, channel.size() / 2);
        }
    }
}
