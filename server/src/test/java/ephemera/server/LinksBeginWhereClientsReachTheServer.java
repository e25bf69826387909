package ephemera.server;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.directory.ClientEnrolment;
import ephemera.core.directory.Enrolment;
import ephemera.core.directory.Organization;
import ephemera.core.directory.Person;
import ephemera.core.directory.Policy;
import ephemera.server.config.Config;
import ephemera.server.store.embedded.CopiedDataFolder;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class LinksBeginWhereClientsReachTheServer {

    private static final String PUBLIC = "https://chat.example.org";

    @TempDir
    Path temp;

    /** Whatever a client says of the host that it called, which a proxy may pass on. */
    private static Request request(HttpClient connection, Server server, String method, String path) {
        return new Request(connection, server.url(), method, path)
                .with("X-Forwarded-Host", "evil.example")
                .with("X-Forwarded-Proto", "gopher");
    }

    @Test
    void notWhereTheServerListens() {
        Config config = Config.load(
                Optional.empty(),
                Map.of(),
                Map.of(
                        "data", CopiedDataFolder.at(temp.resolve("data")).toString(), "http.port", "0",
                        "http.public-url", PUBLIC, "http.trusted-proxies", "127.0.0.1"));
        try (Server server = Server.start(config);
                HttpClient connection = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            assertThat(server.url()).startsWith("http://127.0.0.1:");
            Organization clinic = server.enrolment().organization("Clinic", Policy.DEFAULT);
            Enrolment.Newcomer alice = new Enrolment.Newcomer(
                    "Alice", Optional.empty(), Optional.empty(), Optional.of("alice"), Person.Standing.MEMBER);
            Person person = server.enrolment().member(clinic.id(), alice);
            String key = OneServer.basic(server.signIn().issueKey(person.id()));
            assertThat(request(connection, server, "POST", "/v2/group")
                    .with("Authorization", key)
                    .upload("name", "Group", "avatar", "\u0089PNG")
                    .send()
                    .header("TT-X-Group-Avatar"))
                    .hasValueSatisfying(link -> assertThat(link).startsWith(PUBLIC + "/v2/avatar/"));

            ClientEnrolment.Enrolled client =
                    server.clientEnrolment().client(clinic.id(), "Application", List.of());
            String token = "Bearer " + request(connection, server, "POST", "/v6/auth/token")
                    .with("Authorization", OneServer.basic(client))
                    .send()
                    .json()
                    .required("access_token")
                    .asString();
            JsonNode file = request(connection, server, "POST", "/v6/attachments/upload")
                    .with("Authorization", token)
                    .upload("x", "y", "file", "text")
                    .send()
                    .json()
                    .required("data");
            assertThat(file.required("url").asString()).startsWith(PUBLIC + "/v6/attachments/att_");
            assertThat(file.required("iconUrl").asString()).isEqualTo(PUBLIC + "/v6/icons/text.svg");
            JsonNode company = request(connection, server, "POST", "/v6/company")
                    .with("Authorization", token)
                    .json("{\"name\":\"Shop\"}")
                    .send()
                    .json()
                    .required("data");
            assertThat(company.required("readyToLaunchUrl").asString()).isEqualTo(PUBLIC + "/");
        }
    }
}
