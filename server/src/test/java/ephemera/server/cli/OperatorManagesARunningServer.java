package ephemera.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.SignIn;
import ephemera.server.Server;
import ephemera.server.store.embedded.CopiedDataFolder;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

@Timeout(120)
class OperatorManagesARunningServer {

    private static final String SECOND = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ";

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
    void whoseOrganizationsTheyMakeAndList() {
        JsonNode made = shell.run("org", "create", "--name", "Zo\u00eb's \"Clinic\"", "--json").json();
        assertThat(made.propertyNames()).containsExactly("token", "name");
        assertThat(made.required("token").asString()).matches("[0-9A-Za-z]{24}");
        assertThat(made.required("name").asString()).isEqualTo("Zo\u00eb's \"Clinic\"");
        assertThat(shell.run("org", "list", "--json").jsonLines()).contains(made);
        assertThat(shell.run("org", "list").out())
                .contains(made.required("token").asString() + "  Zo\u00eb's \"Clinic\"");
    }

    @Test
    void whosePoliciesTheyShowAndChange() {
        String token = shell.organization("Policies");
        JsonNode shown = shell.run("org", "policy", token, "--json").json();
        assertThat(shown.required("kept").asBoolean()).isFalse();
        assertThat(shown.required("strict").asBoolean()).isFalse();
        assertThat(shown.required("lifespan").asInt()).isEqualTo(30 * 24 * 60);

        shell.run("org", "policy", token, "--kept", "true", "--strict", "true", "--lifespan", "60", "--longest", "90");

        JsonNode changed = shell.run("org", "policy", token, "--json").json();
        assertThat(changed.required("kept").asBoolean()).isTrue();
        assertThat(changed.required("strict").asBoolean()).isTrue();
        assertThat(changed.required("lifespan").asInt()).isEqualTo(60);
        assertThat(changed.required("longest").asInt()).isEqualTo(90);
        assertThat(shell.run("org", "policy", token, "--shortest", "61").code()).isNotZero();
    }

    @Test
    void whoseMembersTheyErase() {
        String organization = shell.organization("Erasing");
        String token = shell.run(
                "user", "create", "--org", organization, "--name", "Eve", "--email", "eve@erasing.example",
                "--password", "first password", "--json")
                .json().required("token").asString();
        assertThat(signsIn("eve@erasing.example", "first password")).isTrue();
        assertThat(shell.run("user", "erase", token).code()).as("without --yes").isNotZero();

        JsonNode erased = shell.run("user", "erase", token, "--yes", "--json").json();

        assertThat(erased.required("messages").asInt()).isZero();
        assertThat(signsIn("eve@erasing.example", "first password")).isFalse();
        assertThat(shell.run("user", "list", "--org", organization).out()).doesNotContain("Eve", "eve@");
    }

    @Test
    void whoseTerminalNoNameTakesOver() {
        String token = shell.organization("\u001b[2J\u009bRed\nalert");
        assertThat(shell.run("org", "list").out()).contains(token + "   [2J Red alert");
    }

    @Test
    void whoseMembersTheyMakeAndList() {
        String organization = shell.organization("Members");
        JsonNode made = shell.run(
                "user", "create", "--org", organization, "--name", "Ann Lee", "--email", "Ann@Members.example",
                "--phone", "+49 (30) 123-4567", "--username", "AnnLee", "--admin", "--json")
                .json();
        assertThat(made.required("token").asString()).matches("[0-9a-f-]{36}");
        assertThat(made.required("standing").asString()).isEqualTo("administrator");
        assertThat(made.required("email").asString()).isEqualTo("ann@members.example");
        assertThat(made.required("phone").asString()).isEqualTo("+49301234567");
        assertThat(made.required("username").asString()).isEqualTo("annlee");
        String bob = shell.member(organization, "Bob", "bob@members.example");
        List<JsonNode> listed = shell.run("user", "list", "--org", organization, "--json").jsonLines();
        assertThat(listed).hasSize(2).first().isEqualTo(made);
        assertThat(listed.getLast().propertyNames()).containsExactly("token", "standing", "name", "email");
        assertThat(listed.getLast().required("token").asString()).isEqualTo(bob);
        assertThat(shell.run("user", "list", "--org", organization).out())
                .contains(bob + "  member  Bob  bob@members.example");
    }

