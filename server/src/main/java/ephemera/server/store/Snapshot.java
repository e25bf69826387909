package ephemera.server.store;

import ephemera.core.vault.Epoch;
import ephemera.server.StartFailure;
import java.io.IOException;
import java.io.OutputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.postgresql.copy.CopyManager;
import org.postgresql.core.BaseConnection;

/**
 * The rows of all tables as they are at one instant, while the server goes on.
 *
 * <p>Each table is copied in a transaction of its own that sees that same instant, and partitions one by one, not
 * through their parent: an epoch that ends meanwhile is not kept from being dropped by the reading of another one,
 * nothing is kept from being emptied for long, and nobody waits behind. What is dropped before its turn is left out: it
 * is dead. For one thread.
 */
public final class Snapshot implements AutoCloseable {

    private static final String UNDEFINED_TABLE = "42P01";

    private final Database database;
    private final Handle handle;
    private final String name;
    private final Facts facts;

    /**
     * What is known of the rows as a whole.
     *
     * @param schema the version of the schema
     * @param generation that of the journal
     * @param head that of the journal
     * @param epochs those that are open
     */
    public record Facts(String schema, int generation, long head, List<Epoch> epochs) {}

    private Snapshot(Database database, Handle handle) {
        this.database = database;
        this.handle = handle;
        this.name = handle.createQuery("SELECT pg_export_snapshot()").mapTo(String.class).one();
        this.facts = handle.createQuery(
                """
                        SELECT (SELECT max(version) FROM flyway_schema_history WHERE success) AS schema,
                               generation, head
                          FROM journal
                        """)
                .map((row, _) -> new Facts(
                        row.getString("schema"), row.getInt("generation"), row.getLong("head"), Epochs.open(handle)))
                .one();
    }

    /**
     * Takes a snapshot of a database.
     *
     * @throws StartFailure if the database cannot be read
     */
    public static Snapshot take(Database database) {
        Handle handle = begin(database);
        try {
            return new Snapshot(database, handle);
        } catch (RuntimeException e) {
            handle.close();
            throw e;
        }
    }

    /** Begins a transaction that sees one instant and hinders nobody; it ends when the handle is closed. */
    private static Handle begin(Database database) {
        try {
            Connection connection = database.connect("backup");
            // A disk that is slow to take the copy is no reason to give up.
            connection.setNetworkTimeout(Runnable::run, 0);
            connection.setReadOnly(true);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            connection.setAutoCommit(false);
            return Database.configured(Jdbi.create(() -> connection)).open();
        } catch (SQLException e) {
            throw unreadable(e);
        }
    }

    private static StartFailure unreadable(SQLException e) {
        return new StartFailure("The database cannot be read (" + e.getMessage() + "): try again when it is well.", e);
    }

    /** What is known of the rows as a whole. */
    public Facts facts() {
        return facts;
    }

    /** Where the files of legal holds are. */
    public List<Epoch> held() {
        return handle.createQuery("SELECT * FROM hold WHERE destroyed_at IS NULL ORDER BY number")
                .map((row, _) -> Hold.read(row).epoch())
                .list();
    }

    /** Of what the rows of a table consist. */
    public String columns(CopiedTable table) {
        return CopiedColumns.of(handle, table);
    }

    /**
     * Copies all rows of a table that has no partitions for epochs.
     *
     * @return how many
     * @throws IOException if they cannot be written
     * @throws StartFailure if they cannot be read
     */
    public long copy(CopiedTable table, OutputStream out) throws IOException {
        // COPY takes no parameters, and copies no partitioned table by its name; the name is one of ours.
        return copyAlone("COPY (SELECT * FROM " + table.table() + ") TO STDOUT (FORMAT binary)", out);
    }

    /** Copies the rows of a table's partition, none if it is dropped; otherwise like {@link #copy}. */
    public long copy(CopiedTable table, Epoch epoch, OutputStream out) throws IOException {
        String partition = String.format(Locale.ROOT, "%s_%d", table.table(), epoch.code());
        return copyAlone("COPY " + partition + " TO STDOUT (FORMAT binary)", out);
    }

    /** Copies in a transaction of its own, so that the locks it takes end with it. */
    private long copyAlone(String statement, OutputStream out) throws IOException {
        try (Handle own = begin(database)) {
            own.execute(String.format(Locale.ROOT, "SET TRANSACTION SNAPSHOT '%s'", name));
            return copy(own, statement, out);
        } catch (SQLException e) {
            if (UNDEFINED_TABLE.equals(e.getSQLState())) {
                return 0;
            }
            throw unreadable(e);
        }
    }

    private static long copy(Handle handle, String statement, OutputStream out) throws SQLException, IOException {
        return new CopyManager(handle.getConnection().unwrap(BaseConnection.class)).copyOut(statement, out);
    }

    @Override
    public void close() {
        handle.close();
    }
}
