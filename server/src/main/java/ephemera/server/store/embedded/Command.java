package ephemera.server.store.embedded;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** One run of an external command to its end, in a known environment: no variable of ours reaches PostgreSQL. */
final class Command {

    /** What a command left: its exit status, and what it wrote on both of its outputs. */
    record Outcome(int status, String output) {

        boolean succeeded() {
            return status == 0;
        }

        /** The last line that says something, for a sentence. */
        String lastLine() {
            return output.lines().map(String::strip).filter(line -> !line.isEmpty()).reduce((_, last) -> last)
                    .orElse("exit status " + status);
        }
    }

    private Command() {
    }

    /** Runs a command in a folder and waits for its end; a command that does not exist has status 127. */
    static Outcome run(Path folder, List<String> words) {
        return run(folder, words, "");
    }

    /** Runs a command that reads the text as its input. */
    static Outcome run(Path folder, List<String> words, String input) {
        try {
            Process process = prepare(folder, words).start();
            try (OutputStream out = process.getOutputStream()) {
                out.write(input.getBytes(StandardCharsets.UTF_8));
            } catch (IOException _) {
                // It ended without reading all of its input: its status tells what to think of that.
            }
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Outcome(process.waitFor(), output);
        } catch (IOException e) {
            return new Outcome(127, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting for " + words.getFirst(), e);
        }
    }

    /** A command with its outputs joined, ready to be started. */
    static ProcessBuilder prepare(Path folder, List<String> words) {
        ProcessBuilder builder = new ProcessBuilder(words).directory(folder.toFile()).redirectErrorStream(true);
        Map<String, String> environment = builder.environment();
        String path = environment.getOrDefault("PATH", "");
        environment.clear();
        // The tools needed stand in these folders, also where a service starts us with an empty PATH.
        environment.put("PATH", path + (path.isEmpty() ? "" : ":") + "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin");
        environment.put("LC_ALL", "C");
        environment.put("TZ", "UTC");
        return builder;
    }
}
