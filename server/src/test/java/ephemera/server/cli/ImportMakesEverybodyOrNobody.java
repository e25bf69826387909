package ephemera.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.Address;
import ephemera.server.Server;
import ephemera.server.store.embedded.CopiedDataFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

@Timeout(120)
class ImportMakesEverybodyOrNobody {

    @TempDir
    private static Path temp;

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

    @Test
    void withAKeyForEachThatWorks() throws IOException {
        String organization = shell.organization("Thousands");
        Path file = file(IntStream.range(0, 3_000)
                .mapToObj(i -> "Person %d,p%d@thousands.example,".formatted(i, i))
                .collect(Collectors.joining("\n", "name,email,phone\n", "\n")));
        List<JsonNode> made =
                shell.run("user", "import", "--org", organization, file.toString(), "--keys").jsonLines();
        assertThat(made).hasSize(3_000).allSatisfy(object -> assertThat(object.propertyNames())
                .containsExactly("token", "key", "secret"));
        for (int i : List.of(0, 1_234, 2_999)) {
            JsonNode object = made.get(i);
            var caller = server.signIn()
                    .withSecret(object.required("key").asString(), object.required("secret").asString(), "here");
            assertThat(caller.id().toString()).isEqualTo(object.required("token").asString());
            assertThat(caller.person().email()).contains(new Address.Email("p" + i + "@thousands.example"));
        }
    }

    @Test
    void andTellsWhoWasMade() throws IOException {
        String organization = shell.organization("Told");
        Path file = file("""
                \uFEFFPhone,Name,E-Mail

                ,"Lee, ""Ann""\",ann@told.example
                +4930123456,Bob,
                ,,
                """.replace("\n", "\r\n"));
        List<JsonNode> made =
                shell.run("user", "import", "--org", organization, file.toString(), "--json").jsonLines();
        assertThat(made).hasSize(2);
        assertThat(made.getFirst().required("name").asString()).isEqualTo("Lee, \"Ann\"");
        assertThat(made.getFirst().required("email").asString()).isEqualTo("ann@told.example");
        assertThat(made.getLast().required("phone").asString()).isEqualTo("+4930123456");
        assertThat(shell.run("user", "list", "--org", organization, "--json").jsonLines())
                .containsExactlyInAnyOrderElementsOf(made);
        Path another = file("Cy,cy@told.example");
        assertThat(shell.run("user", "import", "--org", organization, another.toString()).out())
                .isEqualTo("Made 1 members." + System.lineSeparator());
    }

    @Test
    void ifOneHasNoAddressOfThatForm() throws IOException {
        assertRefused(
                "Ann,ann@form.example\nBob,bob at form\n",
                ", line 2: \"bob at form\" is not an e-mail address.");
    }

    @Test
    void ifOneHasNoAddress() throws IOException {
        assertRefused(
                "Ann,ann@none.example\nBob\n",
                ", line 2: A member needs an e-mail address");
    }

    @Test
    void ifOneHasNoName() throws IOException {
        assertRefused(
                "Ann,ann@noname.example\n\n,bob@noname.example\n",
                ", line 3: A name has 1 to 250 characters.");
    }

    @Test
    void ifOneStandsThereTwice() throws IOException {
        assertRefused(
                "Ann,ann@twice.example\nBob,ANN@twice.example\n",
                ", line 2: ann@twice.example stands in line 1 too.");
    }

    @Test
    void ifOneIsAMemberOfAnotherOrganization() throws IOException {
        shell.member(shell.organization("First"), "Eve", "eve@first.example");
        assertRefused(
                "Ann,ann@second.example\nEve,eve@first.example\n",
                ", line 2: The e-mail address, phone number or");
    }

    @Test
    void ifTheOrganizationIsUnknown() throws IOException {
        Shell.Outcome outcome = shell.run("user", "import", "--org", "nil", file("Ann,ann@nil.example").toString());
        assertThat(outcome).isEqualTo(new Shell.Outcome(1, "", "There is no organization nil.\n"));
    }

    @Test
    void whoWasAContactIsAMemberAfterwards() throws Exception {
        String organization = shell.organization("Contacts");
        String sender = shell.member(organization, "Sue", "sue@contacts.example");
        JsonNode keys = shell.run("key", "create", "--user", sender, "--json").json();
        assertThat(new Visitor(server.url(), keys).send("con@contacts.example", organization))
                .isBetween(200, 299);
        String contact = shell.run("user", "list", "--org", organization, "--json").jsonLines().stream()
                .filter(person -> person.required("standing").asString().equals("contact"))
                .map(person -> person.required("token").asString())
                .findFirst()
                .orElseThrow();
        assertThat(shell.run("key", "create", "--user", contact).err()).hasLineCount(1).contains("is a contact");

        Path file = file("Al,al@contacts.example\nCon,con@contacts.example");
        List<JsonNode> made =
                shell.run("user", "import", "--org", organization, file.toString(), "--keys").jsonLines();
        assertThat(made).hasSize(2);
        assertThat(made.getLast().required("token").asString()).isEqualTo(contact);
        assertThat(new Visitor(server.url(), made.getLast()).status()).isEqualTo(200);
    }

    private static void assertRefused(String text, String sentence) throws IOException {
        String organization = shell.organization("Refused");
        Path file = file(text);
        Shell.Outcome outcome = shell.run("user", "import", "--org", organization, file.toString(), "--keys");
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err()).hasLineCount(1).startsWith(file + sentence);
        assertThat(shell.run("user", "list", "--org", organization).out()).isEmpty();
    }

    private static Path file(String text) throws IOException {
        return Files.writeString(Files.createTempFile(temp, "people", ".csv"), text);
    }
}
