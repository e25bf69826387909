package ephemera.acceptance.vanishing;

import ephemera.acceptance.ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A copy of a data folder, file by file, as somebody takes it who has the disk.
 *
 * @param data the copy's folder, from which a server can be started
 */
record Copy(Path data) {

    /**
     * Copies everything while a server runs: it and its database hold still for the moment, so that the copy is what a
     * snapshot of the disk would be.
     */
    static Copy ofRunning(ServerProcess server, Path to) {
        List<Long> frozen = new ArrayList<>(List.of(server.pid()));
        Optional<ProcessHandle> database = server.databasePid().flatMap(ProcessHandle::of);
        signal("STOP", frozen);
        try {
            // Who is stopped first makes no further children.
            database.ifPresent(postmaster -> {
                signal("STOP", List.of(postmaster.pid()));
                frozen.add(postmaster.pid());
                List<Long> children = postmaster.children().map(ProcessHandle::pid).toList();
                signal("STOP", children);
                frozen.addAll(children);
            });
            return of(server.data(), to);
        } finally {
            signal("CONT", frozen.reversed());
        }
    }

    /** Copies the folder of a server that does not run. The programs of its database are shared, since none change. */
    static Copy of(Path data, Path to) {
        try {
            Files.createDirectories(to.resolve("postgres"));
            for (Path each : children(data)) {
                if (!each.endsWith("postgres")) {
                    run("cp", "-a", "--reflink=auto", each.toString(), to.toString());
                }
            }
            for (Path each : children(data.resolve("postgres"))) {
                boolean programs = each.getFileName().toString().startsWith("binaries-");
                run("cp", programs ? "-al" : "-a", "--reflink=auto", each.toString(),
                        to.resolve("postgres").toString());
            }
            run("chown", "--reference=" + data.resolve("postgres"), to.resolve("postgres").toString());
            run("chmod", "--reference=" + data.resolve("postgres"), to.resolve("postgres").toString());
            run("chmod", "--reference=" + data, to.toString());
            // They name processes that do not run here.
            Files.deleteIfExists(to.resolve("server.lock"));
            Files.deleteIfExists(to.resolve("postgres/cluster/postmaster.pid"));
            return new Copy(to);
        } catch (IOException e) {
            throw new UncheckedIOException("The folder " + data + " could not be copied", e);
        }
    }

    /** Puts the keys of another folder in the place of the own ones. */
    void takeKeysOf(Path other) {
        run("rm", "-r", data.resolve("keys").toString());
        run("cp", "-a", other.resolve("keys").toString(), data.toString());
    }

    /** Removes it. */
    void remove() {
        run("rm", "-r", data.toString());
    }

    private static List<Path> children(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.toList();
        }
    }

    private static void signal(String name, List<Long> processes) {
        if (!processes.isEmpty()) {
            List<String> words = new ArrayList<>(List.of("kill", "-s", name));
            processes.forEach(pid -> words.add(Long.toString(pid)));
            run(words.toArray(String[]::new));
        }
    }

    private static void run(String... words) {
        try {
            Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new AssertionError(List.of(words) + ": " + said);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a command ran", e);
        }
    }
}
