package ephemera.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.server.Server;
import ephemera.server.store.embedded.CopiedDataFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

@Timeout(180)
class OperatorBacksUpAndRestores {

    @TempDir
    private Path temp;

    private String backup() {
        return temp.resolve("backup.zip").toString();
    }

    private String keys() {
        return temp.resolve("keys.backup").toString();
    }

    @Test
    void aServerThatRunsAndOneThatIsStopped() throws Exception {
        Shell shell = new Shell(CopiedDataFolder.at(temp.resolve("data")));
        String organization = shell.organization("Clinic");
        shell.member(organization, "Ann", "ann@clinic.example");
        JsonNode login = shell.run("key", "create", "--user", "ann@clinic.example", "--json").json();
        try (Server server = Server.start(shell.config())) {
            assertThat(new Visitor(server.url(), login).status()).isEqualTo(200);
            backUp(shell);
            healthy(shell);
        }
        backUp(shell);
        healthy(shell);

        Shell fresh = new Shell(temp.resolve("fresh"));
        // Copied binaries only save the time of unpacking them.
        CopiedDataFolder.at(fresh.data());
        Shell.Outcome restored = fresh.run("restore", "--backup", backup(), "--keys", keys());
        assertThat(restored.err()).isEmpty();
        assertThat(restored.code()).isZero();
        assertThat(restored.out()).contains("Restored the backup of").contains("Left out: 0 messages");
        healthy(fresh);
        try (Server server = Server.start(fresh.config())) {
            assertThat(new Visitor(server.url(), login).status()).isEqualTo(200);
        }
        Shell.Outcome again = fresh.run("restore", "--backup", backup(), "--keys", keys());
        assertThat(again.code()).isEqualTo(1);
        assertThat(again.err()).hasLineCount(1).contains("in use");
    }

    private void backUp(Shell shell) throws IOException {
        Shell.Outcome data = shell.run("backup", backup());
        assertThat(data.err()).isEmpty();
        assertThat(data.code()).isZero();
        assertThat(data.out()).startsWith("Backed up ").contains("It holds no keys");
        JsonNode keys = shell.run("backup-keys", keys(), "--json").json();
        assertThat(keys.required("bytes").asLong()).isEqualTo(Files.size(Path.of(keys())));
        try (Stream<Path> files = Files.list(temp)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .contains("backup.zip", "keys.backup")
                    .noneMatch(name -> name.endsWith(".part") || name.endsWith(".new") || name.endsWith(".old"));
        }
    }

    private static void healthy(Shell shell) {
        Shell.Outcome doctor = shell.run("doctor");
        assertThat(doctor.err()).isEmpty();
        assertThat(doctor.out()).doesNotContain("WRONG").contains("All is well.");
        assertThat(doctor.code()).isZero();
        assertThat(doctor.out().lines().filter(line -> line.startsWith("ok "))).hasSize(11);
    }

    @Test
    void andTheDoctorTellsWhatIsWrong() throws IOException {
        Shell shell = new Shell(CopiedDataFolder.at(temp.resolve("data")));
        shell.organization("Clinic");
        Server.start(shell.config()).close();
        Path stray = Files.createDirectory(shell.data().resolve("blobs/4711"));
        Files.setLastModifiedTime(stray, FileTime.fromMillis(0));
        Shell.Outcome doctor = shell.run("doctor");
        assertThat(doctor.code()).isEqualTo(1);
        assertThat(doctor.err()).isEmpty();
        assertThat(doctor.out().lines().filter(line -> line.startsWith("WRONG")))
                .singleElement()
                .asString()
                .contains(" 1  folders of epochs that are closed");
        assertThat(doctor.out()).contains("4711").contains("Something is wrong");
        Shell.Outcome forScripts = shell.run("doctor", "--json");
        assertThat(forScripts.code()).isEqualTo(1);
        assertThat(forScripts.out().lines()).hasSize(11);
        assertThat(forScripts.out())
                .contains("{\"check\":\"FOLDERS_OF_CLOSED_EPOCHS\",\"count\":1,\"good\":false,\"names\":[\"4711\"]}");
    }

    @Test
    void andIsToldWhatIsMissing() throws IOException {
        Shell nowhere = new Shell(temp.resolve("typo"));
        refused(nowhere.run("backup", backup()), "There is no data folder");
        refused(nowhere.run("backup-keys", keys()), "There are no keys in");
        refused(nowhere.run("doctor"), "There are no keys in");
        refused(nowhere.run("restore", "--backup", backup(), "--keys", keys()), "cannot be read");
        Files.writeString(Path.of(backup()), "no backup");
        Files.writeString(Path.of(keys()), "no keys");
        refused(nowhere.run("restore", "--backup", backup(), "--keys", keys()), "no backup of keys");
        assertThat(nowhere.data()).doesNotExist();
    }

    @Test
    void andNothingIsDoneWhereARestoreIsUnfinished() throws IOException {
        Shell shell = new Shell(temp.resolve("data"));
        Files.createDirectory(shell.data());
        Files.writeString(shell.data().resolve("restore-unfinished"), "A restore.\n0\n");
        refused(shell.run("org", "create", "--name", "Clinic"), "is not finished");
        refused(shell.run("serve", "--port", "0"), "is not finished");
    }

    private static void refused(Shell.Outcome outcome, String why) {
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err()).hasLineCount(1).contains(why);
    }
}
