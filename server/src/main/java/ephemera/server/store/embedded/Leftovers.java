package ephemera.server.store.embedded;

import ephemera.server.StartFailure;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * PostgreSQL processes that run out of a data folder although nobody watches them any more.
 *
 * <p>They are recognised by their program, which lies in the folder: a process id that was given to somebody else in
 * the meantime is never touched. Only who holds the folder's lock, and has no postmaster running, may use this.
 */
final class Leftovers {

    private static final Logger LOG = System.getLogger(Leftovers.class.getName());
    private static final Duration STEP = Duration.ofMillis(20);
    private static final Duration FOR_FAST_SHUTDOWN = Duration.ofSeconds(30);
    private static final Duration FOR_CHILDREN = Duration.ofSeconds(10);

    private final Path postgres;
    private final Path pidFile;

    Leftovers(Path postgres, Path cluster) {
        this.postgres = postgres;
        this.pidFile = cluster.resolve("postmaster.pid");
    }

    /** Waits until all are gone, having asked the postmaster to end; those that do not listen are killed. */
    void end() {
        if (Files.notExists(pidFile) || running().isEmpty()) {
            return;
        }
        Optional<Long> postmaster = postmaster();
        if (postmaster.isPresent()) {
            LOG.log(Level.INFO, "Waiting for the end of PostgreSQL {0}, left behind by a server that was killed",
                    postmaster.get().toString());
            signal("INT", postmaster.get());
        }
        // Without their postmaster, children notice it and end by themselves, soon.
        Duration patience = postmaster.isPresent() ? FOR_FAST_SHUTDOWN : FOR_CHILDREN;
        if (Deadline.in(patience).await(STEP, () -> running().isEmpty())) {
            return;
        }
        LOG.log(Level.WARNING, "Killing PostgreSQL processes that do not end");
        // The postmaster first: it would take the end of a child for a crash and start again.
        postmaster().ifPresent(pid -> signal("KILL", pid));
        running().forEach(ProcessHandle::destroyForcibly);
        if (!Deadline.in(FOR_CHILDREN).await(STEP, () -> running().isEmpty())) {
            throw new StartFailure("PostgreSQL processes of an earlier server still run out of " + postgres + " ("
                    + running().stream().map(process -> Long.toString(process.pid())).toList() + "): end them first.");
        }
    }

    /** The processes whose program lies in the folder. */
    List<ProcessHandle> running() {
        String prefix = postgres + "/";
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().command().filter(program -> program.startsWith(prefix)).isPresent())
                .toList();
    }

    private Optional<Long> postmaster() {
        try {
            long pid = Long.parseLong(Files.readAllLines(pidFile).getFirst().strip());
            return running().stream().map(ProcessHandle::pid).filter(running -> running == pid).findFirst();
        } catch (NoSuchFileException | NumberFormatException | NoSuchElementException _) {
            return Optional.empty();
        } catch (IOException e) {
            throw new StartFailure("The file " + pidFile + " cannot be read: " + e.getMessage() + ".", e);
        }
    }

    /** Java itself knows only two signals, and neither is the one for a fast shutdown. */
    static void signal(String name, long pid) {
        Command.run(Path.of("/"), List.of("sh", "-c", "kill -s \"$1\" \"$2\"", "sh", name, Long.toString(pid)));
    }
}
