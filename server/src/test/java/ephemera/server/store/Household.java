package ephemera.server.store;

import ephemera.core.Ids;
import ephemera.core.Lifespan;
import ephemera.core.directory.PersonId;
import ephemera.core.talk.Archive;
import ephemera.core.talk.Attachment;
import ephemera.core.talk.Content;
import ephemera.core.talk.Message;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Outgoing;
import ephemera.core.vault.Blobs;
import ephemera.core.vault.Deletion;
import ephemera.core.vault.Grid;
import ephemera.core.vault.KeyId;
import ephemera.core.vault.KeyRing;
import ephemera.core.vault.KeyStore;
import ephemera.core.vault.SigningKey;
import ephemera.core.vault.Slice;
import ephemera.core.vault.Term;
import ephemera.server.config.Config;
import ephemera.server.keys.FileKeyStore;
import ephemera.server.keys.RootKey;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** Everything that one server keeps, without the server: database, files and keys in a folder. */
final class Household implements AutoCloseable {

    static final Duration EARLY_DEATH = Duration.ofHours(1);
    static final Grid GRID = Grid.DEFAULT;

    /** Measures nothing. */
    static final Shredder.Meter UNCOUNTED = new Shredder.Meter() {
        @Override
        public void sliceDestroyed() {}

        @Override
        public void punctured(int messages) {}

        @Override
        public void epochClosed(long nanoseconds) {}

        @Override
        public void overdue(long rows, long seconds) {}
    };

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Ids IDS = new Ids(Clock.systemUTC(), RANDOM);

    /** What is in an export of a hold: what was told of it, and its entries in their order. */
    record Exported(HoldExport.Written written, Map<String, byte[]> entries) {}

    final Path data;
    final KeyStore keys;
    final KeyRing ring;
    final Node node;
    final FileBlobs blobs;
    final DeletionRecord record;
    final Rescue rescue;
    final Release release;
    final Holds holds;
    final Shredder shredder;
    private Duration ahead = Duration.ZERO;

    /** Opens what is in a folder, on a database that the caller closes. */
    Household(Path data, OwnDatabase own) throws IOException {
        this.data = data;
        Files.createDirectories(data);
        keys = open(data);
        SigningKey signing = SigningKey.in(keys);
        ring = new KeyRing(keys, RANDOM, KeyRing.DEFAULT_CACHE);
        node = new Node(own, keys).start();
        blobs = new FileBlobs(files(), node.epochs, IDS, RANDOM);
        record = new DeletionRecord(node.database, signing);
        rescue = new Rescue(node.database, ring, new Sealing(ring, new Json()), blobs, node.epochs);
        release = new Release(node.database, ring, blobs, record, rescue);
        holds = new Holds(node.database, () -> ring, () -> record, IDS);
        shredder = shredder(node.database, rescue);
    }

    /** A shredder that works on that database and rescues what is held in that way. */
    Shredder shredder(Database database, Rescue rescue) {
        return new Shredder(database, ring, rescue, blobs, node.epochs, record, this::now, UNCOUNTED);
    }

    /** The key store of a data folder. */
    static KeyStore open(Path data) {
        Path folder = data.resolve("keys");
        return FileKeyStore.open(folder, RootKey.ofFile(root(data), RootKey.IfMissing.CREATE));
    }

