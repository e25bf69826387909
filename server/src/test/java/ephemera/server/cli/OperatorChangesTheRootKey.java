package ephemera.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ephemera.server.KeyStores;
import ephemera.server.OneServer;
import ephemera.server.Server;
import ephemera.server.StartFailure;
import ephemera.server.config.Config;
import ephemera.server.store.embedded.CopiedDataFolder;
import ephemera.server.store.embedded.PostgresAccess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(180)
class OperatorChangesTheRootKey {

    @TempDir
    private Path temp;

    private Shell shell = new Shell(Path.of("nowhere"));
    private String organization = "";
    private JsonNode login = JsonMapper.shared().createObjectNode();
    private String message = "";

    /** A server that was used, and stopped. */
    private void fill() throws Exception {
        shell = new Shell(CopiedDataFolder.at(temp.resolve("data")));
        organization = shell.organization("Clinic");
        shell.member(organization, "Ann", "ann@clinic.example");
        shell.member(organization, "Ben", "ben@clinic.example");
        login = shell.run("key", "create", "--user", "ann@clinic.example", "--json").json();
        try (Server server = Server.start(shell.config())) {
            message = new Visitor(server.url(), login).sent("ben@clinic.example", organization);
        }
    }

    /** The keys of a server, and nothing else of it. */
    private void fillKeysOnly() throws IOException {
        shell = new Shell(Files.createDirectory(temp.resolve("data")));
        try (KeyStores.Opened opened = KeyStores.open(shell.config().vault())) {
            opened.store().secret("secret", () -> new byte[1]);
        }
    }

    private Path standard() {
        return shell.data().resolve("keys/root.key");
    }

    private void requireRefusedWhileServed() throws Exception {
        String old = Files.readString(standard());
        try (Server server = Server.start(shell.config())) {
            refused(shell.run("root-key", "change"), "while the server runs");
            assertThat(new Visitor(server.url(), login).read(message)).contains("\"hello\"");
        }
        assertThat(standard()).content().isEqualTo(old);
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
    void inItsFileWhileTheServerIsStopped() throws Exception {
        fill();
        requireRefusedWhileServed();
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
        assertThat(shell.run("root-key", "change", "--json").json().required("keys").asInt()).isPositive();
        requireReadable(shell.config());
    }

    @Test
    void andPutsItElsewhere() throws Exception {
        fill();
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

        // What is in a file of the operator's own is left to the operator.
        Shell.Outcome again = shell.run(
                "root-key", "change", "--to-file", standard().toString(), "--set", "vault.root.file=" + file);
        assertThat(again.err()).isEmpty();
        assertThat(again.out()).contains("The old one is still in " + file);
        // The same command again finds that all is done.
        assertThat(shell.run("root-key", "change", "--to-file", standard().toString(), "--set",
                "vault.root.file=" + file).code()).isZero();
        requireReadable(shell.config());
    }

    @Test
    void ofADatabaseOfKeysThatNoServerUses() throws Exception {
        fillKeysOnly();
        PostgresAccess postgres = OneServer.get().postgres();
        administer(postgres, "CREATE DATABASE keys_of_operator OWNER " + postgres.user());
        Map<String, String> keys = Map.of(
                "data", shell.data().toString(),
                "http.port", "0",
                "vault.keys.url", postgres.jdbcUrl().replace("/ephemera?", "/keys_of_operator?"),
                "vault.keys.user", postgres.user(),
                "vault.keys.password", postgres.password());
        Config config = Config.load(Optional.empty(), Map.of(), keys);
        String old = Files.readString(standard());
        byte[] secret = {1, 2, 3};
        try (KeyStores.Opened used = KeyStores.open(config.vault())) {
            used.store().secret("secret", () -> secret);
            refused(shell.run(change(keys)), "A server uses the database of the keys");
        }
        Shell.Outcome changed = shell.run(change(keys));
        assertThat(changed.err()).isEmpty();
        assertThat(changed.out()).startsWith("1 keys are sealed with the new root key");
        assertThat(standard()).content().isNotEqualTo(old);
        try (KeyStores.Opened opened = KeyStores.open(config.vault())) {
            assertThat(opened.store().secret("secret")).contains(secret);
        }
        // The keys in the folder are still those of before: this is not their root key.
        assertThatThrownBy(() -> KeyStores.open(shell.config().vault()))
                .isInstanceOf(StartFailure.class)
                .hasMessageStartingWith("The root key is not the one");
        administer(postgres, "DROP DATABASE keys_of_operator WITH (FORCE)");
    }

    private static String[] change(Map<String, String> settings) {
        return Stream.concat(
                Stream.of("root-key", "change"),
                settings.entrySet().stream()
                        .filter(setting -> setting.getKey().startsWith("vault"))
                        .flatMap(setting -> Stream.of("--set", setting.getKey() + "=" + setting.getValue())))
                .toArray(String[]::new);
    }

    private static void administer(PostgresAccess postgres, String sql) throws SQLException {
        try (Connection connection =
                DriverManager.getConnection(postgres.jdbcUrl(), "postgres", postgres.superuserPassword());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void andNotWhileAServerElsewhereUsesTheDatabase() throws IOException {
        fillKeysOnly();
        String old = Files.readString(standard());
        PostgresAccess postgres = OneServer.get().postgres();
        refused(
                shell.run(
                        "root-key", "change",
                        "--set", "database.url=" + postgres.jdbcUrl(),
                        "--set", "database.user=" + postgres.user(),
                        "--set", "database.password=" + postgres.password()),
                "one uses this database: stop it first");
        assertThat(standard()).content().isEqualTo(old);
    }

    @Test
    void andIsToldWhatIsMissing() throws IOException {
        fillKeysOnly();
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
