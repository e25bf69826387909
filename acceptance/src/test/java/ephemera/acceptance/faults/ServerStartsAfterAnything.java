package ephemera.acceptance.faults;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.Commands;
import ephemera.acceptance.Demo;
import ephemera.acceptance.ServerProcess;
import ephemera.acceptance.TemporaryFolder;
import ephemera.acceptance.client.Credentials;
import ephemera.acceptance.client.Draft;
import ephemera.acceptance.client.Event;
import ephemera.acceptance.client.EventStream;
import ephemera.acceptance.client.Tiger;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Whatever happened before, a server starts, or says in one sentence why it does not. All tests share a data folder.
 */
class ServerStartsAfterAnything {
    private static TemporaryFolder folder;
    private static ServerProcess.Launch launch;
    private static Demo demo;

    @SuppressWarnings("NullAway.Init") // only a test that starts one has one
    private ServerProcess server;

    @BeforeAll
    static void makeDataFolder() {
        folder = TemporaryFolder.make();
        launch = ServerProcess.Launch.on(folder.path().resolve("data")).withDemo();
        try (ServerProcess first = launch.start()) {
            demo = first.demo();
        }
    }

    @AfterAll
    static void removeDataFolder() {
        folder.close();
    }

    @AfterEach
    void end() {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void lockOfAKilledServerIsNotInTheWay() {
        server = launch.start();
        server.killServer();
        assertThat(launch.data().resolve("server.lock")).isNotEmptyFile();
        server = launch.start();
        assertPeopleCanTalk();
    }

    @Test
    void secondServerOnTheSameFolderIsRefused() {
        server = launch.start();
        assertRefused(serve(ServerProcess.freePort())).contains(launch.data().toString(), Long.toString(server.pid()));
        assertPeopleCanTalk();
    }

    @ParameterizedTest
    @CsvSource({"0, --port", "1, management.port"})
    void portThatIsTakenIsNamed(int offset, String remedy) throws IOException {
        int port = ServerProcess.freePort();
        try (ServerSocket _ = new ServerSocket(port + offset, 1, InetAddress.getLoopbackAddress())) {
            assertRefused(serve(port)).contains(Integer.toString(port + offset), remedy);
        }
        assertThat(ServerProcess.databasePid(launch.data())).as("a database that was left behind").isEmpty();
    }

    @Test
    void whoIsToldToEndTakesItsDatabaseAlong() throws IOException {
        server = launch.start();
        ProcessHandle database = server.databasePid().flatMap(ProcessHandle::of).orElseThrow();
        List<ProcessHandle> family = database.children().toList();
        try (EventStream stream = as(0).events().untilLive()) {
            // 128 + 15 is how a JVM says that SIGTERM ended it, in order.
            assertThat(server.stop()).isIn(0, 143);
            stream.awaitEnd();
        }
        assertThat(database.isAlive()).isFalse();
        assertThat(family).noneMatch(ProcessHandle::isAlive);
        assertThat(Files.readString(launch.data().resolve("postgres/postgres.log"), StandardCharsets.UTF_8)
                .stripTrailing()).endsWith("database system is shut down");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--set | http.port=eighty | http.port",
        "--set | http.prot=8080 | http.port",
        "--set | limits.body=12XB | limits.body",
        "--set | message.lifespan.default=soon | message.lifespan.default",
        "--set | http.host=0.0.0.0 | http.insecure",
        "--set | http.tls.key=/nowhere/key.pem | http.tls.certificate",
        "--set | database.url=mysql://localhost/x | database.url",
        "--config | /nowhere/ephemera.yaml | /nowhere/ephemera.yaml"})
    void brokenConfigurationIsNamed(String option, String value, String named) {
        assertRefused(Commands.on(folder.path().resolve("unused")).run("serve", option, value)).contains(named);
        assertThat(folder.path().resolve("unused")).doesNotExist();
    }

    @Test
    void demoIsMadeOnce() throws IOException {
        String before = Files.readString(launch.data().resolve("demo.json"));
        server = launch.start();
        assertThat(Files.readString(launch.data().resolve("demo.json"))).isEqualTo(before);
        assertThat(organizations()).hasSize(1);
        assertPeopleCanTalk();
    }

    @Test
    void demoWhoseLoginsWereNeverWrittenIsMadeWhole() throws IOException {
        // As after a kill between the two steps.
        Files.move(launch.data().resolve("demo.json"), launch.data().resolve("demo.json.part"),
                StandardCopyOption.REPLACE_EXISTING);
        server = launch.start();
        demo = server.demo();
        assertThat(organizations()).hasSize(1);
        for (Demo.Member member : demo.members()) {
            Tiger.at(server.url()).login(member.email(), member.password()).expect(200);
            as(demo.members().indexOf(member)).me().expect(200);
        }
    }

