package ephemera.server.store.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class PostgresLogHoldsNoContent {

    private static final String CONTENT = "the-diagnosis-of-mrs-smith";

    @TempDir
    private Path temp;

    @Test
    void neitherOfFailedStatementsNorOfACrash() throws Exception {
        try (DataFolder folder = DataFolder.claim(CopiedDataFolder.at(temp.resolve("data")))) {
            try (BundledPostgres postgres = BundledPostgres.start(folder, Set.of())) {
                failInManyWays(postgres.access());
                crashABackend(postgres.access());
                Path log = folder.postgres().resolve("postgres.log");
                assertThat(Deadline.in(Duration.ofSeconds(60)).await(Duration.ofMillis(20),
                        () -> read(log).contains("terminated by signal 9"))).isTrue();
            }
            // Everything that PostgreSQL had to say is in the file after it has ended.
            assertThat(read(folder.postgres().resolve("postgres.log"))).contains("database system is shut down")
                    .doesNotContain(CONTENT);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void failInManyWays(PostgresAccess access) throws SQLException {
        try (Connection connection = access.connect(); Statement statement = connection.createStatement()) {
            statement.execute("create table messages (body text primary key)");
            statement.execute("insert into messages values ('" + CONTENT + "')");
            assertThatThrownBy(() -> statement.execute("insert into messages values ('" + CONTENT + "')"))
                    .hasMessageContaining("duplicate key");
            assertThatThrownBy(() -> statement.execute("select '" + CONTENT + "'::int"))
                    .hasMessageContaining("invalid input syntax");
            assertThatThrownBy(() -> statement.execute("selct '" + CONTENT + "'")).hasMessageContaining("syntax error");
            try (PreparedStatement prepared = connection.prepareStatement("select ?::text::int")) {
                prepared.setString(1, CONTENT);
                assertThatThrownBy(prepared::executeQuery).isInstanceOf(SQLException.class);
            }
        }
    }

    /** PostgreSQL's own report of a crash would quote the statement that ran. */
    private static void crashABackend(PostgresAccess access) throws Exception {
        try (Connection victim = access.connect(); Statement statement = victim.createStatement()) {
            long pid;
            try (ResultSet row = statement.executeQuery("select pg_backend_pid()")) {
                row.next();
                pid = row.getLong(1);
            }
            CompletableFuture<Boolean> ran = CompletableFuture.supplyAsync(() -> {
                try {
                    return statement.execute("select '" + CONTENT + "', pg_sleep(60)");
                } catch (SQLException e) {
                    throw new CompletionException(e);
                }
            });
            try (Connection other = access.connect(); PreparedStatement asks = other.prepareStatement(
                    "select count(*) from pg_stat_activity where pid = ? and query like '%pg_sleep%'")) {
                asks.setLong(1, pid);
                assertThat(Deadline.in(Duration.ofSeconds(60)).await(Duration.ofMillis(10), () -> isOne(asks)))
                        .isTrue();
            }
            ProcessHandle.of(pid).orElseThrow().destroyForcibly();
            assertThatThrownBy(ran::get).hasRootCauseInstanceOf(IOException.class);
        }
    }

    private static boolean isOne(PreparedStatement asks) {
        try (ResultSet row = asks.executeQuery()) {
            return row.next() && row.getLong(1) == 1;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void andDoesNotGrowForEver() throws Exception {
        BoundedLog log = new BoundedLog(temp.resolve("small.log"), 10_000);
        String line = "2026-01-01 LOG: word\n".repeat(50);
        for (int i = 0; i < 200; i++) {
            log.drain(new ByteArrayInputStream(line.getBytes(StandardCharsets.US_ASCII)));
        }
        log.drain(new ByteArrayInputStream(
                "2026-01-01 UTC [1] FATAL:  no room\nlast\n".getBytes(StandardCharsets.US_ASCII)));
        assertThat(Files.size(temp.resolve("small.log"))).isLessThanOrEqualTo(10_000);
        assertThat(Files.size(temp.resolve("small.log.1"))).isLessThanOrEqualTo(10_000);
        try (var files = Files.list(temp)) {
            assertThat(files.filter(file -> file.getFileName().toString().startsWith("small"))).hasSize(2);
        }
        assertThat(log.fatalLine()).contains("no room");
        assertThat(log.lastLine()).isEqualTo("last");
    }
}
