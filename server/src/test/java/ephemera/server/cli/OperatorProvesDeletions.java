package ephemera.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.Ids;
import ephemera.core.vault.Deletion.Draft;
import ephemera.core.vault.Deletion.Reason;
import ephemera.core.vault.SigningKey;
import ephemera.core.vault.Slice;
import ephemera.core.vault.Term;
import ephemera.server.Server;
import ephemera.server.store.Database;
import ephemera.server.store.DeletionRecord;
import ephemera.server.store.embedded.CopiedDataFolder;
import ephemera.server.store.embedded.StandaloneAccess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

@Timeout(120)
class OperatorProvesDeletions {

    private static final Ids IDS = new Ids(InstantSource.system(), new SecureRandom());
    private static final Instant PAST = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant FUTURE = Instant.parse("2100-01-01T00:00:00Z");
    private static final Slice OVER = new Slice(Term.HOUR, PAST.getEpochSecond());
    private static final UUID RECALLED = IDS.carrying(new Slice(Term.HOUR, FUTURE.getEpochSecond()).code());
    private static final UUID EXPIRED = IDS.carrying(OVER.code());

    @TempDir
    private static Path temp;

    private static Shell shell;

    @BeforeAll
    static void fill() {
        shell = new Shell(CopiedDataFolder.at(temp.resolve("data")));
        SigningKey key;
        try (Desk desk = Desk.open(shell.config(), false)) {
            key = desk.signingKey();
        }
        List<Draft> drafts = List.of(
                Draft.message("0123456789abcdefghijklmn", RECALLED, Reason.RECALLED, Optional.empty(), PAST, PAST),
                Draft.slice(OVER, PAST));
        inDatabase(shell, database -> database.change(
                handle -> new DeletionRecord(database, key).append(handle, drafts)));
    }

    private static void inDatabase(Shell shell, Consumer<Database> work) {
        try (StandaloneAccess access = StandaloneAccess.open(shell.data(), false);
                Database database = new Database(
                        access.access().jdbcUrl(), access.access().user(), access.access().password(), 2)) {
            work.accept(database);
        }
    }

    @Test
    void whileTheServerRuns() throws Exception {
        try (Server _ = Server.start(shell.config())) {
            proofsHold();
        }
    }

    @Test
    void whileItIsStopped() throws Exception {
        proofsHold();
    }

    private void proofsHold() throws Exception {
        JsonNode key = shell.run("record", "key", "--json").json();
        assertThat(shell.run("record", "key").out())
                .contains("public key   " + key.required("publicKey").asString())
                .contains("fingerprint  " + key.required("fingerprint").asString());
        for (UUID message : List.of(RECALLED, EXPIRED)) {
            for (String[] words : List.of(
                    new String[] {"proof", message.toString()},
                    new String[] {"proof", message.toString().toUpperCase(Locale.ROOT), "--json"})) {
                Shell.Outcome proof = shell.run(words);
                assertThat(proof.code()).isZero();
                Path file = Files.writeString(temp.resolve("proof.json"), proof.out());
                Shell.Outcome verified = Shell.runAnywhere(
                        "verify", file.toString(), "--key", key.required("fingerprint").asString());
                assertThat(verified.err()).isEmpty();
                assertThat(verified.code()).isZero();
                assertThat(verified.out()).hasLineCount(1).contains("The proof holds").contains(message.toString());
            }
        }
        JsonNode check = shell.run("record", "check", "--json").json();
        assertThat(check.required("entries").asLong()).isGreaterThanOrEqualTo(2);
        assertThat(shell.run("record", "check").out()).startsWith("The deletion record is whole: entries ");
    }

    @Test
    void butNothingThatIsNotRecorded() {
        UUID alive = IDS.carrying(new Slice(Term.DAY, FUTURE.getEpochSecond()).code());
        UUID late = IDS.carrying(new Slice(Term.DAY, PAST.getEpochSecond()).code());
        refused(alive.toString(), "it is alive, and its key will be destroyed after");
        refused(late.toString(), "its key was to be destroyed after");
        refused(IDS.carrying(Slice.KEPT.code()).toString(), "it is kept until somebody takes it back");
        refused(IDS.random().toString(), "no message has such an id");
        refused("one-two-three", "This is not the id of a message: one-two-three.");
    }

    private static void refused(String message, String reason) {
        Shell.Outcome outcome = shell.run("proof", message);
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err()).hasLineCount(1).contains(reason);
    }

    @Test
    void andNothingWhereThereIsNoDatabase() {
        Path nowhere = temp.resolve("typo");
        for (String[] words : List.of(
                new String[] {"proof", RECALLED.toString()},
                new String[] {"record", "check"},
                new String[] {"record", "key"})) {
            Shell.Outcome outcome = new Shell(nowhere).run(words);
            assertThat(outcome.code()).isEqualTo(1);
            assertThat(outcome.err()).hasLineCount(1).contains("There is no database in " + nowhere);
            assertThat(nowhere).doesNotExist();
        }
    }

    @Test
    void andAreToldOfABrokenRecord() {
        Shell other = new Shell(CopiedDataFolder.at(temp.resolve("broken")));
        other.organization("Any");
        inDatabase(other, database -> database.read(
                handle -> handle.execute("UPDATE deletion_head SET sequence = 1")));
        Shell.Outcome outcome = other.run("record", "check");
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.err()).hasLineCount(1).contains("is broken").contains("Entry 1 is missing.");
    }
}