    @Test
    void whoseMembersSignInWithThePasswordThatWasSet() {
        String organization = shell.organization("Passwords");
        String token = shell.run(
                "user", "create", "--org", organization, "--name", "Pia", "--email", "pia@passwords.example",
                "--password", "first password", "--json")
                .json().required("token").asString();
        assertThat(signsIn("pia@passwords.example", "first password")).isTrue();
        JsonNode told = shell.run("user", "password", "pia@passwords.example", "--password", "second one", "--json")
                .json();
        assertThat(told.required("token").asString()).isEqualTo(token);
        assertThat(signsIn("pia@passwords.example", "first password")).isFalse();
        assertThat(signsIn("pia@passwords.example", "second one")).isTrue();
        assertThat(shell.run("user", "password", token, "--password", "third one").out())
                .isEqualTo("The password of Pia is set." + System.lineSeparator());
        assertThat(signsIn("pia@passwords.example", "third one")).isTrue();
    }

    @Test
    void whoseKeysWorkAtOnceUntilTheyAreRevoked() throws Exception {
        String organization = shell.organization("Keys");
        String token = shell.member(organization, "Kim", "kim@keys.example");
        JsonNode keys = shell.run("key", "create", "--user", "kim@keys.example", "--json").json();
        assertThat(keys.propertyNames()).containsExactly("key", "secret");
        String key = keys.required("key").asString();
        String secret = keys.required("secret").asString();
        Visitor visitor = new Visitor(server.url(), keys);
        assertThat(visitor.status()).isEqualTo(200);

        String session = server.signIn().openSession(server.enrolment().member(token).id()).key();
        String listed = shell.run("key", "list", "--user", token, "--json").out();
        assertThat(listed.lines())
                .satisfiesExactly(
                        line -> assertThat(line).matches(
                                "\\{\"key\":\"" + key + "\",\"kind\":\"api_key\",\"since\":\"" + SECOND + "\"}"),
                        line -> assertThat(line).matches(
                                "\\{\"key\":\"" + session + "\",\"kind\":\"session\",\"since\":\"" + SECOND + "\"}"));
        assertThat(listed).doesNotContain(secret);

        CompletableFuture<Void> ended = visitor.stream();
        JsonNode revoked = shell.run("key", "revoke", key, "--json").json();
        ended.get(2, TimeUnit.SECONDS);
        assertThat(revoked.required("key").asString()).isEqualTo(key);
        assertThat(visitor.status()).isEqualTo(401);
        assertThat(shell.run("key", "list", "--user", token).out().strip())
                .matches(session + "  session  " + SECOND);
        assertThat(shell.run("key", "revoke", key))
                .isEqualTo(new Shell.Outcome(
                        1, "", "There is no key " + key + ": \"key list\" shows a member's keys.\n"));
    }

    /** Whoever had the key may have opened sessions with it, and with these. */
    @Test
    void whoseSessionsEndWithTheKeyThatOpenedThem() throws Exception {
        String organization = shell.organization("Leaked");
        shell.member(organization, "Lee", "lee@leaked.example");
        JsonNode keys = shell.run("key", "create", "--user", "lee@leaked.example", "--json").json();
        JsonNode other = shell.run("key", "create", "--user", "lee@leaked.example", "--json").json();
        Visitor session = new Visitor(server.url(), keys).session();
        Visitor sessionOfSession = session.session();
        Visitor sessionOfOther = new Visitor(server.url(), other).session();
        String key = keys.required("key").asString();
        assertThat(shell.run("key", "list", "--user", "lee@leaked.example", "--json").jsonLines())
                .filteredOn(listed -> listed.path("opened_with").asString("").equals(key))
                .singleElement()
                .extracting(listed -> listed.required("key"))
                .isEqualTo(session.keys().required("key"));

        CompletableFuture<Void> ended = session.stream();
        CompletableFuture<Void> endedToo = sessionOfSession.stream();
        CompletableFuture<Void> open = sessionOfOther.stream();
        shell.run("key", "revoke", key);
        CompletableFuture.allOf(ended, endedToo).get(2, TimeUnit.SECONDS);
        assertThat(session.status()).isEqualTo(401);
        assertThat(sessionOfSession.status()).isEqualTo(401);
        assertThat(sessionOfOther.status()).isEqualTo(200);
        assertThat(open).isNotDone();
    }

