package ephemera.acceptance.faults;

import ephemera.acceptance.ServerProcess;
import ephemera.acceptance.TemporaryFolder;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/** A place for a data folder on which there is no room any more when the test wants it. For one thread. */
public sealed interface ScarceDisk extends AutoCloseable {
    /** The folder for data folders. */
    Path path();

    /** From now on a server that runs here cannot write more; again, if something was removed since then. */
    void fill(ServerProcess server);

    /** From now on it can. */
    void makeRoom(ServerProcess server);

    /** Whether the database ends when there is no room, because it cannot even write its log. */
    boolean endsDatabase();

    @Override
    void close();

    /**
     * Gives what can be had here: processes that may not write more, which make the log of the database fail, and,
     * where the system lets us mount one, a small disk of its own, on which its tables fail first.
     */
    static List<ScarceDisk> all() {
        TemporaryFolder folder = TemporaryFolder.make();
        boolean mounted = run("mount", "-t", "tmpfs", "-o", "size=" + OwnDisk.SIZE + ",mode=755", "tmpfs",
                folder.path().toString());
        ScarceDisk limited = new LimitedProcesses(mounted ? TemporaryFolder.make() : folder);
        return mounted ? List.of(limited, new OwnDisk(folder)) : List.of(limited);
    }

    /** A file system in memory that a file fills to the last byte. */
    record OwnDisk(TemporaryFolder folder) implements ScarceDisk {
        private static final String SIZE = "320m";

        @Override
        public Path path() {
            return folder.path();
        }

        @Override
        public void fill(ServerProcess server) {
            try (OutputStream out = Files.newOutputStream(filler(), StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND)) {
                byte[] block = new byte[4_096];
                while (true) {
                    out.write(block);
                }
            } catch (IOException _) {
                // It is full.
            }
        }

        @Override
        public void makeRoom(ServerProcess server) {
            try {
                Files.deleteIfExists(filler());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public boolean endsDatabase() {
            return false;
        }

        @Override
        public void close() {
            if (!run("umount", path().toString())) {
                run("umount", "--lazy", path().toString());
            }
            folder.close();
        }

        private Path filler() {
            return path().resolve("filler");
        }
    }

    /** A limit on the size of any file that the processes of the server write. */
    record LimitedProcesses(TemporaryFolder folder) implements ScarceDisk {
        private static final String SMALL = "100000";

        @Override
        public Path path() {
            return folder.path();
        }

        @Override
        public void fill(ServerProcess server) {
            limit(server, SMALL);
        }

        @Override
        public void makeRoom(ServerProcess server) {
            limit(server, "unlimited");
        }

        @Override
        public boolean endsDatabase() {
            return true;
        }

        @Override
        public void close() {
            folder.close();
        }

        private static void limit(ServerProcess server, String bytes) {
            ProcessHandle first = ProcessHandle.of(server.pid()).orElseThrow();
            Stream.concat(Stream.of(first), first.descendants()).forEach(
                    process -> run("prlimit", "--pid", Long.toString(process.pid()), "--fsize=" + bytes + ":"));
        }
    }

    private static boolean run(String... words) {
        try {
            return new ProcessBuilder(List.of(words)).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor() == 0;
        } catch (IOException _) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a command ran", e);
        }
    }
}
