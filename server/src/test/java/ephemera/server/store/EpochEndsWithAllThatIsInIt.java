package ephemera.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.Ids;
import ephemera.core.directory.PersonId;
import ephemera.core.talk.Archive;
import ephemera.core.talk.Message;
import ephemera.core.talk.ReceiptStatus;
import ephemera.core.vault.Blobs;
import ephemera.core.vault.Epoch;
import ephemera.core.vault.KeyId;
import ephemera.core.vault.KeyRing;
import ephemera.core.vault.KeyStore;
import ephemera.core.vault.SigningKey;
import ephemera.core.vault.Slice;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** At the end of a slice its keys are destroyed, at the end of an epoch its rows and files are, each recorded once. */
class EpochEndsWithAllThatIsInIt {

    @TempDir
    private Path folder;

    private final OwnDatabase own = new OwnDatabase();
    private final KeyStore store = KeysOfTests.open();
    private final Node node = new Node(own, store).start();
    private final KeyRing keys = new KeyRing(store, new SecureRandom(), KeyRing.DEFAULT_CACHE);
    private final PersonId alice = node.person();
    private final PersonId bob = node.person();
    private final Counts counts = new Counts();
    private Instant now = Instant.now();
    private FileBlobs blobs;
    private Shredder shredder;

    private static final class Counts implements Shredder.Meter {

        private int slices;
        private int punctured;
        private int epochs;
        private long overdueSeconds;

        @Override
        public void sliceDestroyed() {
            slices++;
        }

        @Override
        public void punctured(int messages) {
            punctured += messages;
        }

        @Override
        public void epochClosed(long nanoseconds) {
            epochs++;
        }

        @Override
        public void overdue(long rows, long seconds) {
            overdueSeconds = seconds;
        }
    }

    @BeforeEach
    void open() throws IOException {
        blobs = new FileBlobs(
                folder.resolve("blobs"), node.epochs, new Ids(Clock.systemUTC(), new SecureRandom()),
                new SecureRandom());
        shredder = new Shredder(
                node.database, keys, new Rescue(node.database, keys, node.sealing, blobs, node.epochs), blobs,
                node.epochs, new DeletionRecord(node.database, SigningKey.in(store)),
                () -> now, counts);
        node.direct(alice, bob);
    }

    @AfterEach
    void end() {
        node.close();
        own.close();
    }

    private Message send() {
        return node.journal.send(Node.toPerson(alice, bob, "")).message();
    }

    /** Lets the time of a slice and its epoch be over, here and in the database. */
    private void pass(Slice slice) {
        now = slice.end().plus(Duration.ofSeconds(1));
        node.execute("UPDATE slice SET ends_at = now() WHERE slice = ?", slice.code());
        node.execute("UPDATE epoch SET ends_at = now() WHERE epoch = (SELECT epoch FROM slice WHERE slice = ?)",
                slice.code());
    }

    private boolean isVisible(Message message) {
        return node.archive.message(message.id(), message.organization(), bob) instanceof Archive.Found.Visible;
    }

    private long records(String kind) {
        return node.number("SELECT count(*) FROM deletion WHERE kind = ?", kind);
    }

    @Test
    void keysFirstThenRowsAndFiles() throws IOException {
        Message message = send();
        node.journal.mark(bob, Map.of(message.id(), ReceiptStatus.READ));
        Slice slice = message.slice();
        Epoch epoch = node.epochs.require(slice);
        Blobs.Stored file = blobs.put(new ByteArrayInputStream(new byte[] {1, 2, 3}), 10);
        blobs.keep(List.of(file.id()), slice);
        assertThat(isVisible(message)).isTrue();

        pass(slice);
        shredder.measure();
        assertThat(counts.overdueSeconds).isNotNegative();
        shredder.destroySlices();
        // What every other server does for itself, each second.
        node.ring.forgetOver(now);

        assertThat(store.slices()).doesNotContain(slice);
        assertThat(isVisible(message)).as("its key is gone, though its row says that it lives").isFalse();
        assertThat(records("SLICE")).isOne();

        shredder.closeEpochs();

        assertThat(node.number("SELECT count(*) FROM pg_class WHERE relname LIKE '%\\_' || ?",
                Long.toString(epoch.code()))).isZero();
        assertThat(node.number("SELECT count(*) FROM epoch WHERE epoch = ?", epoch.code())).isZero();
        assertThat(Files.exists(folder.resolve("blobs").resolve(Long.toString(epoch.code())))).isFalse();
        assertThat(records("EPOCH")).isOne();
        assertThat(counts.slices).isOne();
        assertThat(counts.epochs).isOne();
        assertThat(isVisible(message)).isFalse();
    }

