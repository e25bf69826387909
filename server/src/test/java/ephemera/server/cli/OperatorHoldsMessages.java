package ephemera.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.server.Server;
import ephemera.server.store.embedded.CopiedDataFolder;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(120)
class OperatorHoldsMessages {

    private static final String FILE = "the content of the file";
    private static final String BOUNDARY = "------------------------0123456789abcdef";
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir
    private Path temp;

    private Shell shell;
    private String organization;
    private String ann;
    private String ben;
    private JsonNode keys;

    @BeforeEach
    void fill() {
        shell = new Shell(CopiedDataFolder.at(temp.resolve("data")));
        organization = shell.organization("Clinic");
        ann = shell.member(organization, "Ann", "ann@clinic.example");
        ben = shell.member(organization, "Ben", "ben@clinic.example");
        keys = shell.run("key", "create", "--user", ann, "--json").json();
    }

    private HttpResponse<String> call(Server server, String method, String path, String body) throws Exception {
        String credentials = keys.required("key").asString() + ":" + keys.required("secret").asString();
        return CLIENT.send(
                HttpRequest.newBuilder(URI.create(server.url() + path))
                        .timeout(Duration.ofSeconds(60))
                        .header("Authorization", "Basic " + Base64.getEncoder()
                                .encodeToString(credentials.getBytes(StandardCharsets.UTF_8)))
                        .header("TT-X-Organization-Key", organization)
                        .header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private String send(Server server, String text) throws Exception {
        String body = "--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"body\"\r\n\r\n" + text
                + "\r\n--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"attachment\"; filename=\"plan.txt\""
                + "\r\nContent-Type: text/plain\r\n\r\n" + FILE + "\r\n--" + BOUNDARY + "--\r\n";
        return call(server, "POST", "/v2/message?recipient=" + ben, body)
                .headers().firstValue("TT-X-Message-Id").orElseThrow();
    }

    private void recall(Server server, String message) throws Exception {
        assertThat(call(server, "DELETE", "/v2/message/" + message, "").statusCode()).isBetween(200, 204);
        assertThat(call(server, "GET", "/v2/message/" + message, "").statusCode()).isBetween(400, 499);
    }

    private String place(String... target) {
        List<String> words = new ArrayList<>(List.of("hold", "place", "--org", organization, "--json"));
        words.addAll(List.of(target));
        return shell.run(words.toArray(String[]::new)).json().required("hold").asString();
    }

    private List<JsonNode> exported(Path file) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile());
                InputStream lines = zip.getInputStream(zip.getEntry("messages.jsonl"))) {
            List<JsonNode> messages = new String(lines.readAllBytes(), StandardCharsets.UTF_8).lines()
                    .map(JsonMapper.shared()::readTree)
                    .toList();
            for (JsonNode message : messages) {
                try (InputStream in = zip.getInputStream(zip.getEntry(message.at("/attachments/0/file").asString()))) {
                    assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo(FILE);
                }
            }
            return messages;
        }
    }

    @Test
    void andLetsThemGoWhileTheServerRuns() throws Exception {
        try (Server server = Server.start(shell.config())) {
            String hold = place("--person", "ann@clinic.example");
            String message = send(server, "a secret");
            recall(server, message);
            assertThat(shell.run("hold", "show", hold, "--json").json().required("held").asInt()).isEqualTo(1);
            assertThat(shell.run("hold", "list").out()).contains(hold).contains(organization).contains(ann);
            assertThat(shell.run("hold", "list", "--org", shell.organization("Other")).out()).isEmpty();

            Shell.Outcome proof = shell.run("proof", message);
            assertThat(proof.code()).isEqualTo(1);
            assertThat(proof.out()).isEmpty();
            assertThat(proof.err()).hasLineCount(1).contains("is held").doesNotContain("secret");

            Path file = temp.resolve("export.zip");
            assertThat(shell.run("hold", "export", hold, file.toString()).out())
                    .contains("Wrote 1 messages and 1 attachments");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------");
            assertThat(exported(file)).singleElement().matches(line -> line.required("body").asString()
                    .equals("a secret") && line.required("message").asString().equals(message));
            assertThat(shell.run("hold", "export", hold, file.toString()).err()).contains("is there already");
            assertThat(shell.run("hold", "show", hold).out()).contains("exported");

            assertThat(shell.run("hold", "release", hold).code()).isZero();
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (!shell.run("hold", "show", hold, "--json").json().has("destroyed")) {
                assertThat(System.nanoTime()).isLessThan(deadline);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            }
            released(hold, message);
        }
    }

    @Test
    void andLetsThemGoWhileItIsStopped() throws Exception {
        String hold = place("--person", ben);
        String message;
        try (Server server = Server.start(shell.config())) {
            message = send(server, "a secret");
            recall(server, message);
        }
        Path file = temp.resolve("export.zip");
        assertThat(shell.run("hold", "export", hold, file.toString()).code()).isZero();
        assertThat(exported(file)).hasSize(1);
        assertThat(shell.run("hold", "release", hold, "--json").json().has("released")).isTrue();
        released(hold, message);
    }

    private void released(String hold, String message) throws IOException {
        JsonNode shown = shell.run("hold", "show", hold, "--json").json();
        assertThat(shown.has("destroyed")).isTrue();
        assertThat(shown.required("held").asInt()).isZero();
        assertThat(shell.run("hold", "export", hold, temp.resolve("late.zip").toString()).err())
                .hasLineCount(1)
                .contains("is released");
        assertThat(temp.resolve("late.zip")).doesNotExist();
        Shell.Outcome proof = shell.run("proof", message);
        assertThat(proof.code()).isZero();
        assertThat(proof.out()).contains("RELEASED");
        Path file = Files.writeString(temp.resolve("proof.json"), proof.out());
        assertThat(Shell.runAnywhere("verify", file.toString()).out()).contains("was no longer held");
        assertThat(shell.run("hold", "release", hold).err()).contains("is released already");
        try (Stream<Path> files = Files.walk(shell.data().resolve("blobs"))) {
            assertThat(files.filter(Files::isRegularFile)).isEmpty();
        }
    }

    @Test
    void ofPeopleAndConversationsThatThereAre() {
        String other = shell.organization("Other");
        refused("There is nobody ann@clinic.example", "hold", "place", "--org", other, "--person",
                "ann@clinic.example");
        refused("There is nobody " + ann, "hold", "place", "--org", other, "--person", ann);
        refused("There is no conversation", "hold", "place", "--org", organization, "--conversation", ann);
        refused("There is no organization", "hold", "place", "--org", "x", "--person", ann);
        refused("This is not the id of a hold: one", "hold", "release", "one");
        refused("There is no hold " + ann, "hold", "show", ann);
        assertThat(shell.run("hold", "place", "--org", organization).code()).isEqualTo(2);
        assertThat(shell.run("hold", "place", "--org", organization, "--person", ann, "--conversation", ann).code())
                .isEqualTo(2);
        assertThat(shell.run("hold", "list").out()).isEmpty();
    }

    private void refused(String reason, String... words) {
        Shell.Outcome outcome = shell.run(words);
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err()).hasLineCount(1).contains(reason);
    }
}
