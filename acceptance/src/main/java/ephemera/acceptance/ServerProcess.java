package ephemera.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * A server started by {@code bin/ephemera serve} as a child process, for tests and the benchmark.
 *
 * <p>Its output goes to {@code DATA.log} beside the data folder. Whoever starts one closes it; a JVM that ends without
 * closing ends its servers too. Thread-safe.
 */
public final class ServerProcess implements AutoCloseable {
    private static final Duration LONGEST_START = Duration.ofSeconds(240);
    private static final Duration LONGEST_DEMO = Duration.ofSeconds(120);
    private static final Duration LONGEST_STOP = Duration.ofSeconds(120);
    /** The first of the ports for servers; tests that run at the same time in another process have others. */
    private static final int FIRST_PORT = Integer.getInteger("ephemera.acceptance.first-port", 10_000);
    private static final int PORTS = 1_000;
    private static final AtomicInteger NEXT_PORT =
            new AtomicInteger(2 * ThreadLocalRandom.current().nextInt(PORTS / 2));

    private final Launch launch;
    private final Process process;
    private final Duration startTook;
    private final Thread ender;

    /**
     * How a server is started.
     *
     * @param root the folder of the project whose {@code bin/ephemera} is run
     * @param data the data folder, which need not exist
     * @param port the port; the one above it is used for management
     * @param arguments what follows {@code serve --data … --port …}
     * @param environment variables in addition to the own ones
     * @param secure whether the arguments make it serve https
     */
    public record Launch(Path root, Path data, int port, List<String> arguments, Map<String, String> environment,
            boolean secure) {
        /** Plans a server of the project that this process runs in, on a data folder and free ports. */
        public static Launch on(Path data) {
            return new Launch(Commands.projectRoot(), data.toAbsolutePath(), freePort(), List.of(), Map.of(), false);
        }

        /** Gives the plan with the {@code bin/ephemera} of another folder of the project. */
        public Launch from(Path other) {
            return new Launch(other.toAbsolutePath(), data, port, arguments, environment, secure);
        }

        /** Gives the plan with a demo organization. */
        public Launch withDemo() {
            return with("--demo");
        }

        /** Gives the plan with more arguments. */
        public Launch with(String... more) {
            return new Launch(root, data, port, Stream.concat(arguments.stream(), Stream.of(more)).toList(),
                    environment, secure);
        }

        /** Gives the plan with a certificate and its key, both PEM files. */
        public Launch withTls(Path certificate, Path key) {
            Launch told = with("--set", "http.tls.certificate=" + certificate, "--set", "http.tls.key=" + key);
            return new Launch(root, data, port, told.arguments(), environment, true);
        }

        /** Gives the plan with another port. */
        public Launch withPort(int other) {
            return new Launch(root, data, other, arguments, environment, secure);
        }

        /** Gives the plan with environment variables. */
        public Launch withEnvironment(Map<String, String> variables) {
            return new Launch(root, data, port, arguments, variables, secure);
        }

        /** Starts the server and waits until it answers requests. */
        public ServerProcess start() {
            return new ServerProcess(this);
        }
    }

    private ServerProcess(Launch launch) {
        this.launch = launch;
        long begin = System.nanoTime();
        process = exec(launch);
        ender = new Thread(() -> ended(process), "server-ender");
        Runtime.getRuntime().addShutdownHook(ender);
        try {
            awaitReady(begin);
        } catch (RuntimeException | AssertionError e) {
            close();
            throw e;
        }
        startTook = Duration.ofNanos(System.nanoTime() - begin);
    }

    /** Starts a server on a data folder, on a free port, and waits until it answers requests. */
    public static ServerProcess start(Path data) {
        return Launch.on(data).start();
    }

    /** Starts a server with a demo organization on a data folder and waits until it answers requests. */
    public static ServerProcess startDemo(Path data) {
        return Launch.on(data).withDemo().start();
    }

