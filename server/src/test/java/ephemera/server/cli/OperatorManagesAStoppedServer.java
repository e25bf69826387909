package ephemera.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.server.Server;
import ephemera.server.store.embedded.CopiedDataFolder;
import ephemera.server.store.embedded.DataFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

@Timeout(120)
class OperatorManagesAStoppedServer {

    @TempDir
    private Path temp;

    @Test
    void whichKnowsOfItWhenItStarts() throws Exception {
        // The database is there, and its tables are not.
        Shell shell = new Shell(CopiedDataFolder.at(temp.resolve("data")));
        String organization = shell.organization("Before");
        shell.member(organization, "Ann", "ann@before.example");
        JsonNode keys = shell.run("key", "create", "--user", "ann@before.example", "--json").json();
        assertThat(DataFolder.peek(shell.data())).isEmpty();
        try (Server server = Server.start(shell.config())) {
            assertThat(new Visitor(server.url(), keys).status()).isEqualTo(200);
        }
    }

    @Test
    void andItsFirstOrganizationMakesTheDatabase() {
        Shell shell = new Shell(temp.resolve("new"));
        String organization = shell.organization("First");
        assertThat(shell.run("org", "list").out()).startsWith(organization);
    }

    static Stream<List<String>> nothingElseDoes() {
        String token = "0123456789abcdefghijklmn";
        return Stream.of(
                List.of("org", "list"),
                List.of("user", "create", "--org", token, "--name", "A", "--email", "a@b.c"),
                List.of("user", "list", "--org", token),
                List.of("user", "password", "a@b.c", "--password", "long enough"),
                List.of("key", "create", "--user", "a@b.c"),
                List.of("key", "list", "--user", "a@b.c"),
                List.of("key", "revoke", "k"));
    }

    @ParameterizedTest
    @MethodSource
    void nothingElseDoes(List<String> words) {
        Path nowhere = temp.resolve("typo");
        Shell.Outcome outcome = new Shell(nowhere).run(words.toArray(String[]::new));
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err()).hasLineCount(1).contains("There is no database in " + nowhere);
        assertThat(nowhere).doesNotExist();
    }

    @Test
    void whoseSettingsAreShown() throws Exception {
        Files.writeString(temp.resolve("ephemera.yaml"), "http:\n  port: 8443\n");
        Shell.Outcome outcome = new Shell(temp).run("config", "--set", "database.url=jdbc:postgresql://db/e",
                "--set", "database.password=hidden");
        assertThat(outcome.code()).isZero();
        assertThat(outcome.out()).contains("8443").contains("jdbc:postgresql://db/e").doesNotContain("hidden");
    }
}
