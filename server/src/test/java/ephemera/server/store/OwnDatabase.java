package ephemera.server.store;

import ephemera.server.OneServer;
import ephemera.server.store.embedded.PostgresAccess;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;

/** A database of a test's own, with all tables and nothing in them, in the PostgreSQL of {@link OneServer}. */
final class OwnDatabase implements AutoCloseable {

    private static final AtomicInteger NUMBERS = new AtomicInteger();

    private static final PostgresAccess POSTGRES = OneServer.get().postgres();

    private final String name = "test_" + NUMBERS.incrementAndGet();

    /** Has all tables; copying it is quicker than making them. */
    private static final class Template {

        private static final String NAME = make();

        private static String make() {
            String name = "test_template";
            administer("CREATE DATABASE " + name + " OWNER " + POSTGRES.user());
            try (Database database = open(name, 1)) {
                database.migrate();
            }
            return name;
        }
    }

    OwnDatabase() {
        administer("CREATE DATABASE " + name + " OWNER " + POSTGRES.user() + " TEMPLATE " + Template.NAME);
    }

    private static void administer(String sql) {
        try (Connection connection =
                DriverManager.getConnection(POSTGRES.jdbcUrl(), "postgres", POSTGRES.superuserPassword());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /** A way to it, as one process of the product has; the caller closes it. */
    Database open(int connections) {
        return open(name, connections);
    }

    private static Database open(String name, int connections) {
        return new Database(
                POSTGRES.jdbcUrl().replace("/ephemera?", "/" + name + "?"),
                POSTGRES.user(),
                POSTGRES.password(),
                connections);
    }

    @Override
    public void close() {
        administer("DROP DATABASE " + name + " WITH (FORCE)");
    }
}
