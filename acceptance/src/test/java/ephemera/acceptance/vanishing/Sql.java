package ephemera.acceptance.vanishing;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Properties;
import java.util.UUID;

/**
 * What somebody can do who may read {@code postgres.properties}: any statement on the running database of a data
 * folder. Each is a connection and a transaction of its own. Thread-safe.
 *
 * @param data the data folder
 */
record Sql(Path data) {

    /**
     * When the last slice and the last epoch of messages with a lifespan of a minute are over; there are later ones,
     * made ahead of their first use.
     */
    static final String LAST_END =
            "(SELECT max(expires_at) + interval '4 s' FROM message WHERE expires_at < now() + interval '10 min')";

    /** Everything that will be over soon, each with the name that the deletion record has for it. */
    static final String WHAT_ENDS_SOON =
            "SELECT 'SLICE hour-' || (slice & 8589934591) FROM slice WHERE ends_at <= " + LAST_END
                    + " UNION SELECT 'EPOCH hour-' || (epoch & 8589934591) FROM epoch WHERE ends_at <= " + LAST_END;

    /** How much is over and not yet removed. */
    static final String WHAT_IS_LEFT_TO_DO =
            """
                    SELECT (SELECT count(*) FROM epoch WHERE ends_at <= now())
                           + (SELECT count(*) FROM slice WHERE ends_at <= now() AND destroyed_at IS NULL)
                           + (SELECT count(*) FROM doomed WHERE due_at <= now())
                    """;

    /** The partitions of epochs that are not entered (any more). */
    static final String STRAY_PARTITIONS =
            """
                    SELECT relname FROM pg_class
                     WHERE relkind = 'r' AND relname ~ '^(message|receipt|burn|notice|delivery|reaction|audit)_[0-9]+$'
                       AND substring(relname from '[0-9]+$')::bigint NOT IN (SELECT epoch FROM epoch)
                    """;

    /** The entries of the deletion record, as they are named above, in their order. */
    static final String RECORD = "SELECT kind || ' ' || subject FROM deletion ORDER BY sequence";

    private interface Work<T> {
        T run(PreparedStatement statement) throws SQLException;
    }

    /** The values of the first column. */
    List<String> texts(String query, Object... parameters) {
        return on(query, parameters, statement -> {
            List<String> found = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    found.add(String.valueOf(rows.getString(1)));
                }
            }
            return found;
        });
    }

    /** The one value that a query gives. */
    long number(String query, Object... parameters) {
        return Long.parseLong(texts(query, parameters).getFirst());
    }

    /** Changes rows and says how many. */
    int change(String statement, Object... parameters) {
        return on(statement, parameters, PreparedStatement::executeUpdate);
    }

    /** Message tokens as a parameter for {@code = ANY (?)}. */
    static UUID[] ids(Collection<String> tokens) {
        return tokens.stream().map(UUID::fromString).toArray(UUID[]::new);
    }

    private <T> T on(String sql, Object[] parameters, Work<T> work) {
        try (Reader file = Files.newBufferedReader(data.resolve("postgres.properties"))) {
            Properties access = new Properties();
            access.load(file);
            String url = "jdbc:postgresql://127.0.0.1:" + access.getProperty("port")
                    + "/ephemera?sslmode=disable&gssEncMode=disable";
            try (Connection connection =
                    DriverManager.getConnection(url, access.getProperty("user"), access.getProperty("password"));
                    PreparedStatement statement = connection.prepareStatement(sql)) {
                for (int i = 0; i < parameters.length; i++) {
                    Object value = parameters[i] instanceof UUID[] ids ? connection.createArrayOf("uuid", ids)
                            : parameters[i];
                    statement.setObject(i + 1, value);
                }
                return work.run(statement);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }
}
