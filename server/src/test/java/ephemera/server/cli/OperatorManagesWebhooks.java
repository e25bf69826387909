package ephemera.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.server.store.embedded.CopiedDataFolder;
import ephemera.server.store.embedded.PostgresAccess;
import ephemera.server.store.embedded.StandaloneAccess;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

@Timeout(180)
class OperatorManagesWebhooks {

    private static final String CLIENT = UUID.randomUUID().toString();

    @TempDir
    private Path temp;

    private Shell shell;
    private String organization = "";
    private String member = "";

    @BeforeEach
    void makeAnApplication() throws Exception {
        shell = new Shell(CopiedDataFolder.at(temp.resolve("data")));
        organization = shell.organization("Office");
        member = shell.member(organization, "App", "app@office.example");
        execute(
                """
                INSERT INTO client (client_id, organization_id, person_id, name, secret_hash, redirects)
                VALUES (?, ?, ?, 'App', decode(repeat('00', 32), 'hex'), '{}')
                """,
                UUID.fromString(CLIENT), organization, UUID.fromString(member));
    }

    private void execute(String sql, Object... values) throws Exception {
        try (StandaloneAccess bundled = StandaloneAccess.open(shell.data(), false)) {
            PostgresAccess access = bundled.access();
            try (Connection connection =
                    DriverManager.getConnection(access.jdbcUrl(), access.user(), access.password());
                    PreparedStatement statement = connection.prepareStatement(sql)) {
                for (int i = 0; i < values.length; i++) {
                    statement.setObject(i + 1, values[i]);
                }
                statement.execute();
            }
        }
    }

    private JsonNode create() {
        return shell.run("webhook", "create", "--client", CLIENT, "--url", "https://1.1.1.1/hook", "--json").json();
    }

    @Test
    void andTheirSecretsAreToldOnce() {
        JsonNode made = create();
        String id = made.required("webhook").asString();
        String secret = made.required("secret").asString();
        assertThat(secret).matches("whsec_[0-9A-Za-z]{43}");
        assertThat(made.required("client").asString()).isEqualTo(CLIENT);
        assertThat(made.required("org").asString()).isEqualTo(organization);

        Shell.Outcome list = shell.run("webhook", "list", "--json");
        assertThat(list.out()).doesNotContain(secret, "whsec_");
        assertThat(list.json().required("url").asString()).isEqualTo("https://1.1.1.1/hook");
        assertThat(list.json().required("secrets").asInt()).isEqualTo(1);

        assertThat(shell.run("webhook", "retire", id).err()).contains("rotate");
        String second = shell.run("webhook", "rotate", id, "--json").json().required("secret").asString();
        assertThat(second).isNotEqualTo(secret);
        assertThat(shell.run("webhook", "rotate", id).err()).contains("retire");
        assertThat(shell.run("webhook", "retire", id).code()).isZero();
        assertThat(shell.run("webhook", "list", "--json").json().required("secrets").asInt()).isEqualTo(1);

        assertThat(shell.run("webhook", "delete", id).code()).isZero();
        assertThat(shell.run("webhook", "list").out()).isEmpty();
        assertThat(shell.run("webhook", "delete", id).err()).contains("webhook list");
    }

    @Test
    void butNotWhereNoneMayBe() {
        assertThat(shell.run("webhook", "create", "--client", CLIENT, "--url", "http://1.1.1.1/").err())
                .contains("https");
        assertThat(shell.run("webhook", "create", "--client", CLIENT, "--url", "https://127.0.0.1/").err())
                .contains("not public", "webhooks.allow");
        assertThat(shell.run("webhook", "create", "--client", CLIENT, "--url", "https://1.1.1.1:22/").err())
                .contains("443");
        assertThat(shell.run("webhook", "create", "--client", CLIENT, "--url", "nowhere").err()).contains("no URL");
        assertThat(shell.run("webhook", "create", "--client", "nobody", "--url", "https://1.1.1.1/").err())
                .contains("There is no client nobody");
        assertThat(shell.run("webhook", "rotate", "x").err()).contains("not the id of a webhook");
        assertThat(shell.run("webhook", "list").out()).isEmpty();
        assertThat(shell.run(
                "webhook", "create", "--client", CLIENT, "--url", "http://127.0.0.1:9000/", "--set",
                "webhooks.insecure=true", "--set", "webhooks.allow=127.0.0.0/8")
                .code())
                .isZero();
    }

    @Test
    void andTheyEndWithTheirApplication() throws Exception {
        create();
        assertThat(shell.run("client", "revoke", CLIENT).code()).isZero();
        assertThat(shell.run("webhook", "list").out()).isEmpty();
        assertThat(shell.run("webhook", "create", "--client", CLIENT, "--url", "https://1.1.1.1/hook").err())
                .contains("There is no client");
    }

    @Test
    void andWhatWasGivenUp() throws Exception {
        String id = create().required("webhook").asString();
        UUID delivery = UUID.randomUUID();
        execute(
                """
                INSERT INTO webhook_delivery (
                       delivery_id, webhook_id, epoch, position, organization_id, kind, entity_id, editor_id,
                       changed_at, ended_at, attempts, status, state, trouble)
                VALUES (?, ?, 1, 1, ?, 'MESSAGE', gen_random_uuid(), ?, now(), now(), 1, 404, 'DEAD', 'REFUSED')
                """,
                delivery, UUID.fromString(id), organization, UUID.fromString(member));
        JsonNode dead = shell.run("webhook", "dead", "--webhook", id, "--json").json();
        assertThat(dead.required("delivery").asString()).isEqualTo(delivery.toString());
        assertThat(dead.required("trouble").asString()).isEqualTo("refused");
        assertThat(dead.required("status").asInt()).isEqualTo(404);
        assertThat(shell.run("webhook", "replay", UUID.randomUUID().toString()).err()).contains("no dead delivery");
        assertThat(shell.run("webhook", "replay").code()).isNotZero();
        assertThat(shell.run("webhook", "replay", delivery.toString(), "--json").json().required("replayed").asString())
                .isEqualTo("1");
        assertThat(shell.run("webhook", "dead").out()).isEmpty();
        assertThat(shell.run("webhook", "replay", "--all", "--json").json().required("replayed").asString())
                .isEqualTo("0");
    }
}
