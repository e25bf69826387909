package ephemera.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.client.Credentials;
import ephemera.acceptance.client.Draft;
import ephemera.acceptance.client.Reply;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** Section 3.25 of the contract: what an administrator changes holds for the next message; in an organization apart. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PolicyOfTheOrganizationHoldsAtOnce {
    private final Commands commands = TheServer.process().commands();
    private final String organization = commands.createOrganization("Strict Clinic");
    private final Somebody administrator = made("Ann Admin", "admin", "--admin");
    private final List<Somebody> people = commands.importPeople(organization, "strict", 3).stream()
            .map(each -> Somebody.at(TheServer.process().url(), each)).toList();
    private final Somebody sender = people.get(0);
    private final Somebody reader = people.get(1);

    private Somebody made(String name, String login, String... more) {
        String email = login + "@strict.example";
        String[] words = Stream.concat(Stream.of("user", "create", "--org", organization, "--name", name, "--email",
                email, "--json"), Stream.of(more)).toArray(String[]::new);
        JsonNode user = commands.run(words).json();
        JsonNode key = commands.run("key", "create", "--user", email, "--json").json();
        return Somebody.at(TheServer.process().url(), new Credentials(user.path("token").asString(),
                key.path("key").asString(), key.path("secret").asString()));
    }

    private Reply change(Somebody who, Map<String, ?> fields) {
        return who.tiger().post("/v2/organization/" + organization, fields);
    }

    private Reply sent(Draft draft) {
        return sender.tiger().send(draft);
    }

    @Test
    void lifespansAreKeptWithinTheNewBounds() {
        change(administrator, Map.of("ttl", 60, "ttl_min", 10, "ttl_max", "120")).expect(204);
        Map.of(-1, 60, 0, 60, 1, 10, 10, 10, 100, 100, 100_000, 120).forEach((asked, granted) -> {
            Reply reply = sent(Draft.to(reader.token(), "within").withTtl(asked)).expect(200);
            assertThat(reply.header("TT-X-Msg-Ttl")).as("%d asked", asked).contains(Integer.toString(granted));
        });
        assertThat(sender.tiger().sendPlain(reader.token(), "default").expect(204).header("TT-X-Msg-Ttl"))
                .contains("60");
        assertThat(settings().at("/settings").valueStream().filter(each -> each.path("name").asString().equals("ttl"))
                .map(each -> each.path("value").asString())).containsExactly("60");
        // An older message keeps what it was granted; a copy of it lives by the new rules.
        String old = sent(Draft.to(reader.token(), "granted").withTtl(120)).expect(200).messageId();
        change(administrator, Map.of("ttl_max", 90)).expect(204);
        assertThat(reader.message(old).path("ttl").asInt()).isEqualTo(120);
        String copy = reader.tiger().forward(old, sender.token()).expect(204).messageId();
        assertThat(sender.message(copy).path("ttl").asInt()).isEqualTo(90);
        change(administrator, Map.of("ttl", 5)).expect(400);
        change(administrator, Map.of("ttl_min", 100)).expect(400);
        change(administrator, Map.of("ttl", 43_200, "ttl_min", 1, "ttl_max", 525_600)).expect(204);
    }

    private JsonNode settings() {
        return sender.tiger().get("/v2/user/" + sender.token() + "/organization/" + organization).expect(200).reply();
    }

    @Test
    void forwardingMayBeForbidden() {
        String message = sent(Draft.to(reader.token(), "pass it on")).expect(200).messageId();
        change(administrator, Map.of("allow_msg_forward", false)).expect(204);
        assertThat(reader.tiger().forward(message, sender.token()).expect(403).errorMessage()).isNotEmpty();
        assertThat(settings().get("allow_msg_forward").asBoolean()).isFalse();
        change(administrator, Map.of("allow_msg_forward", true)).expect(204);
        reader.tiger().forward(message, sender.token()).expect(204);
    }

    @Test
    void deletionOnReadingMayBeTheRule() {
        change(administrator, Map.of("dor", "1")).expect(204);
        String message = sender.tiger().sendPlain(reader.token(), "once").expect(204).messageId();
        assertThat(reader.message(message).get("dor").asBoolean()).isTrue();
        reader.tiger().forward(message, sender.token()).expect(403);
        assertThat(settings().get("dor").asBoolean()).isTrue();
        String kept = sent(Draft.to(reader.token(), "kept").withDeleteOnRead(false)).expect(200).messageId();
        assertThat(reader.message(kept).get("dor").asBoolean()).isFalse();
        change(administrator, Map.of("dor", false)).expect(204);
        String again = sender.tiger().sendPlain(reader.token(), "kept").expect(204).messageId();
        assertThat(reader.message(again).get("dor").asBoolean()).isFalse();
    }

    @Test
    void attachmentsMayBeForbidden() {
        change(administrator, Map.of("attachments", 0)).expect(204);
        Draft draft = Draft.to(reader.token(), "with a file").withAttachment("a", "a/b", new byte[] {1});
        sent(draft).expect(403);
        sent(Draft.to(reader.token(), "without")).expect(200);
        change(administrator, Map.of("attachments", 1)).expect(204);
        sent(draft).expect(200);
    }

    @Test
    void onlyItsAdministratorsChangeAnOrganization() {
        change(sender, Map.of("name", "Taken over")).expect(403);
        change(Somebody.administrator(), Map.of("name", "Taken over")).expect(404);
        change(administrator, Map.of("name", "Strict Hospital")).expect(204);
        assertThat(settings().path("name").asString()).isEqualTo("Strict Hospital");
        sender.tiger().post("/v2/organization", Map.of("name", "Mine")).expect(403);
        String created = administrator.tiger().post("/v2/organization", Map.of("name", "Another")).expect(200, 201, 204)
                .header("TT-X-Organization-Key").orElse("");
        assertThat(created).matches("[0-9A-Za-z]{24}").isNotEqualTo(organization);
        // Who made it is not in it: it is seen as any other.
        administrator.tiger().get("/v2/user/" + sender.token() + "/organization/" + created).expect(404);
    }
}
