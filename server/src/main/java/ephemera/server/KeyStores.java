package ephemera.server;

import ephemera.core.vault.KeyStore;
import ephemera.server.config.Config;
import ephemera.server.config.Secret;
import ephemera.server.keys.FileKeyStore;
import ephemera.server.keys.KeyDatabase;
import ephemera.server.keys.PostgresKeyStore;
import ephemera.server.keys.RootKey;
import ephemera.server.keys.RootKey.IfMissing;
import ephemera.server.keys.RootKeyChange;
import ephemera.server.keys.RootPlace;
import ephemera.server.store.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/** The key store that a configuration asks for. */
public final class KeyStores {

    private static final String ROOT_VARIABLE = "EPHEMERA_VAULT_ROOT_KEY";

    private KeyStores() {}

    /**
     * A key store that is open.
     *
     * @param database its database, if it has one
     */
    public record Opened(KeyStore store, Optional<KeyDatabase> database) implements AutoCloseable {

        /**
         * Makes sure that no copy of the data can hold keys.
         *
         * @throws StartFailure if the keys are in the PostgreSQL of the data
         */
        void requireApart(Database data) {
            database.ifPresent(keys -> {
                try (Connection connection = data.connect("keys")) {
                    keys.requireApart(connection);
                } catch (SQLException e) {
                    throw new StartFailure("The database cannot be reached (" + e.getMessage() + ").", e);
                }
            });
        }

        @Override
        public void close() {
            database.ifPresent(KeyDatabase::close);
        }
    }

    /**
     * Opens the key store; it is made if there is none.
     *
     * @throws StartFailure if it cannot be had, with the remedy
     */
    public static Opened open(Config.Vault vault) {
        Opened opened = openStore(vault);
        try {
            rootFile(vault.root()).ifPresent(RootKeyChange::clearAway);
            return opened;
        } catch (StartFailure e) {
            opened.close();
            throw e;
        }
    }

    private static Opened openStore(Config.Vault vault) {
        return switch (vault.keys()) {
            case Config.Keys.Folder(var folder) -> {
                create(folder);
                RootKey root = root(vault.root(), FileKeyStore.isEmpty(folder));
                yield new Opened(FileKeyStore.open(folder, root), Optional.empty());
            }
            case Config.Keys.Postgres keys -> {
                KeyDatabase database = KeyDatabase.open(keys.url(), user(keys), password(keys));
                try {
                    RootKey root = root(vault.root(), database.isEmpty());
                    yield new Opened(PostgresKeyStore.open(database, root), Optional.of(database));
                } catch (StartFailure e) {
                    database.close();
                    throw e;
                }
            }
        };
    }

    private static String user(Config.Keys.Postgres keys) {
        return keys.user().orElse(System.getProperty("user.name"));
    }

    private static String password(Config.Keys.Postgres keys) {
        return keys.password().map(Secret::reveal).orElse("");
    }

    /**
     * Puts a new root key in the place of the one that is configured, or finishes such a change.
     *
     * <p>No server may run on the key store. One on the same database of keys is noticed, others are not.
     *
     * @param to where the new one is
     * @return how many keys are sealed with it
     * @throws StartFailure if it cannot be done, or not to its end; repeat it then
     */
    public static long changeRoot(Config.Vault vault, RootPlace to) {
        RootPlace from = rootPlace(vault.root());
        return switch (vault.keys()) {
            case Config.Keys.Folder(var folder) -> RootKeyChange.inFolder(folder).change(from, to);
            case Config.Keys.Postgres keys -> {
                try (KeyDatabase database = KeyDatabase.openAlone(keys.url(), user(keys), password(keys))) {
                    if (database.isEmpty()) {
                        throw new StartFailure("There are no keys in the database: start the server once.");
                    }
                    yield RootKeyChange.inDatabase(database).change(from, to);
                }
            }
        };
    }

    /** Where the root key is that is configured. */
    public static RootPlace rootPlace(Config.Root root) {
        return switch (root) {
            case Config.Root.File(var file, boolean standard) ->
                    new RootPlace.InFile(file, Optional.empty(), standard);
            case Config.Root.Given(var key) ->
                    new RootPlace.Given(RootKey.ofEnvironment(ROOT_VARIABLE, key.reveal()));
            case Config.Root.Kms(var uri, var file, var credentials) ->
                    new RootPlace.InFile(file, Optional.of(new RootPlace.Service(uri, credentials)), true);
        };
    }

    private static Optional<Path> rootFile(Config.Root root) {
        return switch (root) {
            case Config.Root.File(var file, _) -> Optional.of(file);
            case Config.Root.Given _ -> Optional.empty();
            case Config.Root.Kms(_, var file, _) -> Optional.of(file);
        };
    }

    private static void create(Path folder) {
        try {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (IOException e) {
            throw new StartFailure("The folder of the keys " + folder + " cannot be made (" + e + ").", e);
        }
    }

    private static RootKey root(Config.Root root, boolean isEmpty) {
        return switch (root) {
            case Config.Root.File(var file, boolean standard) -> RootKey.ofFile(file, missing(standard, isEmpty));
            case Config.Root.Given(var key) -> RootKey.ofEnvironment(ROOT_VARIABLE, key.reveal());
            case Config.Root.Kms(var uri, var file, var credentials) ->
                    RootKey.ofService(uri, file, credentials, missing(true, isEmpty));
        };
    }

    private static IfMissing missing(boolean standard, boolean isEmpty) {
        if (!isEmpty) {
            return IfMissing.STORE_NEEDS_IT;
        }
        return standard ? IfMissing.CREATE : IfMissing.OPERATOR_MAKES_IT;
    }
}
