package ephemera.server.store.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ephemera.server.StartFailure;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class PostgresBinariesAreWhole {

    @TempDir
    private Path temp;

    @Test
    void halfUnpackedOnesAreUnpackedAgainAndOldOnesGo() throws Exception {
        Path folder = CopiedDataFolder.withBinariesOnly(temp.resolve("data")).resolve("postgres");
        PostgresBinaries first = PostgresBinaries.unpackInto(folder, new RunAs.Oneself());
        assertThat(first.version()).matches("[0-9]+\\.[0-9]+.*");
        assertThat(first.initdb()).isExecutable();
        try (var libraries = Files.list(first.home().resolve("lib"))) {
            assertThat(libraries.filter(Files::isSymbolicLink)).isNotEmpty().allMatch(Files::exists);
        }
        Path half = folder.resolve(first.home().getFileName() + ".part");
        Files.move(first.home(), half);
        Files.delete(half.resolve("bin/postgres"));
        Files.createDirectories(folder.resolve("binaries-00000000/bin"));

        PostgresBinaries again = PostgresBinaries.unpackInto(folder, new RunAs.Oneself());
        assertThat(again).isEqualTo(first);
        assertThat(again.version()).isNotEmpty();
        again.deleteOthers();
        try (var left = Files.list(folder)) {
            assertThat(left).containsExactly(again.home());
        }
        assertThat(PostgresBinaries.unpackInto(folder, new RunAs.Oneself())).isEqualTo(first);
    }

    @Test
    void platformsWithoutOnesAreToldTheWayOut() {
        assertThat(PostgresBinaries.archiveName("Linux", "amd64", false)).contains("postgres-linux-x86_64.txz");
        assertThat(PostgresBinaries.archiveName("Linux", "amd64", true))
                .contains("postgres-linux-x86_64-alpine_linux.txz");
        assertThat(PostgresBinaries.archiveName("Linux", "aarch64", false)).contains("postgres-linux-arm_64.txz");
        assertThat(PostgresBinaries.archiveName("Mac OS X", "aarch64", false)).contains("postgres-darwin-arm_64.txz");
        assertThatThrownBy(() -> PostgresBinaries.archiveFor("SunOS", "sparcv9", false))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("SunOS on sparcv9").hasMessageContaining("database.url");
    }

    @Test
    void archivesThatReachOutsideAreRefused() throws Exception {
        assertThatThrownBy(() -> PostgresBinaries.unpack(archive("../evil", ""), temp.resolve("a")))
                .isInstanceOf(IOException.class).hasMessageContaining("outside");
        assertThatThrownBy(() -> PostgresBinaries.unpack(archive("link", "../../etc/passwd"), temp.resolve("b")))
                .isInstanceOf(IOException.class).hasMessageContaining("outside");
        PostgresBinaries.unpack(archive("bin/fine", ""), temp.resolve("c"));
        assertThat(temp.resolve("c/bin/fine")).hasContent("fine");
        assertThat(temp.resolve("evil")).doesNotExist();
    }

    private static InputStream archive(String name, String link) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new XZOutputStream(bytes, new LZMA2Options()))) {
            if (link.isEmpty()) {
                TarArchiveEntry entry = new TarArchiveEntry(name, true);
                entry.setSize(4);
                tar.putArchiveEntry(entry);
                tar.write("fine".getBytes(StandardCharsets.US_ASCII));
            } else {
                TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_SYMLINK);
                entry.setLinkName(link);
                tar.putArchiveEntry(entry);
            }
            tar.closeArchiveEntry();
        }
        return new ByteArrayInputStream(bytes.toByteArray());
    }
}
