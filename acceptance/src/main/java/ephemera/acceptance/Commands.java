package ephemera.acceptance;

import ephemera.acceptance.client.Credentials;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The commands of {@code bin/ephemera} on one data folder, run as child processes.
 *
 * @param root the project's root, where {@code bin/ephemera} is
 * @param data the data folder
 */
public record Commands(Path root, Path data) {
    private static final Duration LONGEST = Duration.ofMinutes(5);

    /**
     * What a command left behind.
     *
     * @param exitCode its exit code
     * @param out what it printed
     * @param err what it complained about
     */
    public record Outcome(int exitCode, String out, String err) {
        /** Gives the outcome itself if the command succeeded. */
        public Outcome expectSuccess() {
            if (exitCode != 0) {
                throw new AssertionError("The command ended with %d: %s%s".formatted(exitCode, out, err));
            }
            return this;
        }

        /** Gives the printed JSON object. */
        public JsonNode json() {
            return JsonMapper.builder().build().readTree(expectSuccess().out);
        }
    }

    /** Makes the commands for a data folder with the project that this process runs in. */
    public static Commands on(Path data) {
        return new Commands(projectRoot(), data);
    }

    /**
     * Finds the project's root: the system property {@code ephemera.root}, or the nearest folder above the working
     * directory that has {@code bin/ephemera}.
     */
    public static Path projectRoot() {
        Optional<String> named = Optional.ofNullable(System.getProperty("ephemera.root"));
        if (named.isPresent()) {
            return Path.of(named.get()).toAbsolutePath();
        }
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            if (Files.isExecutable(folder.resolve("bin/ephemera"))) {
                return folder;
            }
        }
        throw new IllegalStateException("There is no bin/ephemera above the working directory "
                + Path.of("").toAbsolutePath() + "; run in the project's folder or set -Dephemera.root.");
    }

    /** Runs a command with {@code --data} and waits for its end; one that takes longer than 5 minutes is an error. */
    public Outcome run(String... arguments) {
        List<String> words = new ArrayList<>(List.of(arguments));
        words.add("--data");
        words.add(data.toString());
        return runExactly(words.toArray(String[]::new));
    }

    /** Runs a command exactly as given and waits for its end. */
    public Outcome runExactly(String... arguments) {
        List<String> words = new ArrayList<>(List.of(root.resolve("bin/ephemera").toString()));
        words.addAll(List.of(arguments));
        try {
            Path out = Files.createTempFile("ephemera-command", ".out");
            Path err = Files.createTempFile("ephemera-command", ".err");
            try {
                Process process = new ProcessBuilder(words).directory(root.toFile()).redirectOutput(out.toFile())
                        .redirectError(err.toFile()).start();
                process.getOutputStream().close();
                if (!process.waitFor(LONGEST.toMillis(), TimeUnit.MILLISECONDS)) {
                    process.destroyForcibly();
                    throw new AssertionError("%s did not end within %s.".formatted(words, LONGEST));
                }
                return new Outcome(process.exitValue(), Files.readString(out), Files.readString(err));
            } finally {
                Files.delete(out);
                Files.delete(err);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The command could not be run: " + words, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a command ran", e);
        }
    }

    /** Creates an organization and gives its token. */
    public String createOrganization(String name) {
        return run("org", "create", "--name", name, "--json").json().required("token").asString();
    }

    /**
     * Creates people with API keys, in one go.
     *
     * @param prefix tells these people's e-mail addresses from others'; letters and digits
     */
    public List<Credentials> importPeople(String organization, String prefix, int count) {
        try {
            Path csv = Files.createTempFile("ephemera-people", ".csv");
            try {
                List<String> lines = IntStream.range(0, count)
                        .mapToObj(i -> "Person %s %d,%s%d@example.org,".formatted(prefix, i, prefix, i)).toList();
                Files.writeString(csv, "name,email,phone\n" + String.join("\n", lines) + "\n", StandardCharsets.UTF_8);
                Outcome outcome =
                        run("user", "import", "--org", organization, csv.toString(), "--keys").expectSuccess();
                List<Credentials> people = Credentials.ofJsonLines(outcome.out().lines().toList());
                if (people.size() != count) {
                    throw new AssertionError("The import of %d people gave %d keys: %s".formatted(count, people.size(),
                            outcome.err()));
                }
                return people;
            } finally {
                Files.delete(csv);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The list of people could not be written", e);
        }
    }
}
