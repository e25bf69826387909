package ephemera.server.keys;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import ephemera.core.Failure;
import ephemera.server.StartFailure;
import ephemera.server.store.embedded.DurabilityCheck;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/**
 * The PostgreSQL of the keys, which is another one than that of the data: the log that a PostgreSQL writes ahead, and
 * the copies that are made of it, are of all its databases.
 *
 * <p>Thread-safe.
 */
public final class KeyDatabase implements AutoCloseable {

    private static final Logger LOG = System.getLogger(KeyDatabase.class.getName());
    private static final String APPLICATION = "ephemera keys";
    private static final String CHANGE = APPLICATION + " root";
    private static final int CONNECTIONS = 4;
    private static final int PATIENCE_SECONDS = 5;

    private final HikariDataSource pool;

    private KeyDatabase(HikariDataSource pool) {
        this.pool = pool;
    }

    /**
     * Opens the database and makes its tables.
     *
     * @param url a {@code jdbc:postgresql:} address
     * @throws StartFailure if it cannot be used, would lose what it acknowledged, or keeps its log in an archive, where
     *     keys would stay for ever
     */
    public static KeyDatabase open(String url, String user, String password) {
        return open(url, user, password, APPLICATION);
    }

    /**
     * Opens the database for a change of the root key, while nobody else uses it; otherwise as {@link #open}.
     *
     * @throws StartFailure also if a server is connected to it, or a command
     */
    public static KeyDatabase openAlone(String url, String user, String password) {
        KeyDatabase database = open(url, user, password, CHANGE);
        if (database.isUsed()) {
            // The connections of a server that was just killed end a moment after it.
            database.pause();
        }
        if (database.isUsed()) {
            database.close();
            throw new StartFailure("A server uses the database of the keys, or a command does: stop every server, and"
                    + " run this again.");
        }
        return database;
    }

    private static KeyDatabase open(String url, String user, String password, String application) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setUsername(user);
        config.setPassword(password);
        config.setMaximumPoolSize(CONNECTIONS);
        config.setMinimumIdle(1);
        config.setPoolName("ephemera keys");
        config.setConnectionTimeout(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        config.setInitializationFailTimeout(-1);
        config.addDataSourceProperty("ApplicationName", application);
        config.addDataSourceProperty("logServerErrorDetail", "false");
        // A database that went away without a word must not hold its callers for ever.
        config.addDataSourceProperty("tcpKeepAlive", "true");
        config.addDataSourceProperty("socketTimeout", "60");
        HikariDataSource pool = new HikariDataSource(config);
        try {
            check(pool);
            Flyway.configure()
                    .dataSource(url, user, password)
                    .locations("classpath:db/keys")
                    .load()
                    .migrate();
            return new KeyDatabase(pool);
        } catch (SQLException e) {
            pool.close();
            throw new StartFailure(
                    "The database of the keys cannot be reached (" + e.getMessage()
                            + "): check its address, user and password.",
                    e);
        } catch (FlywayException e) {
            pool.close();
            throw new StartFailure("The tables of the keys cannot be brought to this release: let the role " + user
                    + " create and change tables in its database.", e);
        } catch (StartFailure e) {
            pool.close();
            throw e;
        }
    }

    private static void check(HikariDataSource pool) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            DurabilityCheck.require(connection);
            if (!setting(connection, "archive_mode").equals("off")) {
                throw new StartFailure(
                        "The database of the keys keeps its log in an archive, where destroyed keys would"
                                + " stay: set archive_mode = off there, and back up with 'ephemera backup-keys'.");
            }
            if (setting(connection, "wal_recycle").equals("on")) {
                LOG.log(
                        Level.WARNING,
                        "The database of the keys reuses the files of its log, where destroyed keys stay until they are"
                                + " overwritten: set wal_recycle = off there, and a low checkpoint_timeout.");
            }
        }
    }

    private static String setting(Connection connection, String name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT current_setting(?)")) {
            statement.setString(1, name);
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return rows.getString(1);
            }
        }
    }

    /**
     * Makes sure that the data is in another PostgreSQL.
     *
     * @param data a connection to the database of the data
     * @throws StartFailure if it is the same, or a copy of it that follows
     */
    public void requireApart(Connection data) {
        try (Connection keys = pool.getConnection()) {
            if (identity(keys) == identity(data)) {
                throw new StartFailure(
                        "The keys are in the same PostgreSQL as the data, whose log and copies would then"
                                + " hold both: give the keys a PostgreSQL of their own.");
            }
        } catch (SQLException e) {
            throw new StartFailure("The databases do not tell whether they are the same (" + e.getMessage()
                    + "): let their roles execute pg_control_system().", e);
        }
    }

    /** What a PostgreSQL is given when it is made, and shares with its copies only. */
    private static long identity(Connection connection) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT system_identifier FROM pg_control_system()");
                ResultSet rows = statement.executeQuery()) {
            rows.next();
            return rows.getLong(1);
        }
    }

    /** Whether there are no keys in it, so that no root key is needed yet. */
    public boolean isEmpty() {
        return with(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(
                    """
                            SELECT NOT EXISTS (SELECT FROM key_tree) AND NOT EXISTS (SELECT FROM key_secret)
                            """);
                    ResultSet rows = statement.executeQuery()) {
                rows.next();
                return rows.getBoolean(1);
            }
        });
    }

    /** Whether somebody has it open for use; each of them keeps a connection all the time. */
    private boolean isUsed() {
        return with(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(
                    """
                            SELECT EXISTS (SELECT FROM pg_stat_activity
                                            WHERE datname = current_database() AND application_name = ?)
                            """)) {
                statement.setString(1, APPLICATION);
                try (ResultSet rows = statement.executeQuery()) {
                    rows.next();
                    return rows.getBoolean(1);
                }
            }
        });
    }

    private void pause() {
        with(connection -> {
            try (PreparedStatement statement = connection.prepareStatement("SELECT pg_sleep(1)")) {
                return statement.execute();
            }
        });
    }

    /** Work on a connection, on which each statement stands for itself. */
    interface Work<T> {

        T on(Connection connection) throws SQLException;
    }

    <T> T with(Work<T> work) {
        try (Connection connection = pool.getConnection()) {
            return work.on(connection);
        } catch (SQLException e) {
            LOG.log(Level.ERROR, "The database of the keys does not work: state {0}.", e.getSQLState());
            throw Failure.UNAVAILABLE.refused();
        }
    }

    /** Does work on a connection in one transaction: all of it, or, if it throws, nothing. */
    <T> T together(Work<T> work) {
        return with(connection -> {
            connection.setAutoCommit(false);
            try {
                T done = work.on(connection);
                connection.commit();
                return done;
            } finally {
                // After a commit there is nothing to undo.
                connection.rollback();
                connection.setAutoCommit(true);
            }
        });
    }

    @Override
    public void close() {
        pool.close();
    }
}
