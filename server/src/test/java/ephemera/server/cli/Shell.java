package ephemera.server.cli;

import ephemera.core.Refused;
import ephemera.server.StartFailure;
import ephemera.server.config.Config;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Runs commands in this process as the program's entry does, on one data folder.
 *
 * @param data the data folder
 */
record Shell(Path data) {

    /**
     * What a command left behind.
     *
     * @param code its exit code
     * @param out what it printed
     * @param err what it complained about
     */
    record Outcome(int code, String out, String err) {

        /** The object that a command printed. */
        JsonNode json() {
            List<JsonNode> objects = jsonLines();
            if (objects.size() != 1) {
                throw new AssertionError(this);
            }
            return objects.getFirst();
        }

        /** The objects that a command printed. */
        List<JsonNode> jsonLines() {
            if (code != 0 || !err.isEmpty()) {
                throw new AssertionError(this);
            }
            return out.lines().map(JsonMapper.shared()::readTree).toList();
        }
    }

    /** Runs a command on the data folder. */
    Outcome run(String... words) {
        StringWriter out = new StringWriter();
        return run(new PrintWriter(out), out, words);
    }

    /** Runs a command whose output goes elsewhere. */
    Outcome run(PrintWriter output, String... words) {
        return run(output, new StringWriter(), words);
    }

    /** Runs a command that knows of no data folder. */
    static Outcome runAnywhere(String... words) {
        StringWriter out = new StringWriter();
        return run(new PrintWriter(out), out, Stream.of(words));
    }

    private Outcome run(PrintWriter output, StringWriter out, String... words) {
        return run(output, out, Stream.concat(Stream.of(words), Stream.of("--data", data.toString())));
    }

    private static Outcome run(PrintWriter output, StringWriter out, Stream<String> words) {
        StringWriter err = new StringWriter();
        CommandLine line = new CommandLine(new Ephemera()).setOut(output).setErr(new PrintWriter(err));
        line.setExecutionExceptionHandler((failure, command, _) -> {
            if (failure instanceof StartFailure || failure instanceof Refused) {
                command.getErr().println(failure.getMessage());
                return 1;
            }
            throw failure;
        });
        int code = line.execute(words.toArray(String[]::new));
        return new Outcome(code, out.toString(), err.toString());
    }

    /** Makes an organization and gives its token. */
    String organization(String name) {
        return run("org", "create", "--name", name, "--json").json().required("token").asString();
    }

    /** Makes a member and gives their token. */
    String member(String organization, String name, String email) {
        return run("user", "create", "--org", organization, "--name", name, "--email", email, "--json")
                .json()
                .required("token")
                .asString();
    }

    /** The configuration of a server on the data folder, on any free ports. */
    Config config() {
        return Config.load(Optional.empty(), Map.of(), Map.of("data", data.toString(), "http.port", "0"));
    }
}
