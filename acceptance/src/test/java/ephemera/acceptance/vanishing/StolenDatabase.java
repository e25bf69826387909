package ephemera.acceptance.vanishing;

import ephemera.acceptance.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * The database of a copied data folder, run without the product, so that its rows can be changed as an intruder likes.
 */
final class StolenDatabase implements AutoCloseable {
    private static final Duration LONGEST = Duration.ofSeconds(180);

    private final Path cluster;
    private final Path output;
    private final Process process;
    private final Sql sql;

    /** Starts it on a free port, which is put into the copy's {@code postgres.properties}. */
    StolenDatabase(Copy copy) {
        Path postgres = copy.data().resolve("postgres");
        cluster = postgres.resolve("cluster");
        output = copy.data().resolveSibling(copy.data().getFileName() + ".stolen.log");
        sql = new Sql(copy.data());
        try (Stream<Path> found = Files.find(postgres, 3, (path, _) -> path.endsWith("bin/postgres"))) {
            String port = Integer.toString(ServerProcess.freePort());
            Path properties = copy.data().resolve("postgres.properties");
            Files.writeString(properties, Files.readString(properties).replaceFirst("port=\\d+", "port=" + port));
            List<String> words = new ArrayList<>(asWhom());
            words.addAll(List.of(found.findFirst().orElseThrow().toString(), "-D", cluster.toString(), "-p", port));
            process = new ProcessBuilder(words).directory(cluster.toFile()).redirectErrorStream(true)
                    .redirectOutput(output.toFile()).start();
            awaitReady();
        } catch (IOException e) {
            throw new UncheckedIOException("The database of " + copy + " could not be started", e);
        }
    }

    /** Its rows. */
    Sql sql() {
        return sql;
    }

    /** PostgreSQL refuses to run as root. */
    private List<String> asWhom() throws IOException {
        if (!"root".equals(System.getProperty("user.name"))) {
            return List.of();
        }
        Object owner = Files.getAttribute(cluster, "unix:uid");
        return owner.equals(0) ? List.of("unshare", "-U")
                : List.of("setpriv", "--reuid=" + owner, "--regid=" + Files.getAttribute(cluster, "unix:gid"),
                        "--clear-groups");
    }

    private void awaitReady() throws IOException {
        long begin = System.nanoTime();
        while (!isReady()) {
            if (!process.isAlive() || System.nanoTime() - begin > LONGEST.toNanos()) {
                process.destroyForcibly();
                throw new AssertionError("PostgreSQL did not start: " + Files.readString(output));
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    /** The eighth line of its file says so, for the process that the first line names. */
    private boolean isReady() {
        try {
            List<String> lines = Files.readAllLines(cluster.resolve("postmaster.pid"));
            return lines.size() > 7 && lines.getFirst().strip().equals(Long.toString(process.pid()))
                    && lines.get(7).strip().equals("ready");
        } catch (IOException _) {
            return false;
        }
    }

    /** Ends it as an administrator in a hurry does. */
    @Override
    public void close() {
        try {
            new ProcessBuilder("kill", "-s", "INT", Long.toString(process.pid())).start().waitFor();
            if (!process.waitFor(LONGEST.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("PostgreSQL did not end within " + LONGEST);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while PostgreSQL ended", e);
        }
    }
}
