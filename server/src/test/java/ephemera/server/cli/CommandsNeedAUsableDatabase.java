package ephemera.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.server.store.embedded.CopiedDataFolder;
import ephemera.server.store.embedded.StandaloneAccess;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A PostgreSQL that somebody else runs: here the bundled one, reached by {@code database.url}. */
@Timeout(120)
class CommandsNeedAUsableDatabase {

    @TempDir
    private static Path temp;

    private static StandaloneAccess postgres;

    @BeforeAll
    static void start() {
        postgres = StandaloneAccess.open(CopiedDataFolder.at(temp.resolve("postgres")), false);
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    private static Shell.Outcome run(String url, String user, String password, String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of("--set", "database.url=" + url));
        all.addAll(List.of("--set", "database.user=" + user));
        all.addAll(List.of("--set", "database.password=" + password));
        return new Shell(temp.resolve("unused")).run(all.toArray(String[]::new));
    }

    /** Runs a command on a schema of the test's own. */
    private static Shell.Outcome runIn(String schema, String... words) {
        return run(
                postgres.access().jdbcUrl() + "&currentSchema=" + schema,
                postgres.access().user(),
                postgres.access().password(),
                words);
    }

    private static void execute(String user, String password, List<String> statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection(postgres.access().jdbcUrl(), user, password);
                var statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static void execute(String statement) throws SQLException {
        execute(postgres.access().user(), postgres.access().password(), List.of(statement));
    }

    private static int tables(String schema) throws SQLException {
        try (Connection connection = postgres.access().connect();
                var statement = connection.prepareStatement("SELECT count(*) FROM pg_tables WHERE schemaname = ?")) {
            statement.setString(1, schema);
            try (var rows = statement.executeQuery()) {
                rows.next();
                return rows.getInt(1);
            }
        }
    }

    @Test
    void inWhichTheyMakeTheTables() throws Exception {
        execute("CREATE SCHEMA fresh");
        JsonNode made = runIn("fresh", "org", "create", "--name", "Elsewhere", "--json").json();
        assertThat(tables("fresh")).isPositive();
        assertThat(runIn("fresh", "org", "list", "--json").jsonLines()).containsExactly(made);
        assertThat(temp.resolve("unused")).doesNotExist();
    }

    @Test
    void inWhichTheyMayMakeTables() throws Exception {
        execute(
                "postgres",
                postgres.access().superuserPassword(),
                List.of(
                        "CREATE ROLE reader LOGIN PASSWORD 'reader'",
                        "CREATE SCHEMA locked",
                        "GRANT USAGE ON SCHEMA locked TO reader"));
        String url = postgres.access().jdbcUrl() + "&currentSchema=locked";
        Shell.Outcome outcome = run(url, "reader", "reader", "org", "create", "--name", "A");
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.err())
                .hasLineCount(1)
                .contains("permission denied for schema locked")
                .contains("let the role reader create and change tables");
    }

    @Test
    void whoseTablesNoServerUsesInAnOlderForm() throws Exception {
        execute("CREATE SCHEMA older");
        String url = postgres.access().jdbcUrl() + "&ApplicationName=ephemera%20notifications";
        try (Connection server =
                DriverManager.getConnection(url, postgres.access().user(), postgres.access().password())) {
            assertThat(server.isValid(60)).isTrue();
            Shell.Outcome outcome = runIn("older", "org", "list");
            assertThat(outcome.code()).isEqualTo(1);
            assertThat(outcome.err()).hasLineCount(1).contains("stop it and start it again first");
        }
        assertThat(tables("older")).isZero();
    }

    @Test
    void thatLetsThemIn() {
        Shell.Outcome outcome = run(postgres.access().jdbcUrl(), postgres.access().user(), "wrong", "org", "list");
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.err()).hasLineCount(1).contains("cannot be reached").contains("check database.url");
    }

    @Test
    void thatIsThere() {
        Shell.Outcome outcome = run("jdbc:postgresql://127.0.0.1:1/ephemera", "ephemera", "any", "org", "list");
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.err()).hasLineCount(1).contains("cannot be reached").contains("check database.url");
    }

    @Test
    void whichKeepsWhatItAcknowledges() throws Exception {
        execute("ALTER ROLE ephemera SET synchronous_commit = off");
        try {
            Shell.Outcome outcome = runIn("public", "org", "create", "--name", "Lost");
            assertThat(outcome.code()).isEqualTo(1);
            assertThat(outcome.err()).hasLineCount(1).contains("synchronous_commit");
        } finally {
            execute("ALTER ROLE ephemera RESET synchronous_commit");
        }
    }
}
