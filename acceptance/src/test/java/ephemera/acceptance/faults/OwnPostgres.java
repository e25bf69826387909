package ephemera.acceptance.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * A PostgreSQL that belongs to the test and not to a server: made in a folder of its own, started and ended by hand.
 *
 * <p>Its programs are those that a server has unpacked in its data folder. Thread-safe.
 */
final class OwnPostgres implements AutoCloseable {
    private static final String USER = "tester";
    private static final Duration LONGEST = Duration.ofSeconds(180);

    private final List<String> asWhom;
    private final Path programs;
    private final Path folder;
    private final int port;
    private final String password = UUID.randomUUID().toString();
    private Process process;

    private OwnPostgres(Path folder, Path programs, int port) throws IOException {
        this.folder = folder;
        this.programs = programs;
        this.port = port;
        Files.createDirectories(folder);
        this.asWhom = somebodyWhoIsNotRoot(folder);
        Path secret = Files.writeString(folder.resolve("password"), password);
        run(List.of(programs.resolve("initdb").toString(), "-D", cluster().toString(), "-U", USER,
                "--pwfile=" + secret, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"));
        process = launch();
    }

    /** Makes and starts one, with the programs in the data folder of a server that has started once. */
    static OwnPostgres start(Path folder, Path dataOfServer, int port) {
        try (Stream<Path> found =
                Files.find(dataOfServer.resolve("postgres"), 3, (path, _) -> path.endsWith("initdb"))) {
            Path initdb = found.findFirst().orElseThrow();
            Path programs = Objects.requireNonNull(initdb.getParent(), "a program stands in a folder");
            return new OwnPostgres(folder, programs, port);
        } catch (IOException e) {
            throw new UncheckedIOException("PostgreSQL could not be made in " + folder, e);
        }
    }

    /** Gives the port on 127.0.0.1. */
    int port() {
        return port;
    }

    /** Gives the address for a server, at the own port or at that of a link to it. */
    static String urlAt(int where) {
        return "jdbc:postgresql://127.0.0.1:" + where + "/postgres?sslmode=disable&gssEncMode=disable";
    }

    /**
     * Writes the configuration of a server with this database, for the server and for commands, into its data folder.
     */
    void configure(Path data) {
        try {
            Files.createDirectories(data);
            Files.writeString(data.resolve("ephemera.yaml"), """
                    database.url: %s
                    database.user: %s
                    database.password: %s
                    """.formatted(urlAt(port), USER, password));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends it as an administrator in a hurry does: connections are cut, what is committed is kept. */
    void stop() {
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

    /** Starts it again after {@link #stop}. */
    void startAgain() {
        try {
            process = launch();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            stop();
        }
    }

    private Path cluster() {
        return folder.resolve("cluster");
    }

    private Process launch() throws IOException {
        List<String> words = new ArrayList<>(asWhom);
        words.addAll(List.of(programs.resolve("postgres").toString(), "-D", cluster().toString(), "-p",
                Integer.toString(port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="));
        Path log = folder.resolve("log");
        Process started = new ProcessBuilder(words).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile())).start();
        long begin = System.nanoTime();
        while (!isReady(started)) {
            if (!started.isAlive() || System.nanoTime() - begin > LONGEST.toNanos()) {
                started.destroyForcibly();
                throw new AssertionError("PostgreSQL did not start: " + Files.readString(log));
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
        return started;
    }

    /** The eighth line of its file says so, for the process that the first line names. */
    private boolean isReady(Process started) {
        try {
            List<String> lines = Files.readAllLines(cluster().resolve("postmaster.pid"));
            return lines.size() > 7 && lines.getFirst().strip().equals(Long.toString(started.pid()))
                    && lines.get(7).strip().equals("ready");
        } catch (IOException _) {
            return false;
        }
    }

    private void run(List<String> command) throws IOException {
        List<String> words = new ArrayList<>(asWhom);
        words.addAll(command);
        Path output = folder.resolve("output");
        Process done = new ProcessBuilder(words).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(output.toFile()).start();
        if (waitFor(done) != 0) {
            throw new AssertionError(words + ": " + Files.readString(output));
        }
    }

    /**
     * The words before a command of PostgreSQL, which refuses to run as root: another user, who gets the folder if need
     * be.
     */
    private static List<String> somebodyWhoIsNotRoot(Path folder) throws IOException {
        if (!"root".equals(System.getProperty("user.name"))) {
            return List.of();
        }
        if (waitFor(new ProcessBuilder("unshare", "-U", "true").start()) == 0) {
            return List.of("unshare", "-U");
        }
        waitFor(new ProcessBuilder("chown", "nobody", folder.toString()).start());
        return List.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups");
    }

    private static int waitFor(Process process) {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a command ran", e);
        }
    }
}