    /** Gives the server's address. */
    public URI url() {
        return URI.create((launch.secure() ? "https" : "http") + "://127.0.0.1:" + launch.port());
    }

    /** Gives the address of metrics and health. */
    public URI managementUrl() {
        return URI.create("http://127.0.0.1:" + (launch.port() + 1));
    }

    /** Gives the plan by which it was started, for starting it again. */
    public Launch launch() {
        return launch;
    }

    /** Gives the data folder. */
    public Path data() {
        return launch.data();
    }

    /** Gives what the server wrote to {@code demo.json}; it may do so a moment after it answers requests. */
    public Demo demo() {
        long begin = System.nanoTime();
        while (!Files.exists(data().resolve("demo.json"))) {
            if (System.nanoTime() - begin > LONGEST_DEMO.toNanos()) {
                throw new AssertionError("The server wrote no demo.json; its output: " + outputEnd());
            }
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
        return Demo.in(data());
    }

    /** Gives the commands on this server's data folder. */
    public Commands commands() {
        return new Commands(launch.root(), data());
    }

    /** Gives the time from the start of the command to the first answered request. */
    public Duration startTook() {
        return startTook;
    }

    /** Gives the file with everything that the server printed. */
    public Path output() {
        return outputOf(launch);
    }

    /** Says whether the process is there. */
    public boolean isRunning() {
        return process.isAlive();
    }

    /** Gives the process id of the server's JVM: the command itself, or its child if the launcher stays. */
    public long pid() {
        return process.toHandle().descendants().filter(ServerProcess::isJava).findFirst().map(ProcessHandle::pid)
                .orElse(process.pid());
    }

    /** Gives the process id of the bundled PostgreSQL, if it runs. */
    public Optional<Long> databasePid() {
        return databasePid(data());
    }

    /** Finds the process id of the PostgreSQL that runs in a data folder, by its {@code postmaster.pid}. */
    public static Optional<Long> databasePid(Path data) {
        Path folder = data.resolve("postgres");
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.find(folder, 3, (path, _) -> path.endsWith("postmaster.pid"))) {
            return files.findFirst().flatMap(ServerProcess::firstNumber).filter(
                    pid -> ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false));
        } catch (IOException | UncheckedIOException _) {
            // The folder changes while the database starts or ends: it does not run yet, or no longer.
            return Optional.empty();
        }
    }

    /** Kills the server's JVM as {@code kill -9} does and waits until it is gone. */
    public void killServer() {
        List<ProcessHandle> family = Stream.concat(process.toHandle().descendants().filter(ServerProcess::isJava),
                Stream.of(process.toHandle())).toList();
        family.forEach(ProcessHandle::destroyForcibly);
        family.forEach(ServerProcess::awaitEnd);
    }

    /** Kills PostgreSQL's first process as {@code kill -9} does, if it runs, and waits until it is gone. */
    public void killDatabase() {
        databasePid().flatMap(ProcessHandle::of).ifPresent(database -> {
            database.destroyForcibly();
            awaitEnd(database);
        });
    }

    /** Kills server and database at the same moment, as far as one process can. */
    public void killBoth() {
        Optional<ProcessHandle> database = databasePid().flatMap(ProcessHandle::of);
        database.ifPresent(ProcessHandle::destroyForcibly);
        killServer();
        database.ifPresent(ServerProcess::awaitEnd);
    }

    /** Asks the server to end, as SIGTERM does, waits for it and gives its exit code. */
    public int stop() {
        process.destroy();
        try {
            if (!process.waitFor(LONGEST_STOP.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("The server did not end within %s of SIGTERM; its output: %s".formatted(
                        LONGEST_STOP, outputEnd()));
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the server ended", e);
        }
    }

    /** Stops the server; one that does not end is killed. */
    @Override
    public void close() {
        ended(process);
        try {
            Runtime.getRuntime().removeShutdownHook(ender);
        } catch (IllegalStateException _) {
            // The JVM is ending and runs the hook itself.
        }
    }

    /**
     * Gives a port that is free together with the one above it.
     *
     * <p>Below the range of outgoing connections, and below the one from which servers that start at the same time
     * choose the port of their PostgreSQL. No port is given a second time before all others were: whoever was given one
     * may take its time to use it.
     */
    public static int freePort() {
        for (int attempt = 0; attempt < PORTS / 2; attempt++) {
            int port = FIRST_PORT + Math.floorMod(NEXT_PORT.getAndAdd(2), PORTS);
            if (isFree(port) && isFree(port + 1)) {
                return port;
            }
        }
        throw new IllegalStateException(
                "There are no two free ports side by side from %d on.".formatted(FIRST_PORT));
    }

    private void awaitReady(long begin) {
        while (!answers()) {
            if (!process.isAlive()) {
                throw new AssertionError("The server ended with %d before it was ready: %s".formatted(
                        process.exitValue(), outputEnd()));
            }
            if (System.nanoTime() - begin > LONGEST_START.toNanos()) {
                throw new AssertionError("The server was not ready within %s: %s".formatted(LONGEST_START,
                        outputEnd()));
            }
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
    }

    /**
     * Asks for the own user without credentials: a server that is ready refuses that, one that is not says 5xx. Of a
     * server with a certificate, which may be anybody's, the management port is asked, which opens last.
     */
    private boolean answers() {
        int port = launch.secure() ? launch.port() + 1 : launch.port();
        String question = "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                .formatted(launch.secure() ? "/health/ready" : "/v2/user");
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
            socket.setSoTimeout(5_000);
            socket.getOutputStream().write(question.getBytes(StandardCharsets.US_ASCII));
            String start = new String(socket.getInputStream().readNBytes(10), StandardCharsets.US_ASCII);
            return start.startsWith("HTTP/1.1 ") && start.charAt(9) != '5';
        } catch (IOException _) {
            return false;
        }
    }

    private static Process exec(Launch launch) {
        Path root = launch.root();
        List<String> words = new ArrayList<>(List.of(root.resolve("bin/ephemera").toString(), "serve", "--data",
                launch.data().toString(), "--port", Integer.toString(launch.port())));
        words.addAll(launch.arguments());
        Path output = outputOf(launch);
        try {
            Files.createDirectories(output.getParent());
            ProcessBuilder builder = new ProcessBuilder(words).directory(root.toFile()).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
            builder.environment().putAll(launch.environment());
            Process started = builder.start();
            started.getOutputStream().close();
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException("The server could not be started: " + words, e);
        }
    }

    private static Path outputOf(Launch launch) {
        return launch.data().resolveSibling(launch.data().getFileName() + ".log");
    }

    private String outputEnd() {
        try {
            String all = Files.readString(output());
            return all.substring(Math.max(0, all.length() - 4_000));
        } catch (IOException e) {
            return "(unreadable: " + e + ")";
        }
    }

    private static void ended(Process process) {
        List<ProcessHandle> descendants = process.toHandle().descendants().filter(ServerProcess::isJava).toList();
        process.destroy();
        try {
            if (!process.waitFor(LONGEST_STOP.toMillis(), TimeUnit.MILLISECONDS)) {
                descendants.forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        } catch (InterruptedException _) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private static void awaitEnd(ProcessHandle handle) {
        handle.onExit().orTimeout(LONGEST_STOP.toSeconds(), TimeUnit.SECONDS).join();
    }

    private static boolean isJava(ProcessHandle handle) {
        return handle.info().command().map(command -> command.endsWith("/java")).orElse(false);
    }

    private static Optional<Long> firstNumber(Path file) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.findFirst().map(String::strip).filter(line -> line.matches("\\d+")).map(Long::valueOf);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException _) {
            return false;
        }
    }
}
