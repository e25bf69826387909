package ephemera.server.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import ephemera.core.Failure;
import ephemera.core.Refused;
import ephemera.server.StartFailure;
import ephemera.server.store.embedded.DurabilityCheck;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.ConnectionFactory;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.StatementExceptions;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.jdbi.v3.core.transaction.TransactionException;
import org.postgresql.util.PSQLException;

/**
 * The way to PostgreSQL: a pool for short reads and changes, and single connections for those who keep one.
 *
 * <p>Thread-safe. A fair semaphore stands before the pool, whose own hand-over lets single waiters starve.
 */
public final class Database implements AutoCloseable {

    private static final String APPLICATION = "ephemera";
    /**
     * Statements are planned once. With some dozens of partitions planning costs more than most statements; and planned
     * for an array that is known to be long, a statement would read all partitions instead of the few that it names.
     */
    private static final String OPTIONS = "-c plan_cache_mode=force_generic_plan -c max_parallel_workers_per_gather=0";

    /** How long a caller waits for a connection before being told that the server is not available. */
    private static final int PATIENCE_SECONDS = 5;

    /** How long a statement may take to say anything; the doctor's reading of all there is takes minutes. */
    private static final int SILENCE_SECONDS = 300;

    private static final String UNIQUE_VIOLATION = "23505";
    private static final long COMPLAINT_EVERY = TimeUnit.SECONDS.toNanos(1);
    private static final AtomicLong LAST_COMPLAINT = new AtomicLong(System.nanoTime() - COMPLAINT_EVERY);

    /** The version of the last file in {@code db/migration}, as Flyway notes it; a test compares the two. */
    static final String NEWEST_MIGRATION = "015";

    private final String url;
    private final String user;
    private final String password;
    private final HikariDataSource pool;
    private final Jdbi jdbi;

    /**
     * Opens a pool; connections are made when they are needed.
     *
     * @param url a {@code jdbc:postgresql:} address
     * @param size the most connections at once
     */
    public Database(String url, String user, String password, int size) {
        this.url = url;
        this.user = user;
        this.password = password;
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setUsername(user);
        config.setPassword(password);
        config.setMaximumPoolSize(size);
        config.setMinimumIdle(1);
        config.setPoolName("ephemera");
        config.setConnectionTimeout(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        config.setInitializationFailTimeout(-1);
        config.addDataSourceProperty("ApplicationName", APPLICATION);
        config.addDataSourceProperty("reWriteBatchedInserts", "true");
        config.addDataSourceProperty("options", OPTIONS);
        config.addDataSourceProperty("prepareThreshold", "1");
        // A database that went away without a word must not hold its callers for ever; no statement is silent so long.
        config.addDataSourceProperty("tcpKeepAlive", "true");
        config.addDataSourceProperty("socketTimeout", Integer.toString(SILENCE_SECONDS));
        // Row values in server errors could be content, and errors are logged.
        config.addDataSourceProperty("logServerErrorDetail", "false");
        this.pool = new HikariDataSource(config);
        this.jdbi = configured(Jdbi.create(new FairFactory(pool, new Semaphore(size, true))));
    }

    private Database(Database whole, Connection transaction) {
        this.url = whole.url;
        this.user = whole.user;
        this.password = whole.password;
        this.pool = whole.pool;
        this.jdbi = configured(Jdbi.create(transaction));
    }

    private record FairFactory(DataSource pool, Semaphore permits) implements ConnectionFactory {

        @Override
        public Connection openConnection() throws SQLException {
            if (!acquired()) {
                throw new SQLException("no connection became free in time", "08001");
            }
            try {
                return pool.getConnection();
            } catch (SQLException | RuntimeException e) {
                permits.release();
                throw e;
            }
        }

        private boolean acquired() {
            try {
                return permits.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                return false;
            }
        }

        @Override
        public void closeConnection(Connection connection) throws SQLException {
            try {
                connection.close();
            } finally {
                permits.release();
            }
        }
    }

    /** Teaches Jdbi the array types that our statements bind, and to keep values out of its error messages. */
    static Jdbi configured(Jdbi jdbi) {
        jdbi.getConfig(StatementExceptions.class).setMessageRendering(StatementExceptions.MessageRendering.NONE);
        return jdbi.registerArrayType(UUID.class, "uuid").registerArrayType(OffsetDateTime.class, "timestamptz");
    }

    /**
     * Brings the schema to the newest version.
     *
     * @throws StartFailure if the database does not let us
     */
    public void migrate() {
        migrateTo("latest");
    }

    /** Whether a schema of that version can be brought to the newest one. */
    public static boolean knows(String version) {
        return version.matches("[0-9]{1,9}") && Integer.parseInt(version) <= Integer.parseInt(NEWEST_MIGRATION);
    }

    /** Brings the schema of an empty database to an earlier version; otherwise like {@link #migrate}. */
    public void migrateTo(String version) {
        try {
            Flyway.configure()
                    .dataSource(url, user, password)
                    .target(version)
                    .locations("classpath:db/migration")
                    .load()
                    .migrate();
        } catch (FlywayException e) {
            throw new StartFailure(
                    "The tables cannot be brought to this release (" + cause(e) + "): let the role " + user
                            + " create and change tables in its database.",
                    e);
        }
    }

    /** Whether the schema is that of this release or a later one; costs a fraction of asking Flyway. */
    public boolean isMigrated() {
        return read(handle -> {
            boolean hasHistory = handle.createQuery("SELECT to_regclass('flyway_schema_history') IS NOT NULL")
                    .mapTo(Boolean.class)
                    .one();
            return hasHistory
                    && handle.createQuery(
                            """
                                    SELECT EXISTS (SELECT FROM flyway_schema_history
                                                    WHERE version = :newest AND success)
                                    """)
                            .bind("newest", NEWEST_MIGRATION)
                            .mapTo(Boolean.class)
                            .one();
        });
    }

    /** The database's own words, of the many that are around them. */
    private static String cause(FlywayException failure) {
        Throwable innermost = failure;
        while (innermost.getCause() != null) {
            innermost = innermost.getCause();
        }
        return Objects.requireNonNullElse(innermost.getMessage(), "").lines().findFirst().orElse("");
    }

    /** Whether a server runs on this database: one that listens to what other processes change. */
    public boolean isServed() {
        return read(handle -> handle.createQuery(
                """
                        SELECT EXISTS (SELECT FROM pg_stat_activity
                                        WHERE datname = current_database() AND application_name = :listener)
                        """)
                .bind("listener", APPLICATION + " " + Notifications.PURPOSE)
                .mapTo(Boolean.class)
                .one());
    }

    /**
     * Makes sure that the database can be reached, and that what it acknowledges is on disk.
     *
     * @throws StartFailure otherwise, with the remedy
     */
    public void requireDurable() {
        try (Connection connection = connect("start")) {
            DurabilityCheck.require(connection);
        } catch (SQLException e) {
            throw new StartFailure(
                    "The database cannot be reached (" + e.getMessage() + "): check database.url, user and password.",
                    e);
        }
    }

    /** A connection outside the pool, for somebody who keeps it; the caller closes it. */
    public Connection connect(String purpose) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        properties.setProperty("ApplicationName", APPLICATION + " " + purpose);
        properties.setProperty("options", OPTIONS);
        properties.setProperty("prepareThreshold", "1");
        properties.setProperty("tcpKeepAlive", "true");
        // A database that went away without a word must not be waited for until TCP gives up.
        properties.setProperty("loginTimeout", "10");
        properties.setProperty("socketTimeout", "60");
        properties.setProperty("logServerErrorDetail", "false");
        return DriverManager.getConnection(url, properties);
    }

