package ephemera.server.store.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.server.store.embedded.BundledPostgres.State;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class PostgresIsSupervised {

    @TempDir
    private Path temp;

    private static boolean eventually(BooleanSupplier condition) {
        return Deadline.in(Duration.ofSeconds(60)).await(Duration.ofMillis(10), condition);
    }

    private static void kill(long pid) {
        assertThat(ProcessHandle.of(pid).orElseThrow().destroyForcibly()).isTrue();
    }

    private static long rows(PostgresAccess access) throws SQLException {
        try (Connection connection = access.connect(); Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select count(*) from kept")) {
            row.next();
            return row.getLong(1);
        }
    }

    private static void insert(PostgresAccess access, int count) throws SQLException {
        try (Connection connection = access.connect(); Statement statement = connection.createStatement()) {
            statement.execute("create table if not exists kept (what int)");
            for (int i = 0; i < count; i++) {
                statement.execute("insert into kept values (1)");
            }
        }
    }

    private Leftovers leftoversIn(Path data) {
        return new Leftovers(data.resolve("postgres"), data.resolve("postgres/cluster"));
    }

    @Test
    void whenItDiesItIsStartedAgainOnTheSamePort() throws Exception {
        try (DataFolder folder = DataFolder.claim(CopiedDataFolder.at(temp.resolve("data")));
                BundledPostgres postgres = BundledPostgres.start(folder, Set.of())) {
            BlockingQueue<State> told = new LinkedBlockingQueue<>();
            postgres.onChange(told::add);
            insert(postgres.access(), 100);
            for (int round = 1; round <= 3; round++) {
                try (Connection busy = postgres.access().connect(); Statement statement = busy.createStatement()) {
                    statement.execute("begin; insert into kept values (2)");
                    long before = postgres.pid();
                    kill(before);
                    assertThat(told.poll(60, TimeUnit.SECONDS)).isEqualTo(State.RESTARTING);
                    assertThat(told.poll(60, TimeUnit.SECONDS)).isEqualTo(State.RUNNING);
                    assertThat(postgres.pid()).isNotEqualTo(before);
                    assertThat(rows(postgres.access())).isEqualTo(100);
                }
            }
        }
        assertThat(leftoversIn(temp.resolve("data")).running()).isEmpty();
    }

    @Test
    void whenOneOfItsProcessesCrashesItIsStartedAgainAsAWhole() throws Exception {
        try (DataFolder folder = DataFolder.claim(CopiedDataFolder.at(temp.resolve("data")))) {
            for (int round = 1; round <= 3; round++) {
                BlockingQueue<State> told = new LinkedBlockingQueue<>();
                long start;
                try (BundledPostgres postgres = BundledPostgres.start(folder, Set.of())) {
                    postgres.onChange(told::add);
                    insert(postgres.access(), 10);
                    long before = postgres.pid();
                    leftoversIn(folder.path()).running().stream().filter(process -> process.pid() != before).findFirst()
                            .orElseThrow().destroyForcibly();
                    assertThat(told.poll(60, TimeUnit.SECONDS)).isEqualTo(State.RESTARTING);
                    assertThat(told.poll(60, TimeUnit.SECONDS)).isEqualTo(State.RUNNING);
                    assertThat(rows(postgres.access())).isEqualTo(10L * round);
                    leftoversIn(folder.path()).running().stream().filter(process -> process.pid() != postgres.pid())
                            .findFirst().orElseThrow().destroyForcibly();
                    start = System.nanoTime();
                }
                // Left to itself, PostgreSQL 18 would hang in such a shutdown until it is killed after 30 seconds.
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(28));
                assertThat(leftoversIn(folder.path()).running()).isEmpty();
            }
        }
    }

    @Test
    void closingWhileItIsStartedAgainLeavesNothingBehind() throws Exception {
        try (DataFolder folder = DataFolder.claim(CopiedDataFolder.at(temp.resolve("data")))) {
            for (int round = 1; round <= 5; round++) {
                BundledPostgres postgres = BundledPostgres.start(folder, Set.of());
                BlockingQueue<State> told = new LinkedBlockingQueue<>();
                postgres.onChange(told::add);
                kill(postgres.pid());
                if (round % 2 == 0) {
                    assertThat(told.poll(60, TimeUnit.SECONDS)).isEqualTo(State.RESTARTING);
                }
                postgres.close();
                assertThat(postgres.state()).isEqualTo(State.CLOSED);
                assertThat(eventually(() -> leftoversIn(folder.path()).running().isEmpty())).isTrue();
            }
        }
    }

    @Test
    void itEndsByItselfWhenItsServerIsKilled() throws Exception {
        Path data = CopiedDataFolder.at(temp.resolve("data"));
        ChildServer server = ChildServer.thatRunsPostgres(data);
        long postmaster = Long.parseLong(server.line());
        insert(PostgresAccess.read(data.resolve("postgres.properties")).orElseThrow(), 10);
        server.kill();
        assertThat(eventually(() -> leftoversIn(data).running().isEmpty())).as("PostgreSQL %d", postmaster).isTrue();
        // A fast shutdown, not a crash: the next start has nothing to recover.
        assertThat(data.resolve("postgres/cluster/postmaster.pid")).doesNotExist();
    }

    @Test
    void aServerThatFollowsAKilledOneFindsEverything() throws Exception {
        Path data = CopiedDataFolder.at(temp.resolve("data"));
        for (int round = 1; round <= 3; round++) {
            ChildServer server = ChildServer.thatRunsPostgres(data);
            long postmaster = Long.parseLong(server.line());
            insert(PostgresAccess.read(data.resolve("postgres.properties")).orElseThrow(), 10);
            if (round == 2) {
                // Both at once, as when a machine loses its power: a stale postmaster.pid stays.
                kill(postmaster);
            }
            server.kill();
            try (DataFolder folder = DataFolder.claim(data);
                    BundledPostgres postgres = BundledPostgres.start(folder, Set.of())) {
                assertThat(postgres.pid()).isNotEqualTo(postmaster);
                assertThat(rows(postgres.access())).isEqualTo(10L * round);
            }
        }
    }

    @Test
    void aSecondServerOnTheFolderIsRefusedAndHarmless() throws Exception {
        try (DataFolder folder = DataFolder.claim(CopiedDataFolder.at(temp.resolve("data")));
                BundledPostgres postgres = BundledPostgres.start(folder, Set.of());
                ChildServer second = ChildServer.thatRunsPostgres(folder.path())) {
            assertThat(second.line()).contains("in use").contains(Long.toString(ProcessHandle.current().pid()));
            insert(postgres.access(), 1);
            assertThat(rows(postgres.access())).isEqualTo(1);
        }
    }
}
