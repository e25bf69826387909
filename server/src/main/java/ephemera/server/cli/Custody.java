package ephemera.server.cli;

import ephemera.core.Ids;
import ephemera.core.vault.Grid;
import ephemera.core.vault.KeyRing;
import ephemera.core.vault.SigningKey;
import ephemera.server.KeyStores;
import ephemera.server.StartFailure;
import ephemera.server.config.Config;
import ephemera.server.store.Database;
import ephemera.server.store.DeletionRecord;
import ephemera.server.store.Epochs;
import ephemera.server.store.FileBlobs;
import ephemera.server.store.HoldExport;
import ephemera.server.store.Json;
import ephemera.server.store.Release;
import ephemera.server.store.Rescue;
import ephemera.server.store.Sealing;
import ephemera.server.store.embedded.DataFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;

/**
 * What commands on legal holds need outside the database: the keys and the files of a server, whether it runs or not.
 *
 * <p>For one thread.
 */
final class Custody implements AutoCloseable {

    private final SecureRandom random = new SecureRandom();
    private final Ids ids = new Ids(Clock.systemUTC(), random);
    private final KeyStores.Opened keyStore;
    private final KeyRing keys;
    private final SigningKey signingKey;
    private final Grid grid;
    private final Path files;

    /**
     * Opens the keys.
     *
     * @throws StartFailure if they cannot be had, with the remedy
     */
    static Custody open(Config config) {
        KeyStores.Opened opened = KeyStores.open(config.vault());
        try {
            return new Custody(config, opened);
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    private Custody(Config config, KeyStores.Opened opened) {
        keyStore = opened;
        keys = new KeyRing(opened.store(), random, KeyRing.DEFAULT_CACHE);
        signingKey = SigningKey.in(opened.store());
        Config.Vault vault = config.vault();
        grid = new Grid(vault.shortSlice(), vault.longSlice(), vault.narrowestEpoch());
        files = DataFolder.blobsIn(config.data());
    }

    /** The keys of messages, and of what is held. */
    KeyRing keys() {
        return keys;
    }

    /** What writes to a file what is held. */
    HoldExport export(Database database) {
        return new HoldExport(database, sealing(), blobs(epochs(database)), new Json());
    }

    /** What destroys what is released. */
    Release release(Database database) {
        Epochs epochs = epochs(database);
        FileBlobs blobs = blobs(epochs);
        Rescue rescue = new Rescue(database, keys, sealing(), blobs, epochs);
        return new Release(database, keys, blobs, record(database), rescue);
    }

    private DeletionRecord record(Database database) {
        return new DeletionRecord(database, signingKey);
    }

    private Sealing sealing() {
        return new Sealing(keys, new Json());
    }

    private Epochs epochs(Database database) {
        return new Epochs(database, grid);
    }

    private FileBlobs blobs(Epochs epochs) {
        try {
            return FileBlobs.beside(files, epochs, ids, random);
        } catch (IOException e) {
            throw new StartFailure("The folder " + files + " cannot be used: check who owns it.", e);
        }
    }

    @Override
    public void close() {
        keyStore.close();
    }
}
