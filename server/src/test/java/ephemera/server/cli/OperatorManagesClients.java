package ephemera.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.server.Server;
import ephemera.server.store.embedded.CopiedDataFolder;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(120)
class OperatorManagesClients {

    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @Test
    void ofARunningServerAtOnce(@TempDir Path parent) throws Exception {
        Shell shell = new Shell(CopiedDataFolder.at(parent.resolve("data")));
        try (Server server = Server.start(shell.config())) {
            String organization = shell.organization("Clinic");
            JsonNode made = shell.run("client", "create", "--org", organization, "--name", "Books", "--redirect",
                    "https://app.example/back", "--redirect", "com.example.app:/back", "--json")
                    .json();
            assertThat(made.propertyNames()).containsExactly("client_id", "client_secret");
            String id = made.required("client_id").asString();
            String secret = made.required("client_secret").asString();
            HttpResponse<String> answer = token(server, id, secret);
            assertThat(answer.statusCode()).isEqualTo(200);
            String token = JsonMapper.shared().readTree(answer.body()).required("access_token").asString();
            assertThat(call(server, token)).isEqualTo(200);

            shell.run("client", "create", "--org", shell.organization("Office"), "--name", "Elsewhere");
            assertThat(shell.run("client", "list", "--json").jsonLines()).hasSize(2);
            List<JsonNode> listed = shell.run("client", "list", "--org", organization, "--json").jsonLines();
            assertThat(listed).hasSize(1);
            assertThat(listed.getFirst().required("client_id").asString()).isEqualTo(id);
            assertThat(listed.getFirst().required("name").asString()).isEqualTo("Books");
            assertThat(listed.toString()).doesNotContain(secret);

            String renewed = shell.run("client", "secret", id, "--json").json().required("client_secret").asString();
            // The server hears of it a moment later: until then it may know the old one only. It is asked ever more
            // rarely, since it counts wrong ones: fifty within a minute are too many.
            for (int tries = 1; token(server, id, renewed).statusCode() != 200; tries++) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100L * tries));
            }
            assertThat(token(server, id, secret).statusCode()).isEqualTo(401);
            assertThat(call(server, token)).as("a token from before").isEqualTo(200);

            assertThat(shell.run("client", "revoke", id).out()).isEqualTo("The client " + id + " is revoked.\n");
            while (call(server, token) == 200) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            }
            assertThat(call(server, token)).isEqualTo(401);
            assertThat(token(server, id, renewed).statusCode()).isEqualTo(401);
            assertThat(shell.run("client", "list", "--org", organization, "--json").jsonLines()).isEmpty();
            assertRefusals(shell, organization, id);
        }
    }

    private static void assertRefusals(Shell shell, String organization, String id) {
        assertThat(shell.run("client", "revoke", id).err()).contains("There is no client " + id);
        assertThat(shell.run("client", "secret", "nobody").err()).contains("There is no client nobody");
        assertThat(shell.run("client", "create", "--org", "nil", "--name", "A").err())
                .contains("There is no organization nil.");
        assertThat(shell.run("client", "create", "--org", organization, "--name", " ").err())
                .contains("A name has 1 to 250 characters.");
        assertThat(shell.run("client", "create", "--org", organization, "--name", "A", "--redirect",
                "http://app.example/").err())
                .contains("is no address to send people back to");
    }

    private static HttpResponse<String> token(Server server, String id, String secret) throws Exception {
        String pair = Base64.getEncoder().encodeToString((id + ":" + secret).getBytes(StandardCharsets.UTF_8));
        return HTTP.send(
                HttpRequest.newBuilder(URI.create(server.url() + "/v6/auth/token"))
                        .header("Authorization", "Basic " + pair)
                        .POST(BodyPublishers.noBody())
                        .build(),
                BodyHandlers.ofString());
    }

    private static int call(Server server, String token) throws Exception {
        return HTTP.send(
                HttpRequest.newBuilder(URI.create(server.url() + "/v6/company/query"))
                        .header("Authorization", "Bearer " + token)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("{}"))
                        .build(),
                BodyHandlers.discarding())
                .statusCode();
    }
}
