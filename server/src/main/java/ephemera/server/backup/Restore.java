package ephemera.server.backup;

import ephemera.core.Ids;
import ephemera.core.vault.Epoch;
import ephemera.core.vault.Grid;
import ephemera.core.vault.KeyRing;
import ephemera.core.vault.KeyStore;
import ephemera.core.vault.SigningKey;
import ephemera.server.StartFailure;
import ephemera.server.config.Config;
import ephemera.server.keys.FileKeyStore;
import ephemera.server.store.Database;
import ephemera.server.store.DatabaseClock;
import ephemera.server.store.DeletionRecord;
import ephemera.server.store.Epochs;
import ephemera.server.store.FileBlobs;
import ephemera.server.store.Json;
import ephemera.server.store.Release;
import ephemera.server.store.Rescue;
import ephemera.server.store.Restoration;
import ephemera.server.store.Sealing;
import ephemera.server.store.Shredder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Puts a backup and its keys into an empty data folder: what is alive now comes back, and nothing else.
 *
 * <p>Keys come first, then the rows, in one transaction, then the files of living messages; what ended after the backup
 * was made is destroyed as a server would do it. Until all is done the folder tells that it is not: repeated, the same
 * restore goes on where it stopped. For one thread.
 */
public final class Restore implements AutoCloseable {

    private final SecureRandom random = new SecureRandom();
    private final ArchiveReader archive;
    private final Manifest manifest;
    private final KeysFile keysFile;
    private final KeysFile.Head keysHead;

