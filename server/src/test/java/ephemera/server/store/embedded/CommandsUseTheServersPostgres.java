package ephemera.server.store.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ephemera.server.StartFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class CommandsUseTheServersPostgres {

    @TempDir
    private Path temp;

    @Test
    void ofARunningServer() throws Exception {
        Path data = CopiedDataFolder.at(temp.resolve("data"));
        try (ChildServer server = ChildServer.thatRunsPostgres(data)) {
            long postmaster = Long.parseLong(server.line());
            try (StandaloneAccess access = StandaloneAccess.open(data, false);
                    Connection connection = access.access().connect()) {
                assertThat(access.isOfServer()).isTrue();
                assertThat(connection.isValid(60)).isTrue();
            }
            // Closing the command's access left the server's PostgreSQL alone.
            assertThat(ProcessHandle.of(postmaster)).isPresent();
        }
    }

    @Test
    void ofAServerThatIsStillStarting() throws Exception {
        Path data = CopiedDataFolder.at(temp.resolve("data"));
        try (ChildServer server = ChildServer.thatRunsPostgres(data)) {
            // Now and then only: a start does not wait long for those who look whether there is one.
            assertThat(Deadline.in(Duration.ofSeconds(60)).await(Duration.ofMillis(50),
                    () -> DataFolder.peek(data).isPresent())).isTrue();
            try (StandaloneAccess access = StandaloneAccess.open(data, false)) {
                assertThat(access.isOfServer()).isTrue();
            }
            assertThat(server.line()).containsOnlyDigits();
        }
    }

    @Test
    void orStartTheirOwnOneAfterTheOther() throws Exception {
        Path data = CopiedDataFolder.at(temp.resolve("data"));
        Callable<Boolean> command = () -> {
            try (StandaloneAccess access = StandaloneAccess.open(data, false);
                    Connection connection = access.access().connect()) {
                return connection.isValid(60) && !access.isOfServer();
            }
        };
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Boolean> one = threads.submit(command);
            Future<Boolean> two = threads.submit(command);
            assertThat(one.get()).isTrue();
            assertThat(two.get()).isTrue();
        }
        assertThat(DataFolder.peek(data)).isEmpty();
        assertThat(data.resolve("postgres/cluster/postmaster.pid")).doesNotExist();
    }

    @Test
    void andMakeNoDatabaseByMistake() {
        Path nowhere = temp.resolve("typo");
        assertThatThrownBy(() -> StandaloneAccess.open(nowhere, false)).isInstanceOf(StartFailure.class)
                .hasMessageContaining("serve").hasMessageContaining(nowhere.toString());
        assertThat(Files.exists(nowhere)).isFalse();
    }

    @Test
    void butMakeOneWhenAskedTo() throws Exception {
        Path data = CopiedDataFolder.withBinariesOnly(temp.resolve("new"));
        try (StandaloneAccess access = StandaloneAccess.open(data, true);
                Connection connection = access.access().connect()) {
            assertThat(connection.isValid(60)).isTrue();
        }
        try (StandaloneAccess access = StandaloneAccess.open(data, false)) {
            assertThat(access.isOfServer()).isFalse();
        }
    }
}