    @Test
    void whatWasThereIsThereAfterARestart() {
        byte[] file = "\0\1\2 a file \377".repeat(5_000).getBytes(StandardCharsets.ISO_8859_1);
        server = launch.start();
        try (EventStream stream = as(1).events().untilLive()) {
            stream.acknowledgeAll();
        }
        Draft draft = Draft.to(token(1), "with a file").withAttachment("a.bin", "application/octet-stream", file);
        String withFile = as(0).send(draft).expect(200).messageId();
        String second = as(0).send(token(1), "second").expect(200).messageId();
        String acknowledged = as(0).send(token(1), "third").expect(200).messageId();
        as(1).read(withFile).expect(200);
        try (EventStream stream = as(1).events().untilLive()) {
            as(1).acknowledge(stream.messages().stream().filter(each -> each.messageId().equals(acknowledged))
                    .map(Event::id).toList()).expect(204);
        }
        Tiger session =
                Tiger.at(server.url()).signedIn(demo.members().get(1).email(), demo.members().get(1).password());

        server.stop();
        server = launch.start();

        assertThat(as(1).attachment(withFile).expect(200).body()).isEqualTo(file);
        assertThat(as(1).message(second).expect(200).reply().path("body").asString()).isEqualTo("second");
        assertThat(as(0).messageStatus(withFile).expect(200).text()).contains("\"Read\"");
        assertThat(as(0).send(draft).expect(200).messageId()).as("the same request again").isEqualTo(withFile);
        session.me().expect(200);
        try (EventStream stream = as(1).events().untilLive()) {
            assertThat(stream.messages()).extracting(Event::messageId).containsExactly(withFile, second);
        }
    }

    @Test
    void startThatIsKilledIsSimplyDoneAgain() throws Exception {
        long seed = Long.getLong("ephemera.seed", ThreadLocalRandom.current().nextInt(1_000_000));
        Random random = new Random(seed);
        ServerProcess.Launch cold = ServerProcess.Launch.on(folder.path().resolve("cold")).withDemo();
        for (int i = 0; i < 4; i++) {
            Process process = new ProcessBuilder(Commands.projectRoot().resolve("bin/ephemera").toString(), "serve",
                    "--demo", "--data", cold.data().toString(), "--port", Integer.toString(cold.port()))
                    .redirectErrorStream(true).redirectOutput(folder.path().resolve("killed").toFile()).start();
            process.waitFor(500 + random.nextInt(4_000), TimeUnit.MILLISECONDS);
            process.destroyForcibly().waitFor();
        }
        server = cold.start();
        Demo made = server.demo();
        assertThat(made.members()).as("seed %d", seed).hasSize(3);
        Tiger.at(server.url()).as(made.members().getFirst().credentials())
                .send(made.members().getLast().token(), "at last").expect(200);
        assertThat(server.commands().run("org", "list", "--json").expectSuccess().out().lines()).hasSize(1);
    }

    /** A server that goes on with threads missing helps nobody; one that ends is started again. */
    @Test
    void memoryThatIsOverEndsTheServer() throws Exception {
        ProcessBuilder builder = new ProcessBuilder(Commands.projectRoot().resolve("bin/ephemera").toString(), "serve")
                .redirectErrorStream(true);
        // Tells how it would run, also with a collector of the operator's.
        builder.environment().put("EPHEMERA_JAVA_OPTS", "-XX:+UseParallelGC -XX:+PrintFlagsFinal -version");
        Process process = builder.start();
        String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(told).isZero();
        assertThat(told.lines()).anyMatch(line -> line.matches(".* ExitOnOutOfMemoryError +:?= true .*"));
    }

    private static Commands.Outcome serve(int port) {
        return Commands.on(launch.data()).run("serve", "--port", Integer.toString(port));
    }

    /** Asserts that a command ended with 1 and a sentence, and gives the sentence. */
    private static AbstractStringAssert<?> assertRefused(Commands.Outcome outcome) {
        assertThat(outcome.exitCode()).as(outcome.out() + outcome.err()).isEqualTo(1);
        assertThat(outcome.err()).doesNotContain("Exception", "\tat ");
        return assertThat(outcome.err().strip().lines().toList().getLast()).matches(".* .*[.?]");
    }

    private void assertPeopleCanTalk() {
        try (EventStream stream = as(1).events().untilLive()) {
            String token = as(0).send(token(1), "hello").expect(200).messageId();
            stream.await(each -> each.messageId().equals(token));
            stream.acknowledgeAll();
        }
    }

    private List<String> organizations() {
        return server.commands().run("org", "list", "--json").expectSuccess().out().lines().toList();
    }

    private Tiger as(int member) {
        Credentials credentials = demo.members().get(member).credentials();
        return Tiger.at(server.url()).as(credentials);
    }

    private static String token(int member) {
        return demo.members().get(member).token();
    }
}
