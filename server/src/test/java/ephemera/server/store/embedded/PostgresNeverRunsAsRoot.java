package ephemera.server.store.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ephemera.server.StartFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What happens when the server itself is run by root; an ordinary user has nothing to test here. */
@Timeout(120)
class PostgresNeverRunsAsRoot {

    @TempDir
    private Path temp;
    private RunAs.Somebody nobody;

    @BeforeEach
    void asRoot() {
        assumeTrue(Who.isRoot(), "run by an ordinary user");
        nobody = Who.named("nobody").orElseThrow();
    }

    private DataFolder folderWithBinaries() {
        return DataFolder.claim(CopiedDataFolder.withBinariesOnly(temp.resolve("data")));
    }

    @Test
    void withoutNamespacesItRunsAsAnotherUser() throws Exception {
        Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwx--x--x"));
        try (DataFolder folder = folderWithBinaries()) {
            RunAs.Somebody chosen = RunAs.somebody(nobody, folder.postgres());
            for (int start = 1; start <= 2; start++) {
                try (BundledPostgres postgres = BundledPostgres.start(folder, chosen, Set.of(), System.nanoTime());
                        Connection connection = postgres.access().connect()) {
                    assertThat(connection.isValid(60)).isTrue();
                    assertThat(PrivateFiles.uid(Path.of("/proc", Long.toString(postgres.pid()))))
                            .isEqualTo(nobody.uid());
                    assertThat(PrivateFiles.uid(folder.postgres().resolve("cluster/PG_VERSION")))
                            .isEqualTo(nobody.uid());
                }
            }
            assertThat(PrivateFiles.uid(folder.connectionFile())).isZero();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.path())))
                    .isEqualTo("rwx-----x");
            // And from now on always, whatever would be possible.
            assertThat(RunAs.choose(folder.postgres())).isInstanceOfSatisfying(RunAs.Somebody.class,
                    again -> assertThat(again.uid()).isEqualTo(nobody.uid()));
        }
    }

    @Test
    void aFolderThatTheOtherUserCannotReachIsNamed() throws Exception {
        Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwx------"));
        try (DataFolder folder = folderWithBinaries()) {
            assertThatThrownBy(() -> RunAs.somebody(nobody, folder.postgres())).isInstanceOf(StartFailure.class)
                    .hasMessageContaining("chmod o+x " + temp.toRealPath() + ",");
        }
    }

    @Test
    void filesOfAnOrdinaryUserStayThatUsers() throws Exception {
        Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwx--x--x"));
        Path data = CopiedDataFolder.withBinariesOnly(temp.resolve("data"));
        PrivateFiles.own(data, nobody.uid(), nobody.gid());
        try (DataFolder folder = DataFolder.claim(data);
                BundledPostgres postgres = BundledPostgres.start(folder, Set.of());
                Connection connection = postgres.access().connect()) {
            assertThat(connection.isValid(60)).isTrue();
        }
        try (var tree = Files.walk(data)) {
            assertThat(tree).isNotEmpty()
                    .allSatisfy(file -> assertThat(PrivateFiles.uid(file)).isEqualTo(nobody.uid()));
        }
    }

    @Test
    void otherwiseTheFilesStayRoots() throws Exception {
        try (DataFolder folder = folderWithBinaries()) {
            RunAs chosen = RunAs.choose(folder.postgres());
            assumeTrue(chosen instanceof RunAs.OwnNamespace, "user namespaces are not allowed here");
            try (BundledPostgres postgres = BundledPostgres.start(folder, Set.of()); Connection connection =
                    postgres.access().connect()) {
                assertThat(connection.isValid(60)).isTrue();
                assertThat(PrivateFiles.uid(folder.postgres().resolve("cluster/PG_VERSION"))).isZero();
            }
        }
    }
}
