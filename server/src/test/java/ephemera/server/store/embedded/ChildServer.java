package ephemera.server.store.embedded;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A second JVM that claims a data folder and runs PostgreSQL in it, until it is killed or its input ends. */
final class ChildServer implements AutoCloseable {

    private final Process process;
    private final BufferedReader output;

    private ChildServer(Process process) {
        this.process = process;
        this.output = process.inputReader(StandardCharsets.UTF_8);
    }

    /** The other JVM: says how it went in one line, then waits. */
    public static void main(String[] words) throws IOException {
        try (DataFolder folder = DataFolder.claim(Path.of(words[0]))) {
            if (words[1].equals("claim")) {
                System.out.println("claimed");
                System.in.transferTo(System.out);
                return;
            }
            try (BundledPostgres postgres = BundledPostgres.start(folder, Set.of())) {
                System.out.println(postgres.pid());
                System.in.transferTo(System.out);
            }
        } catch (RuntimeException e) {
            System.out.println(e.getMessage());
        }
    }

    private static ChildServer run(Path folder, String task) throws IOException {
        String java = ProcessHandle.current().info().command().orElseThrow();
        return new ChildServer(new ProcessBuilder(List.of(java, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp",
                System.getProperty("java.class.path"), ChildServer.class.getName(), folder.toString(), task))
                .redirectError(Redirect.DISCARD).start());
    }

    /** A JVM that only claims the folder. */
    static ChildServer thatClaims(Path folder) throws IOException {
        return run(folder, "claim");
    }

    /** A JVM that runs PostgreSQL in the folder. */
    static ChildServer thatRunsPostgres(Path folder) throws IOException {
        return run(folder, "run");
    }

    long pid() {
        return process.pid();
    }

    /** Its one line: {@code claimed}, or PostgreSQL's process id, or the failure; waits for it. */
    String line() throws IOException {
        return Optional.ofNullable(output.readLine()).orElse("(ended without a word)");
    }

    /** Ends it like {@code kill -9}, and waits for that. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    /** Lets it end in order, and waits for that. */
    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        process.onExit().join();
    }
}