    @Test
    void whereOnlyOneOfManyAtOnceGetsAnAddress() throws Exception {
        String organization = shell.organization("At once");
        Callable<Shell.Outcome> command = () -> shell.run("user", "create", "--org", organization, "--name", "Max",
                "--email", "max@atonce.example");
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Integer> codes = threads.invokeAll(Stream.generate(() -> command).limit(4).toList()).stream()
                    .map(Future::resultNow)
                    .map(Shell.Outcome::code)
                    .sorted()
                    .toList();
            assertThat(codes).containsExactly(0, 1, 1, 1);
        }
        assertThat(shell.run("user", "list", "--org", organization, "--json").jsonLines()).hasSize(1);
    }

    @Test
    void andMakeNobodyWhosePasswordCannotBe() {
        String organization = shell.organization("Short");
        Shell.Outcome outcome = shell.run(
                "user", "create", "--org", organization, "--name", "Sam", "--email", "sam@short.example",
                "--password", "1234567");
        assertThat(outcome).isEqualTo(new Shell.Outcome(1, "", "A password has 8 to 1000 characters.\n"));
        assertThat(shell.run("user", "list", "--org", organization, "--json").jsonLines()).isEmpty();
    }

    @Test
    void whereNobodyGetsSomebodyElsesAddress() {
        String organization = shell.organization("Taken");
        shell.member(organization, "Tom", "tom@taken.example");
        for (String other : List.of(organization, shell.organization("Taken elsewhere"))) {
            Shell.Outcome outcome =
                    shell.run("user", "create", "--org", other, "--name", "Tim", "--email", "TOM@taken.example");
            assertThat(outcome.code()).isEqualTo(1);
            assertThat(outcome.err()).hasLineCount(1).contains("Tim is somebody else's already");
        }
    }

    static Stream<List<String>> refused() {
        String nobody = "3f2c1f8e-0000-4000-8000-000000000000";
        return Stream.of(
                List.of("1", "A name has 1 to 250 characters.", "org", "create", "--name", " "),
                List.of("1", "There is no organization nil.", "user", "list", "--org", "nil"),
                List.of("1", "There is no organization nil.", "user", "create", "--org=nil", "--name=A", "--email=a@b"),
                List.of("1", "There is no member " + nobody, "key", "create", "--user", nobody),
                List.of("1", "There is no member a@nowhere.example", "key", "list", "--user", "a@nowhere.example"),
                List.of("1", "There is no member ", "user", "password", "", "--password", "long enough"),
                List.of("1", "There is no key ", "key", "revoke", "x".repeat(1000)),
                List.of("1", "Unknown setting", "org", "list", "--set", "no.such=1"),
                List.of("1", "does not exist", "org", "list", "--config", "/nowhere/ephemera.yaml"),
                List.of("2", "Missing required option: '--name=NAME'", "org", "create"),
                List.of("2", "Unmatched argument", "user", "lst"),
                List.of("2", "Missing required parameter: 'KEY'", "key", "revoke"),
                List.of("2", "Unmatched argument", "org", "list", "all"),
                List.of("2", "Unknown options: '--nmae'", "org", "create", "--name", "A", "--nmae", "B"));
    }

    @ParameterizedTest
    @MethodSource
    void refused(List<String> row) {
        Shell.Outcome outcome = shell.run(row.subList(2, row.size()).toArray(String[]::new));
        assertThat(outcome.code()).isEqualTo(Integer.parseInt(row.get(0)));
        assertThat(outcome.err()).contains(row.get(1));
        assertThat(outcome.out()).isEmpty();
        if (outcome.code() == 1) {
            assertThat(outcome.err()).hasLineCount(1);
        }
    }

    @Test
    void andAreToldWhenTheOutputIsLost() {
        PrintWriter full = new PrintWriter(new OutputStream() {
            @Override
            public void write(int letter) throws IOException {
                throw new IOException("No space left on device");
            }
        }, false, StandardCharsets.UTF_8);
        Shell.Outcome outcome = shell.run(full, "org", "create", "--name", "Unheard");
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.err()).hasLineCount(1).contains("the output could not be written");
    }

    private static boolean signsIn(String login, String password) {
        return switch (server.signIn().withPassword(login, password, "127.0.0.1")) {
            case SignIn.Accepted _ -> true;
            case SignIn.Rejected _ -> false;
        };
    }
}