    private static Path root(Path data) {
        try {
            return Files.createDirectories(data.resolve("keys")).resolve("root.key");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** How a server with that data folder is configured. */
    static Config.Vault vault(Path data) {
        return new Config.Vault(
                Grid.DEFAULT.shortSlice(),
                Grid.DEFAULT.longSlice(),
                Grid.DEFAULT.narrowestEpoch(),
                EARLY_DEATH,
                new Config.Keys.Folder(data.resolve("keys")),
                new Config.Root.File(data.resolve("keys/root.key"), true));
    }

    Path files() {
        return data.resolve("blobs");
    }

    /** The time on the clock of this house. */
    private Instant now() {
        return Instant.now().plus(ahead);
    }

    /**
     * A slice whose end a test {@linkplain #pass sees}: before that of {@link #later}, and far enough to be awaited.
     */
    Slice soon() {
        return new Slice(Term.HOUR, now().getEpochSecond() + 1_000);
    }

    /** A slice that no test sees the end of. */
    static Slice later() {
        return new Slice(Term.HOUR, Instant.now().getEpochSecond() + 3_000);
    }

    /** Lets the time of a slice be over, and of the messages in it; its epoch goes on. */
    void pass(Slice slice) {
        ahead = Duration.between(Instant.now(), slice.end());
        // The database's clock cannot be set: what it compares with it can.
        node.execute("UPDATE slice SET ends_at = now() WHERE slice = ?", slice.code());
        node.execute("UPDATE message SET expires_at = now() WHERE expires_at > now() AND expires_at <= to_timestamp(?)",
                slice.endSecond());
    }

    /** A round of everything that destroys. */
    void destroy() {
        shredder.destroySlices();
        shredder.scrub();
        shredder.puncture();
        shredder.closeEpochs();
    }

    /** Sends a message that lives for an hour. */
    Message send(PersonId from, PersonId to, String body) {
        return send(from, to, Grid.DEFAULT.slice(Instant.now(), Lifespan.ofMinutes(60)), body, Optional.empty());
    }

    /** Sends a message that ends with a slice. */
    Message send(PersonId from, PersonId to, Slice slice, String body, Optional<byte[]> file) {
        return send(from, to, slice, body, file.stream().toList());
    }

    /** Sends a message with files that ends with a slice. */
    Message send(PersonId from, PersonId to, Slice slice, String body, List<byte[]> files) {
        Outgoing like = Node.toPerson(from, to, "");
        return node.journal
                .send(new Outgoing(
                        MessageId.next(IDS, slice),
                        like.organization(),
                        like.conversation(),
                        from,
                        like.recipient(),
                        like.lifespan(),
                        like.traits(),
                        new Content(body, List.of(), files.stream().map(bytes -> attached(bytes, slice)).toList()),
                        Optional.empty(),
                        List.of(),
                        false))
                .message();
    }

    private Attachment attached(byte[] bytes, Slice slice) {
        try {
            Blobs.Stored stored = blobs.put(new ByteArrayInputStream(bytes), Long.MAX_VALUE);
            blobs.keep(List.of(stored.id()), slice);
            return new Attachment(stored.id(), stored.key(), "plan.pdf", "application/pdf", stored.size());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** A message as somebody reads it; empty if they cannot. */
    Optional<Message> read(Message message, PersonId viewer) {
        return switch (node.archive.message(message.id(), Node.ORGANIZATION, viewer)) {
            case Archive.Found.Visible(Message found) -> Optional.of(found);
            case Archive.Found.Hidden() -> Optional.empty();
            case Archive.Found.Missing() -> Optional.empty();
        };
    }

    /** What the key of a message that is not destroyed is known by. */
    KeyId key(Message message) {
        return node.database.read(handle -> handle.createQuery(
                "SELECT key_tree, key_leaf FROM message WHERE message_id = :id")
                .bind("id", message.id().value())
                .map((row, _) -> new KeyId(message.slice(), row.getLong(1), row.getInt(2)))
                .one());
    }

    /** What is recorded of a message's destruction; empty before. */
    Optional<Deletion> recorded(Message message) {
        return record.find(message.id().value());
    }

    /** What an operator gets who exports a hold. */
    Exported export(Hold hold) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        HoldExport.Written written = new HoldExport(
                node.database, new Sealing(ring, new Json()), blobs, new Json()).write(hold, out);
        Map<String, byte[]> entries = new LinkedHashMap<>();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(out.toByteArray()))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                entries.put(entry.getName(), zip.readAllBytes());
            }
        }
        return new Exported(written, entries);
    }

    /** What is in a message's first attachment. */
    byte[] attachment(Message message) throws IOException {
        return attachment(message, 0);
    }

    /** What is in one of a message's attachments. */
    byte[] attachment(Message message, int index) throws IOException {
        Attachment attachment = message.content().attachments().get(index);
        try (InputStream in = blobs.open(attachment.blob(), attachment.key(), message.slice()).orElseThrow()) {
            return in.readAllBytes();
        }
    }

    @Override
    public void close() {
        node.close();
    }
}
