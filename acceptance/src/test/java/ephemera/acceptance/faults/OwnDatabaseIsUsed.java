package ephemera.acceptance.faults;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.Commands;
import ephemera.acceptance.ServerProcess;
import ephemera.acceptance.TemporaryFolder;
import ephemera.acceptance.TheServer;
import ephemera.acceptance.client.Credentials;
import ephemera.acceptance.client.Event;
import ephemera.acceptance.client.EventStream;
import ephemera.acceptance.client.Tiger;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** With {@code database.url} set, that PostgreSQL is used and nothing is bundled. */
class OwnDatabaseIsUsed {
    private static TemporaryFolder folder;
    private static OwnPostgres database;
    private static Path data;

    @BeforeAll
    static void startDatabase() {
        folder = TemporaryFolder.make();
        data = folder.path().resolve("data");
        database = OwnPostgres.start(folder.path().resolve("database"), TheServer.process().data(),
                ServerProcess.freePort());
        database.configure(data);
    }

    @AfterAll
    static void end() {
        database.close();
        folder.close();
    }

    @Test
    void byServerAndCommandsAndNothingElseIsStarted() {
        String message;
        List<Credentials> people;
        try (ServerProcess server = ServerProcess.start(data)) {
            people = server.commands().importPeople(server.commands().createOrganization("Clinic"), "person", 2);
            message = Tiger.at(server.url()).as(people.getFirst()).send(people.getLast().token(), "kept elsewhere")
                    .expect(200).messageId();
            assertThat(data.resolve("postgres")).doesNotExist();
            assertThat(data.resolve("postgres.properties")).doesNotExist();
            assertThat(ProcessHandle.of(server.pid()).orElseThrow().descendants()).isEmpty();
        }
        // It belongs to somebody else: it goes on, and its content with it.
        Commands.on(data).run("org", "list", "--json").expectSuccess();
        try (ServerProcess server = ServerProcess.start(data);
                EventStream stream = Tiger.at(server.url()).as(people.getLast()).events().untilLive()) {
            assertThat(stream.messages()).extracting(Event::messageId).containsExactly(message);
        }
    }

    @Test
    void notWithAWrongPassword() {
        Commands.Outcome outcome = Commands.on(data).run("serve", "--port",
                Integer.toString(ServerProcess.freePort()), "--set", "database.password=wrong");
        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.err()).contains("database.url").doesNotContain("\tat ", "wrong\"");
    }

    @Test
    void notWhereNobodyListens() {
        int nobody = ServerProcess.freePort();
        Commands.Outcome outcome = Commands.on(data).run("serve", "--port",
                Integer.toString(ServerProcess.freePort()), "--set", "database.url=" + OwnPostgres.urlAt(nobody));
        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.err()).contains("database.url", Integer.toString(nobody)).doesNotContain("\tat ");
    }
}
