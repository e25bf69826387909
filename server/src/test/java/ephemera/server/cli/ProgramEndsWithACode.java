package ephemera.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ephemera.core.directory.SignIn;
import ephemera.server.Main;
import ephemera.server.Server;
import ephemera.server.store.embedded.CopiedDataFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The program itself, as a process beside that of the server. */
@Timeout(120)
class ProgramEndsWithACode {

    @TempDir
    private static Path temp;

    /** Runs the rest of its words with Zoë for {@code @}, whatever this process can pass on in its own locale. */
    private static final String ZOE_IN_ANY_LOCALE =
            """
            for word; do
                shift
                [ "$word" = @ ] && word=$(printf 'Zo\\303\\253')
                set -- "$@" "$word"
            done
            exec "$@"
            """;

    private static Shell shell;
    private static Server server;

    @BeforeAll
    static void start() {
        shell = new Shell(CopiedDataFolder.at(temp.resolve("data")));
        server = Server.start(shell.config());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static List<String> command(String... words) {
        List<String> command = new ArrayList<>(List.of(
                "sh",
                "-c",
                ZOE_IN_ANY_LOCALE,
                "sh",
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(words));
        command.addAll(List.of("--data", shell.data().toString()));
        return command;
    }

    private static Shell.Outcome run(String locale, String input, String... words) throws Exception {
        return run(locale, input, temp.resolve("out"), command(words));
    }

    private static Shell.Outcome run(String locale, String input, Path out, List<String> command) throws Exception {
        Path in = Files.writeString(temp.resolve("in"), input);
        Path err = temp.resolve("err");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(in.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().put("LC_ALL", locale);
        int code = builder.start().waitFor();
        return new Shell.Outcome(code, Files.isRegularFile(out) ? Files.readString(out) : "", Files.readString(err));
    }

    @Test
    void ofZeroWhenItsWorkIsDone() throws Exception {
        String organization = shell.organization("Program");
        shell.member(organization, "Ann", "ann@program.example");
        Shell.Outcome outcome = run("C.UTF-8", "pässword\n", "user", "password", "ann@program.example", "--json");
        assertThat(outcome.json().propertyNames()).containsExactly("token");
        assertThat(server.signIn().withPassword("ann@program.example", "pässword", "here"))
                .isInstanceOf(SignIn.Accepted.class);
    }

    @Test
    void ofOneWhenItIsRefused() throws Exception {
        Shell.Outcome outcome = run("C.UTF-8", "long enough\n", "user", "password", "nobody@program.example");
        assertThat(outcome).isEqualTo(new Shell.Outcome(1, "", "There is no member nobody@program.example.\n"));
    }

    @Test
    void ofOneWhenTheOutputGoesToAFullDisk() throws Exception {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full));
        Shell.Outcome outcome = run("C.UTF-8", "", full, command("org", "create", "--name", "Unheard"));
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.err()).hasLineCount(1).contains("the output could not be written");
    }

    @Test
    void ofTwoWhenItIsMisspelt() throws Exception {
        assertThat(run("C.UTF-8", "", "key").code()).isEqualTo(2);
        assertThat(run("C.UTF-8", "", "org", "make").code()).isEqualTo(2);
    }

    @Test
    void andGuessesNoLettersThatTheLocaleLost() throws Exception {
        Shell.Outcome lost = run("C", "", "org", "create", "--name", "@");
        assertThat(lost.code()).isEqualTo(1);
        assertThat(lost.err()).hasLineCount(1).contains("run the command with LC_ALL=C.UTF-8");
        Shell.Outcome outcome = run("C.UTF-8", "", "org", "create", "--name", "@", "--json");
        assertThat(outcome.json().required("name").asString()).isEqualTo("Zoë");
        assertThat(run("C", "", "org", "list", "--json").jsonLines()).contains(outcome.json());
    }
}