    @Test
    void andAnotherRoundChangesNothing() {
        pass(send().slice());
        for (int i = 0; i < 3; i++) {
            shredder.destroySlices();
            shredder.closeEpochs();
            shredder.scrub();
            shredder.puncture();
        }
        assertThat(records("SLICE")).isOne();
        assertThat(records("EPOCH")).isOne();
    }

    @Test
    void anEpochThatIsNotOverStays() {
        Message message = send();

        shredder.destroySlices();
        shredder.closeEpochs();

        assertThat(isVisible(message)).isTrue();
        assertThat(records("EPOCH")).isZero();
    }

    /** What could not be recorded, because the disk was full, is recorded with the epoch. */
    @Test
    void itsEndDestroysWhatIsLeftOfItsKeys() {
        Slice slice = send().slice();
        pass(slice);

        shredder.closeEpochs();

        assertThat(store.slices()).doesNotContain(slice);
        assertThat(records("SLICE")).isOne();
        assertThat(records("EPOCH")).isOne();
    }

    @Test
    void aRecalledMessageLosesItsKeyAlone() {
        Message recalled = send();
        Message other = send();
        node.journal.recall(recalled);

        shredder.puncture();
        assertThat(records("MESSAGE")).as("not before it was scrubbed").isZero();
        shredder.scrub();
        shredder.puncture();

        assertThat(records("MESSAGE")).isOne();
        assertThat(counts.punctured).isOne();
        assertThat(node.number("SELECT count(*) FROM doomed")).isZero();
        assertThat(isVisible(other)).isTrue();
    }

    /** On a full disk a row may stay as it is for long. */
    @Test
    void aKeyDoesNotWaitUntilItsRowIsScrubbed() {
        Message recalled = send();
        node.journal.recall(recalled);
        KeyId key = new KeyId(recalled.slice(), node.number("SELECT key_tree FROM doomed"),
                (int) node.number("SELECT key_leaf FROM doomed"));
        assertThat(node.ring.find(key)).isPresent();

        shredder.puncture();
        // This is another server's, which remembers for a while what it has read.
        node.ring.forget();

        assertThat(node.ring.find(key)).isEmpty();
        assertThat(node.number("SELECT count(*) FROM doomed")).as("the row is still to be scrubbed").isOne();
    }

    @Test
    void aReaderWhoTakesLongOnlyPutsItOff() throws SQLException {
        Message message = send();
        pass(message.slice());
        shredder.destroySlices();
        try (Connection reader = node.database.connect("reader"); Statement statement = reader.createStatement()) {
            reader.setAutoCommit(false);
            statement.execute("SELECT count(*) FROM message");
            shredder.closeEpochs();
            assertThat(records("EPOCH")).isZero();
            // Else its lock would last until the database has noticed that it is gone.
            reader.rollback();
        }

        shredder.closeEpochs();
        assertThat(records("EPOCH")).isOne();
    }

    @Test
    void keysAreDestroyedWithoutTheDatabaseToo() {
        Slice slice = send().slice();
        pass(slice);
        node.close();

        try {
            shredder.destroySlices();
        } catch (RuntimeException _) {
            // What is left is to record it, when the database is back.
        }

        assertThat(store.slices()).doesNotContain(slice);
    }
}
