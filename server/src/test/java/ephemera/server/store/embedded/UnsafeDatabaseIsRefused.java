package ephemera.server.store.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ephemera.server.StartFailure;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class UnsafeDatabaseIsRefused {

    @TempDir
    private Path temp;

    @Test
    void whenCommitsDoNotWaitForTheDisk() throws Exception {
        try (DataFolder folder = DataFolder.claim(CopiedDataFolder.at(temp.resolve("data")));
                BundledPostgres postgres = BundledPostgres.start(folder, Set.of());
                Connection connection = postgres.access().connect();
                Statement statement = connection.createStatement()) {
            assertThatCode(() -> DurabilityCheck.require(connection)).doesNotThrowAnyException();
            statement.execute("set synchronous_commit = off");
            assertThatThrownBy(() -> DurabilityCheck.require(connection)).isInstanceOf(StartFailure.class)
                    .hasMessageContaining("synchronous_commit = off");
            statement.execute("set synchronous_commit = remote_apply");
            assertThatCode(() -> DurabilityCheck.require(connection)).doesNotThrowAnyException();
            connection.abort(Runnable::run);
            assertThatThrownBy(() -> DurabilityCheck.require(connection)).isInstanceOf(StartFailure.class);
        }
    }

    @Test
    void whenTheDiskIsNotWaitedForAtAll() throws Exception {
        try (DataFolder folder = DataFolder.claim(CopiedDataFolder.at(temp.resolve("data")))) {
            RunAs runAs = RunAs.choose(folder.postgres());
            PostgresBinaries binaries = PostgresBinaries.unpackInto(folder.postgres(), runAs);
            PostgresAccess access = PostgresAccess.read(folder.connectionFile()).orElseThrow();
            for (String unsafe : List.of("fsync", "full_page_writes")) {
                List<String> words = new ArrayList<>(runAs.prefix());
                words.addAll(
                        List.of(binaries.postgres().toString(), "-D", folder.postgres().resolve("cluster").toString(),
                                "-c", unsafe + "=off", "-c", "port=" + access.port()));
                Process process = Command.prepare(folder.postgres(), words)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
                try (Connection connection = whenReady(access)) {
                    assertThatThrownBy(() -> DurabilityCheck.require(connection)).isInstanceOf(StartFailure.class)
                            .hasMessageContaining(unsafe + " = off");
                } finally {
                    Leftovers.signal("INT", process.pid());
                    process.waitFor();
                }
            }
        }
    }

    private static Connection whenReady(PostgresAccess access) {
        List<Connection> found = new ArrayList<>();
        assertThat(Deadline.in(Duration.ofSeconds(60)).await(Duration.ofMillis(20), () -> {
            connect(access).ifPresent(found::add);
            return !found.isEmpty();
        })).isTrue();
        return found.getFirst();
    }

    private static Optional<Connection> connect(PostgresAccess access) {
        try {
            return Optional.of(access.connect());
        } catch (SQLException _) {
            return Optional.empty();
        }
    }
}
