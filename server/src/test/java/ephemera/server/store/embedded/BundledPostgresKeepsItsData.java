package ephemera.server.store.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ephemera.server.StartFailure;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundledPostgresKeepsItsData {

    @TempDir
    private Path temp;

    private static String ask(PostgresAccess access, String question) throws SQLException {
        try (Connection connection = access.connect(); Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(question)) {
            row.next();
            return row.getString(1);
        }
    }

    private static void tell(PostgresAccess access, String text) throws SQLException {
        try (Connection connection = access.connect(); Statement statement = connection.createStatement()) {
            statement.execute(text);
        }
    }

    @Test
    void anEmptyFolderBecomesADatabaseThatSurvivesARestart() throws Exception {
        Path data = CopiedDataFolder.withBinariesOnly(temp.resolve("data"));
        // What an interrupted first start leaves behind is made again.
        Files.createDirectories(data.resolve("postgres/cluster.part/base"));
        try (DataFolder folder = DataFolder.claim(data)) {
            PostgresAccess first;
            try (BundledPostgres postgres = BundledPostgres.start(folder, Set.of())) {
                first = postgres.access();
                assertThat(postgres.state()).isEqualTo(BundledPostgres.State.RUNNING);
                tell(first, "create table kept as select 'a row' as what");
            }
            assertThatThrownBy(() -> ask(first, "select 1")).isInstanceOf(SQLException.class);
            try (BundledPostgres postgres = BundledPostgres.start(folder, Set.of())) {
                assertThat(ask(postgres.access(), "select what from kept")).isEqualTo("a row");
                assertThat(postgres.password()).isEqualTo(first.password());
                assertThat(postgres.port()).isEqualTo(first.port());
            }
            assertThat(data.resolve("postgres/cluster.part")).doesNotExist();
            assertThat(
                    PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve("postgres.properties"))))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void itIsSetUpForDurabilityAndForNobodyElse() throws Exception {
        try (DataFolder folder = DataFolder.claim(CopiedDataFolder.at(temp.resolve("data")))) {
            // Whoever weakens the promise by a file is overruled.
            Files.writeString(folder.postgres().resolve("cluster/postgresql.auto.conf"),
                    "fsync = off\nfull_page_writes = off\nsynchronous_commit = off\nlisten_addresses = '*'\n");
            try (BundledPostgres postgres = BundledPostgres.start(folder, Set.of())) {
                PostgresAccess access = postgres.access();
                for (String setting : List.of("fsync", "full_page_writes", "synchronous_commit", "data_checksums")) {
                    assertThat(ask(access, "show " + setting)).as(setting).isEqualTo("on");
                }
                assertThat(ask(access, "show listen_addresses")).isEqualTo("127.0.0.1");
                assertThat(ask(access, "show unix_socket_directories")).isEmpty();
                assertThat(ask(access, "show server_encoding")).isEqualTo("UTF8");
                assertThat(ask(access, "select 'É' < 'Z'")).isEqualTo("f");
                assertThat(ask(access, "select lower('É')")).isEqualTo("é");
                assertThat(ask(access, "select rolsuper from pg_roles where rolname = current_user")).isEqualTo("f");
                assertThatThrownBy(() -> DriverManager.getConnection(access.jdbcUrl(), access.user(), "wrong"))
                        .hasMessageContaining("password authentication failed");
                assertThat(access.toString()).doesNotContain(access.password());
            }
        }
    }

    @Test
    void anOccupiedPortIsReplacedByAnother() throws Exception {
        try (DataFolder folder = DataFolder.claim(CopiedDataFolder.at(temp.resolve("data")))) {
            int before = PostgresAccess.read(folder.connectionFile()).orElseThrow().port();
            try (ServerSocket occupied = new ServerSocket()) {
                occupied.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), before));
                try (BundledPostgres postgres = BundledPostgres.start(folder, Set.of())) {
                    assertThat(postgres.port()).isNotEqualTo(before);
                    assertThat(ask(postgres.access(), "select 1")).isEqualTo("1");
                }
            }
        }
    }

    /** The web server opens its ports after the database, so they are free when PostgreSQL chooses. */
    @Test
    void aPortThatTheServerItselfWillOpenIsLeftToIt() throws Exception {
        try (DataFolder folder = DataFolder.claim(CopiedDataFolder.at(temp.resolve("data")))) {
            int before = PostgresAccess.read(folder.connectionFile()).orElseThrow().port();
            try (BundledPostgres postgres = BundledPostgres.start(folder, Set.of(before))) {
                assertThat(postgres.port()).isNotEqualTo(before);
                assertThat(ask(postgres.access(), "select 1")).isEqualTo("1");
            }
        }
    }

    @Test
    void lostPasswordsAreReplaced() throws Exception {
        try (DataFolder folder = DataFolder.claim(CopiedDataFolder.at(temp.resolve("data")))) {
            String before = PostgresAccess.read(folder.connectionFile()).orElseThrow().password();
            Files.delete(folder.connectionFile());
            try (BundledPostgres postgres = BundledPostgres.start(folder, Set.of())) {
                assertThat(postgres.password()).isNotEqualTo(before);
                assertThat(ask(postgres.access(), "select current_user")).isEqualTo("ephemera");
            }
        }
    }

    @Test
    void aDatabaseOfAnotherReleaseIsLeftAlone() throws Exception {
        try (DataFolder folder = DataFolder.claim(CopiedDataFolder.at(temp.resolve("data")))) {
            Files.writeString(folder.postgres().resolve("cluster/PG_VERSION"), "12\n");
            assertThatThrownBy(() -> BundledPostgres.start(folder, Set.of())).isInstanceOf(StartFailure.class)
                    .hasMessageContaining("PostgreSQL 12");
        }
    }

    @Test
    void aDamagedDatabaseIsOneSentence() throws Exception {
        try (DataFolder folder = DataFolder.claim(CopiedDataFolder.at(temp.resolve("data")))) {
            Files.delete(folder.postgres().resolve("cluster/global/pg_control"));
            assertThatThrownBy(() -> BundledPostgres.start(folder, Set.of())).isInstanceOf(StartFailure.class)
                    .hasMessageContaining("did not start").hasMessageContaining("pg_control");
        }
    }
}