    /** Work on a connection. */
    public interface Work<T> {

        /** Does the work. */
        T with(Handle handle);
    }

    /** Does work in which each statement stands for itself. */
    public <T> T read(Work<T> work) {
        try {
            return jdbi.withHandle(work::with);
        } catch (UnableToExecuteStatementException | ConnectionException e) {
            throw refusal(e);
        }
    }

    /** Does work in one transaction. */
    public <T> T change(Work<T> work) {
        try {
            return jdbi.inTransaction(work::with);
        } catch (UnableToExecuteStatementException | ConnectionException | TransactionException e) {
            throw refusal(e);
        }
    }

    /**
     * Does work in one transaction that several stores take part in: those made on the database that it is given.
     *
     * <p>That database ends with the transaction, belongs to one thread, and is not to be closed.
     */
    public <T> T together(Function<Database, T> work) {
        return change(handle -> work.apply(new Database(this, handle.getConnection())));
    }

    private static RuntimeException refusal(RuntimeException e) {
        return e.getCause() instanceof SQLException cause ? refusal(cause, e) : e;
    }

    /** What the caller is told about a failure of the database; what is nobody's fault but ours stays as it is. */
    static RuntimeException refusal(SQLException cause, RuntimeException otherwise) {
        if (UNIQUE_VIOLATION.equals(cause.getSQLState())) {
            return Failure.CONFLICT.refused();
        }
        return isOutage(cause) ? unavailable(cause) : otherwise;
    }

    /** Whether the database is away, full or overloaded, rather than that a statement is wrong. */
    static boolean isOutage(SQLException e) {
        String state = e.getSQLState();
        // 08 connection, 53 resources (disk full), 57 shutting down, 58 system, XX what the database did not expect of
        // the system, such as a limit on files, 40 rolled back, 25006 read-only.
        return state == null
                || endsConnection(e)
                || state.startsWith("08")
                || state.startsWith("53")
                || state.startsWith("57")
                || state.startsWith("58")
                || state.startsWith("XX")
                || state.startsWith("40")
                || state.equals("25006");
    }

    /** Whether a process of the database gave up with that error, and not the statement alone. */
    private static boolean endsConnection(SQLException e) {
        return e instanceof PSQLException told
                && told.getServerErrorMessage() != null
                && List.of("FATAL", "PANIC").contains(told.getServerErrorMessage().getSeverity());
    }

    /** While the database is away, every request fails: a line a second tells it, too. */
    private static Refused unavailable(SQLException cause) {
        long now = System.nanoTime();
        long last = LAST_COMPLAINT.get();
        if (now - last >= COMPLAINT_EVERY && LAST_COMPLAINT.compareAndSet(last, now)) {
            System.getLogger(Database.class.getName())
                    .log(System.Logger.Level.WARNING, "The database is unavailable: state {0}.", cause.getSQLState());
        }
        return Failure.UNAVAILABLE.refused();
    }

    @Override
    public void close() {
        pool.close();
    }
}