    /**
     * Opens a backup and its keys, both of which are read once to prove that they are whole.
     *
     * @throws StartFailure if one of them is not, or cannot be read, or is of a later release
     */
    public Restore(Path backup, Path keys) {
        keysFile = new KeysFile(keys);
        keysHead = keysFile.requireWhole();
        archive = ArchiveReader.open(backup);
        try {
            manifest = archive.manifest();
            if (!Database.knows(manifest.facts().schema())) {
                throw new StartFailure("The backup " + backup + " was made by a later release: restore it with that"
                        + " one.");
            }
        } catch (IOException e) {
            close();
            throw unreadable(e);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private static StartFailure unreadable(Exception e) {
        return new StartFailure("The restore did not come to its end (" + e
                + "): see to it, and run the same command again.", e);
    }

    /**
     * What came of a restore.
     *
     * @param takenAt when the backup was made
     * @param keysTakenAt when the backup of the keys was made
     * @param messages how many came back with what they say
     * @param expired how many were left out since their time was over, besides those of epochs that are
     * @param keyless how many were left out since they had been read, recalled or deleted, or since the keys are older
     *     than they are
     * @param files how many attachments and pictures came back
     */
    public record Restored(
            Instant takenAt, Instant keysTakenAt, long messages, long expired, long keyless, long files) {}

    /**
     * Restores.
     *
     * @param data the data folder, which this process holds
     * @param database has no tables yet, or empty ones
     * @param keyStore opens the key store, when the root key is in its place
     * @throws StartFailure if the folder or the database is in use, or something goes wrong; repeat it then
     */
    public Restored into(Path data, Database database, Config.Vault vault, Supplier<KeyStore> keyStore) {
        RestoreMark mark = new RestoreMark(data);
        Folders folders = new Folders(data.resolve("blobs"));
        try {
            PrivateFile.createFolder(data);
            Optional<RestoreMark.Begun> begun = mark.read();
            requireRoom(begun, database, folders, vault);
            boolean hasKeys = begun.map(RestoreMark.Begun::hasKeys).orElse(false);
            if (!hasKeys) {
                mark.write(new RestoreMark.Begun(archive.digest(), false));
                if (begun.isPresent() && vault.keys() instanceof Config.Keys.Folder(var folder)) {
                    clear(folder);
                }
                putRoot(vault.root());
            }
            KeyStore keys = keyStore.get();
            if (!hasKeys) {
                keysFile.readInto(keys);
                mark.write(new RestoreMark.Begun(archive.digest(), true));
            }
            KeyRing ring = new KeyRing(keys, random, KeyRing.DEFAULT_CACHE);
            RowsBack.Counts rows =
                    new RowsBack(archive, manifest, key -> ring.find(key).isPresent()).into(database);
            // Only the newest schema tells in one way which files there are.
            database.migrate();
            long files = files(database, folders) + heldFiles(database, folders);
            destroy(database, folders, keys, ring, vault);
            mark.remove();
            return new Restored(
                    manifest.takenAt(), keysHead.takenAt(), rows.living(), rows.expired(), rows.keyless(), files);
        } catch (IOException e) {
            throw unreadable(e);
        } catch (UncheckedIOException e) {
            throw unreadable(e);
        }
    }

    private void requireRoom(
            Optional<RestoreMark.Begun> begun, Database database, Folders folders, Config.Vault vault) {
        if (database.isServed()) {
            throw new StartFailure("A server runs on this database: stop it, and restore into an empty one.");
        }
        if (begun.isPresent()) {
            if (!begun.get().archive().equals(archive.digest())) {
                throw new StartFailure("The restore of another backup into this folder is not finished: run that one"
                        + " again, or empty the folder.");
            }
            return;
        }
        if (Restoration.isUsed(database)) {
            throw new StartFailure("The database is in use: restore into an empty data folder, and, if the database is"
                    + " your own, into an empty one.");
        }
        boolean hasKeys = vault.keys() instanceof Config.Keys.Folder(var folder) && !FileKeyStore.isEmpty(folder);
        if (hasKeys || !folders.names().stream().allMatch(name -> folders.names(name).isEmpty())) {
            throw new StartFailure("The data folder is in use: there are " + (hasKeys ? "keys" : "files")
                    + " in it. Restore into an empty one.");
        }
    }

    /** Removes keys that an unfinished restore left: some of those that come now. */
    private static void clear(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        List<Path> found;
        try (Stream<Path> all = Files.walk(folder)) {
            found = new ArrayList<>(all.filter(Files::isRegularFile).toList());
        }
        for (Path file : found) {
            PrivateFile.erase(file);
        }
    }

    /** Puts the root key where the server looks for it, if the backup has it and the server keeps it in a file. */
    private void putRoot(Config.Root root) throws IOException {
        Optional<Path> place = KeysFile.rootFile(root);
        if (place.isEmpty() || keysHead.root().isEmpty()) {
            return;
        }
        if (Files.exists(place.get())) {
            if (!Arrays.equals(Files.readAllBytes(place.get()), keysHead.root().get())) {
                throw new StartFailure("There is another root key in " + place.get()
                        + ": put it aside, so that the one of the backup has room.");
            }
            return;
        }
        PrivateFile.createFolder(PrivateFile.folder(place.get()));
        PrivateFile.write(place.get(), keysHead.root().get());
    }

    /** Puts back the files of messages that are there, and pictures; the others never touch the disk. */
    private long files(Database database, Folders folders) throws IOException {
        PrivateFile.createFolder(folders.root());
        long files = files(folders, Folders.PICTURES, _ -> true);
        for (Epoch epoch : manifest.facts().epochs()) {
            Set<UUID> living = Restoration.files(database, epoch);
            if (!living.isEmpty()) {
                files += files(folders, Folders.of(epoch), living::contains);
            }
        }
        return files;
    }

    /** Puts back the files of what is held. */
    private long heldFiles(Database database, Folders folders) throws IOException {
        long files = 0;
        for (Map.Entry<Epoch, Set<UUID>> held : Restoration.heldFiles(database).entrySet()) {
            files += files(folders, Folders.of(held.getKey()), held.getValue()::contains);
        }
        return files;
    }

    private long files(Folders folders, String folder, Predicate<UUID> wanted) throws IOException {
        Optional<InputStream> entry = archive.entry(Backup.filesOf(folder));
        if (entry.isEmpty()) {
            return 0;
        }
        try (InputStream in = entry.get()) {
            return folders.read(in, folder, wanted);
        }
    }

    /** Destroys what has ended since the backup, as a server does it: with a record of each. */
    private void destroy(Database database, Folders folders, KeyStore keys, KeyRing ring, Config.Vault vault)
            throws IOException {
        Epochs epochs = new Epochs(database, new Grid(vault.shortSlice(), vault.longSlice(), vault.narrowestEpoch()));
        DatabaseClock clock = new DatabaseClock(database, Clock.systemUTC());
        clock.measure();
        FileBlobs blobs = new FileBlobs(folders.root(), epochs, new Ids(clock, random), random);
        DeletionRecord record = new DeletionRecord(database, SigningKey.in(keys));
        Rescue rescue = new Rescue(database, ring, new Sealing(ring, new Json()), blobs, epochs);
        // First of all: it tells the key store of holds, and the shredder looks for them there.
        new Release(database, ring, blobs, record, rescue).settle();
        Shredder shredder =
                new Shredder(database, ring, rescue, blobs, epochs, record, clock, new Uncounted());
        shredder.destroySlices();
        shredder.scrub();
        shredder.puncture();
        shredder.closeEpochs();
    }

    /** Nobody measures a restore. */
    private static final class Uncounted implements Shredder.Meter {

        @Override
        public void sliceDestroyed() {}

        @Override
        public void punctured(int messages) {}

        @Override
        public void epochClosed(long nanoseconds) {}

        @Override
        public void overdue(long rows, long seconds) {}
    }

    @Override
    public void close() {
        try {
            archive.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
