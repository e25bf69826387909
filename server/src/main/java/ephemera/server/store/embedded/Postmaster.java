package ephemera.server.store.embedded;

import ephemera.server.StartFailure;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One run of PostgreSQL, from its start to its end. Thread-safe. */
final class Postmaster {

    private static final Logger LOG = System.getLogger(Postmaster.class.getName());

    /**
     * Becomes PostgreSQL, after leaving a shell behind that reads the pipe from this JVM. A line means that PostgreSQL
     * has ended; the pipe's end means that the JVM has, and asks for a fast shutdown. That shell is not a child of the
     * postmaster, which would take its end for a crash of one of its own processes.
     */
    private static final String WATCHED = """
            exec 3<&0 </dev/null
            ( ( read -r word <&3 || kill -s INT $$ ) >/dev/null 2>&1 & )
            exec 3<&-
            exec "$@"
            """;

    /** In a session of its own, PostgreSQL does not hear the terminal's Ctrl-C, which is meant for the server. */
    private static final String IN_OWN_SESSION = """
            if command -v setsid >/dev/null; then exec setsid "$@"; fi
            if command -v perl >/dev/null; then exec perl -MPOSIX -e 'POSIX::setsid(); exec @ARGV' "$@"; fi
            exec "$@"
            """;

    private static final Duration STEP = Duration.ofMillis(4);
    private static final Duration SAY_SO_EVERY = Duration.ofSeconds(10);
    private static final Duration FOR_LAST_WORDS = Duration.ofSeconds(5);
    private static final Duration FOR_FAST_SHUTDOWN = Duration.ofSeconds(30);
    private static final Duration FOR_IMMEDIATE_SHUTDOWN = Duration.ofSeconds(10);

    private final Process process;
    private final Path pidFile;
    private final BoundedLog log;
    private final Thread drain;

    private Postmaster(Process process, Path pidFile, BoundedLog log) {
        this.process = process;
        this.pidFile = pidFile;
        this.log = log;
        // A platform thread: it sits in a blocking read for ever, where a virtual one would hold on to a carrier.
        this.drain = Thread.ofPlatform().daemon().name("postgres-log").start(() -> log.drain(process.getInputStream()));
    }

    /** Starts PostgreSQL on a cluster that is prepared and in use by nobody. */
    static Postmaster launch(RunAs runAs, PostgresBinaries binaries, Path cluster, BoundedLog log) {
        List<String> words = new ArrayList<>(runAs.prefix());
        words.addAll(List.of("sh", "-c", IN_OWN_SESSION, "sh", "sh", "-c", WATCHED, "sh"));
        words.addAll(List.of(binaries.postgres().toString(), "-D", cluster.toString()));
        words.addAll(Settings.PROMISES);
        log.forgetTail();
        try {
            return new Postmaster(Command.prepare(PrivateFiles.folderOf(cluster), words).start(),
                    cluster.resolve("postmaster.pid"), log);
        } catch (IOException e) {
            throw new StartFailure("The bundled PostgreSQL cannot be started: " + e.getMessage() + ".", e);
        }
    }

    /** Waits until connections are accepted, for as long as PostgreSQL is busy getting there. */
    void awaitReady() {
        Deadline sayingSo = Deadline.in(SAY_SO_EVERY);
        while (!isReady()) {
            if (sayingSo.isOver()) {
                LOG.log(Level.INFO, "PostgreSQL is still starting: it recovers from a crash");
                sayingSo = Deadline.in(SAY_SO_EVERY);
            }
            if (ended(STEP)) {
                awaitEnd();
                // Whether it is tried again depends on the reason.
                hear(FOR_LAST_WORDS);
                throw new StartFailure("PostgreSQL did not start: " + log.fatalLine().orElseGet(log::lastLine)
                        + " (" + log.pointer() + ").");
            }
        }
    }

    /** Its eighth line is what {@code pg_ctl} goes by, too. */
    private boolean isReady() {
        try {
            List<String> lines = Files.readAllLines(pidFile);
            return lines.size() > 7 && lines.get(0).strip().equals(Long.toString(process.pid()))
                    && lines.get(7).strip().equals("ready");
        } catch (IOException _) {
            return false;
        }
    }

    long pid() {
        return process.pid();
    }

    /** Waits until the postmaster has ended and its last words are in the log; gives its exit status. */
    int awaitEnd() {
        try {
            int status = process.waitFor();
            release();
            hear(Duration.ofMillis(200));
            return status;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting for PostgreSQL", e);
        }
    }

    /**
     * Waits until all that was said is in the log; not long, since a child that lives may still have something to say.
     */
    private void hear(Duration patience) {
        try {
            drain.join(patience);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting for PostgreSQL", e);
        }
    }

    /** Tells the watching shell that the process id is no longer PostgreSQL's. */
    private void release() {
        try (OutputStream pipe = process.getOutputStream()) {
            pipe.write("ended\n".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException _) {
            // The shell has already gone.
        }
    }

    /** Ends PostgreSQL: connections are cut, what is committed is checkpointed. Takes a bounded time. */
    void stop() {
        if (!process.isAlive()) {
            return;
        }
        Leftovers.signal("INT", process.pid());
        if (!ended(FOR_FAST_SHUTDOWN)) {
            LOG.log(Level.WARNING, "PostgreSQL takes too long to stop; it will recover at the next start");
            Leftovers.signal("QUIT", process.pid());
            if (!ended(FOR_IMMEDIATE_SHUTDOWN)) {
                process.destroyForcibly();
            }
        }
        awaitEnd();
    }

    private boolean ended(Duration within) {
        try {
            return process.waitFor(within.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting for PostgreSQL", e);
        }
    }
}
