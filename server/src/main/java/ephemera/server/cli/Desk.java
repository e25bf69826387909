package ephemera.server.cli;

import ephemera.core.Ids;
import ephemera.core.directory.Policy;
import ephemera.core.vault.KeyStore;
import ephemera.core.vault.SecretBox;
import ephemera.core.vault.SigningKey;
import ephemera.server.KeyStores;
import ephemera.server.StartFailure;
import ephemera.server.backup.RestoreMark;
import ephemera.server.channel.webhook.Guard;
import ephemera.server.config.Config;
import ephemera.server.config.Secret;
import ephemera.server.store.Database;
import ephemera.server.store.Epochs;
import ephemera.server.store.Erasure;
import ephemera.server.store.Json;
import ephemera.server.store.PostgresOutbox;
import ephemera.server.store.PostgresWebhooks;
import ephemera.server.store.embedded.StandaloneAccess;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Function;

/**
 * Where the operator's commands are done: the database of a server, whether the server runs or not.
 *
 * <p>A running server learns of every change from the database. For one thread.
 */
final class Desk implements AutoCloseable {

    private static final int CONNECTIONS = 2;

    private static final Logger LOG = System.getLogger(Desk.class.getName());

    private final Deque<AutoCloseable> ends = new ArrayDeque<>();
    private final Config config;
    private final Database database;
    private final Policy policy;
    private Optional<Custody> custody = Optional.empty();

    /**
     * Opens the desk: connects to the database, and starts the bundled one if no server runs it.
     *
     * @param create whether a database is made in a data folder that has none
     * @throws StartFailure if there is no usable database, with the remedy
     */
    static Desk open(Config config, boolean create) {
        new RestoreMark(config.data()).requireNone();
        Desk desk = new Desk(config, create);
        try {
            desk.prepare(config.database());
            return desk;
        } catch (RuntimeException e) {
            desk.close();
            throw e;
        }
    }

    /**
     * Opens the desk for a restore, or for a look: the database is made where there is none, and gets no tables.
     *
     * @throws StartFailure if there is no usable database, with the remedy
     */
    static Desk openForRestore(Config config) {
        Desk desk = new Desk(config, true);
        try {
            desk.requireDurable(config.database());
            return desk;
        } catch (RuntimeException e) {
            desk.close();
            throw e;
        }
    }

    private Desk(Config config, boolean create) {
        this.config = config;
        database = switch (config.database()) {
            case Config.Database.Bundled _ -> {
                StandaloneAccess bundled = StandaloneAccess.open(config.data(), create);
                ends.push(bundled);
                yield new Database(
                        bundled.access().jdbcUrl(), bundled.access().user(), bundled.access().password(), CONNECTIONS);
            }
            case Config.Database.External(var url, var user, var password, _) ->
                    new Database(
                            url,
                            user.orElse(System.getProperty("user.name")),
                            password.map(Secret::reveal).orElse(""),
                            CONNECTIONS);
        };
        ends.push(database);
        policy = config.lifespans().policy();
    }

    private void requireDurable(Config.Database kind) {
        switch (kind) {
            case Config.Database.Bundled _ -> {
                // It made sure itself when it was started.
            }
            case Config.Database.External _ -> database.requireDurable();
        }
    }

    private void prepare(Config.Database kind) {
        requireDurable(kind);
        if (database.isMigrated()) {
            return;
        }
        if (database.isServed()) {
            throw new StartFailure("The server that runs is of an older release, and would not understand"
                    + " the tables of this one: stop it and start it again first.");
        }
        database.migrate();
    }

    /** Does work in one transaction: all of it, or, if it throws, nothing. */
    <T> T together(Function<Clerk, T> work) {
        return database
                .together(transaction -> work.apply(new Clerk(
                        transaction, policy, this::signingKey, this::custody, this::keyStore)));
    }

    /** The keys and files of the server, for commands on legal holds; a running server does not mind. */
    private Custody custody() {
        return custody.orElseGet(() -> {
            Custody opened = Custody.open(config);
            ends.push(opened);
            custody = Optional.of(opened);
            return opened;
        });
    }

    /** Destroys what released holds held, unless a server runs, which does that by itself. */
    void settleHolds() {
        if (!database.isServed()) {
            custody().release(database).settle();
        }
    }

    /** Which addresses webhooks may reach. */
    Guard guard() {
        return new Guard(config.webhooks());
    }

    /** The way to erase people, which takes transactions of its own. */
    Erasure erasure() {
        SecureRandom random = new SecureRandom();
        PostgresWebhooks webhooks = new PostgresWebhooks(
                database,
                () -> SecretBox.in(keyStore(), PostgresWebhooks.SECRET, random),
                new Ids(Clock.systemUTC(), random));
        webhooks.everythingChanged();
        return new Erasure(
                database, new Json(), new Epochs(database, config.vault().grid()),
                new PostgresOutbox(database, webhooks));
    }

    /** The key that signs the deletion record. A running server does not mind: several may use its key store. */
    SigningKey signingKey() {
        return SigningKey.in(keyStore());
    }

    /** The key store, open until the desk is closed. */
    KeyStore keyStore() {
        KeyStores.Opened keys = KeyStores.open(config.vault());
        ends.push(keys);
        return keys.store();
    }

    /** The database itself, for what is no use case. */
    Database database() {
        return database;
    }

    @Override
    public void close() {
        for (AutoCloseable end = ends.poll(); end != null; end = ends.poll()) {
            try {
                end.close();
            } catch (Exception e) {
                LOG.log(Level.WARNING, "something did not close", e);
            }
        }
    }
}
