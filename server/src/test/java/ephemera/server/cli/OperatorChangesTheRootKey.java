package ephemera.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ephemera.server.Server;
import ephemera.server.StartFailure;
import ephemera.server.config.Config;
import ephemera.server.store.embedded.CopiedDataFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

@Timeout(180)
class OperatorChangesTheRootKey {

    @TempDir
    private Path temp;

    private Shell shell;
    private String organization;
    private JsonNode login;
    private String message;

    @BeforeEach
    void fill() throws Exception {
        shell = new Shell(CopiedDataFolder.at(temp.resolve("data")));
        organization = shell.organization("Clinic");
        shell.member(organization, "Ann", "ann@clinic.example");
        shell.member(organization, "Ben", "ben@clinic.example");
        login = shell.run("key", "create", "--user", "ann@clinic.example", "--json").json();
        try (Server server = Server.start(shell.config())) {
            message = new Visitor(server.url(), login).sent("ben@clinic.example", organization);
        }
    }

    private Path standard() {
        return shell.data().resolve("keys/root.key");
    }

    private void requireReadable(Config config) throws Exception {
        try (Server server = Server.start(config)) {
            Visitor ann = new Visitor(server.url(), login);
            assertThat(ann.read(message)).contains("\"hello\"");
            assertThat(ann.read(ann.sent("ben@clinic.example", organization))).contains("\"hello\"");
        }
    }

    private Config config(String setting, Path value) {
        return Config.load(
                Optional.empty(),
                Map.of(),
                Map.of("data", shell.data().toString(), "http.port", "0", setting, value.toString()));
    }

    private void requireHealthy(String... settings) {
        String[] words = Stream.concat(Stream.of("doctor"), Stream.of(settings)).toArray(String[]::new);
        Shell.Outcome doctor = shell.run(words);
        assertThat(doctor.err()).isEmpty();
        assertThat(doctor.out()).contains("Opened 1 living messages").contains("All is well.");
        assertThat(doctor.code()).isZero();
    }

    private void requireNowhere(String key) throws IOException {
        try (Stream<Path> files = Files.walk(temp)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (Files.size(file) < 1000) {
                    assertThat(Files.readString(file, StandardCharsets.ISO_8859_1)).doesNotContain(key);
                }
            }
        }
    }

    @Test
    void inItsFile() throws Exception {
        String old = Files.readString(standard()).strip();
        Path copy = Files.copy(standard(), temp.resolve("leaked"));
        Shell.Outcome changed = shell.run("root-key", "change");
        assertThat(changed.err()).isEmpty();
        assertThat(changed.code()).isZero();
        String fresh = Files.readString(standard()).strip();
        assertThat(fresh).isNotEqualTo(old);
        assertThat(changed.out())
                .contains("are sealed with the new root key")
                .contains("in " + standard() + ", as configured")
                .contains("The old one was overwritten and removed.")
                .contains("\"backup-keys\"")
                .doesNotContain(old)
                .doesNotContain(fresh);

        assertThatThrownBy(() -> Server.start(config("vault.root.file", copy)))
                .isInstanceOf(StartFailure.class)
                .hasMessageStartingWith("The root key is not the one");
        Files.delete(copy);
        requireNowhere(old);
        requireHealthy();
        requireReadable(shell.config());
        assertThat(shell.run("root-key", "change", "--json").json().required("keys").asInt()).isPositive();
        requireReadable(shell.config());
    }

    @Test
    void andPutsItElsewhere() throws Exception {
        String old = Files.readString(standard()).strip();
        Path file = temp.resolve("root");
        Shell.Outcome changed = shell.run("root-key", "change", "--to-file", file.toString());
        assertThat(changed.err()).isEmpty();
        assertThat(changed.out())
                .contains("Before the server starts, set vault.root.file to " + file + ".")
                .contains("The old one was overwritten and removed.");
        assertThat(standard()).doesNotExist();
        requireNowhere(old);
        assertThatThrownBy(() -> Server.start(shell.config()))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("if the root key was changed, configure the new one");
        requireHealthy("--set", "vault.root.file=" + file);
        requireReadable(config("vault.root.file", file));

        // What is in a file of the operator's own is left to the operator.
        Shell.Outcome again = shell.run(
                "root-key", "change", "--to-file", standard().toString(), "--set", "vault.root.file=" + file);
        assertThat(again.err()).isEmpty();
        assertThat(again.out()).contains("The old one is still in " + file);
        requireReadable(shell.config());
        // The same command again finds that all is done.
        assertThat(shell.run("root-key", "change", "--to-file", standard().toString(), "--set",
                "vault.root.file=" + file).code()).isZero();
        requireReadable(shell.config());
    }

    @Test
    void onlyWhileTheServerIsStopped() throws Exception {
        String old = Files.readString(standard());
        try (Server server = Server.start(shell.config())) {
            refused(shell.run("root-key", "change"), "while the server runs");
            assertThat(new Visitor(server.url(), login).read(message)).contains("\"hello\"");
        }
        assertThat(standard()).content().isEqualTo(old);
        requireReadable(shell.config());
    }

    @Test
    void andIsToldWhatIsMissing() throws IOException {
        String old = Files.readString(standard());
        String given = "EPHEMERA_NO_SUCH_VARIABLE";
        refused(new Shell(temp.resolve("typo")).run("root-key", "change"), "There are no keys in");
        refused(shell.run("root-key", "change", "--to-env", given), "There is no environment variable " + given);
        refused(shell.run("root-key", "change", "--to-env", given, "--to-file", "f"), "give --to-env alone");
        refused(shell.run("root-key", "change", "--kms-credentials", "f"), "give --to-kms too");
        refused(shell.run("root-key", "change", "--to-kms", "no-kms://a"), "There is no client for the key management");
        refused(shell.run("root-key", "change", "--to-file", standard().toString()), "leave --to-file out");
        String key = "vault.root.key=" + old.strip();
        refused(shell.run("root-key", "change", "--set", key), "say where the new one is");
        refused(shell.run("root-key", "change", "--set", key, "--to-kms", "no-kms://a"), "give a file for it");
        refused(shell.run("root-key", "change", "--set", key, "--to-file", standard().toString()), "is the old one");
        Files.writeString(shell.data().resolve("restore-unfinished"), "A restore.\n0\n");
        refused(shell.run("root-key", "change"), "is not finished");
        assertThat(standard()).content().isEqualTo(old);
        assertThat(temp.resolve("typo")).doesNotExist();
    }

    private static void refused(Shell.Outcome outcome, String why) {
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err()).hasLineCount(1).contains(why);
    }
}
