package ephemera.server.store.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * Data folders with an empty database in them, copied from one that is made once per test run.
 *
 * <p>A copy takes a fraction of the time that unpacking and initialising take.
 */
public final class CopiedDataFolder {

    private CopiedDataFolder() {
    }

    /** Puts a data folder, claimed by nobody, at a path that does not exist yet. */
    public static Path at(Path path) {
        // The binaries are never written to, and may be shared.
        return copy(path, """
                set -e
                mkdir -m 700 "$2" "$2/postgres"
                cp -a "$1/postgres.properties" "$2"
                cp -a "$1/postgres/cluster" "$2/postgres"
                cp -al "$1"/postgres/binaries-* "$2/postgres"
                """);
    }

    /** Puts a data folder without a database at a path; it is as good as an empty one, for those in a hurry. */
    static Path withBinariesOnly(Path path) {
        return copy(path, """
                set -e
                mkdir -m 700 "$2" "$2/postgres"
                cp -a "$1"/postgres/binaries-* "$2/postgres"
                """);
    }

    private static Path copy(Path path, String script) {
        Command.Outcome outcome = Command.run(Path.of("/"),
                List.of("sh", "-c", script, "sh", Template.FOLDER.toString(), path.toAbsolutePath().toString()));
        if (!outcome.succeeded()) {
            throw new IllegalStateException(outcome.output());
        }
        return path;
    }

    /** Made when the first copy is asked for, deleted when the test run ends. */
    private static final class Template {

        private static final Path FOLDER = make();

        private static Path make() {
            try {
                Path parent = Files.createTempDirectory("ephemera-test");
                Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> delete(parent)));
                try (DataFolder folder = DataFolder.claim(parent.resolve("data"))) {
                    BundledPostgres.start(folder, Set.of()).close();
                    return folder.path();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static void delete(Path folder) {
            try {
                PrivateFiles.deleteTree(folder);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
