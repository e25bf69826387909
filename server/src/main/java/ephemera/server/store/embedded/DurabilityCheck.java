package ephemera.server.store.embedded;

import ephemera.server.StartFailure;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Asks a PostgreSQL, bundled or not, whether what it acknowledges is on disk.
 *
 * <p>The promise of the server, acknowledged means on disk, is no better than these settings of its database.
 */
public final class DurabilityCheck {

    private DurabilityCheck() {
    }

    /**
     * Makes sure that {@code fsync}, {@code full_page_writes} and {@code synchronous_commit} are on in this session.
     *
     * <p>Every value of {@code synchronous_commit} but {@code off} waits for the local disk; those that wait for a
     * standby as well are welcome.
     *
     * @throws StartFailure when one is off, or the database cannot be asked
     */
    public static void require(Connection connection) {
        String question = """
                select name, setting
                  from pg_catalog.pg_settings
                 where name in ('fsync', 'full_page_writes', 'synchronous_commit')
                 order by name
                """;
        try (PreparedStatement statement = connection.prepareStatement(question);
                ResultSet rows = statement.executeQuery()) {
            int seen = 0;
            while (rows.next()) {
                seen++;
                if (rows.getString("setting").equals("off")) {
                    throw new StartFailure("The database runs with " + rows.getString("name") + " = off and would lose"
                            + " acknowledged messages in a crash: switch it on, for this role and database too.");
                }
            }
            if (seen != 3) {
                throw new StartFailure(
                        "The database does not tell whether fsync, full_page_writes and synchronous_commit"
                                + " are on: let its role read pg_settings.");
            }
        } catch (SQLException e) {
            throw new StartFailure(
                    "The database did not answer what fsync and synchronous_commit are: " + e.getMessage()
                            + ".",
                    e);
        }
    }
}
