package ephemera.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.client.Credentials;
import ephemera.acceptance.client.Draft;
import ephemera.acceptance.client.Event;
import ephemera.acceptance.client.EventStream;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Section 3.1 of the contract: whoever has no account is reached by an address, and until then the message waits. */
class UnknownAddressBecomesAContact {
    private final Somebody sender = Somebody.fresh();
    private final String email = "patient-" + UUID.randomUUID() + "@example.org";

    private JsonNode receipt(String message) {
        JsonNode statuses = sender.tiger().messageStatus(message).expect(200).reply().path("statuses");
        assertThat(statuses).hasSize(1);
        return statuses.path(0);
    }

    @Test
    void aMessageToAnUnknownEMailWaitsForThatAddress() {
        sender.tiger().user(email).expect(404);
        try (EventStream stream = sender.live()) {
            JsonNode sent = sender.tiger().send(Draft.to(email, "your appointment")).expect(200).reply();
            String contact = sent.path("recipient_token").asString();
            assertThat(UUID.fromString(contact)).isNotNull();
            JsonNode receipt = receipt(sent.path("message_id").asString());
            assertThat(receipt.path("account_id").asString()).isEqualTo(contact);
            assertThat(receipt.path("status").asString()).isEqualTo("New");
            assertThat(receipt.path("delivery_status").asString()).isEqualTo("queued");
            assertThat(receipt.path("channel").asString()).isEqualTo("email");
            JsonNode friend = stream.await(event -> event.is("friends")).payload().path("friend");
            assertThat(friend.path("token").asString()).isEqualTo(contact);
            stream.await(Event::isMessage);
            // The same address is the same contact, however it is written.
            for (String written : new String[] {email, email.toUpperCase(Locale.ROOT), contact}) {
                assertThat(sender.tiger().send(written, "again").expect(200).reply().path("recipient_token")
                        .asString()).isEqualTo(contact);
            }
            assertThat(sender.tiger().user(email).expect(200).reply().path("token").asString()).isEqualTo(contact);
            assertThat(sender.roster()).containsExactly(contact);
        }
    }

    @Test
    void aMessageToAnUnknownPhoneWaitsForThatNumber() {
        String digits = "49151" + ThreadLocalRandom.current().nextLong(10_000_000, 99_999_999);
        JsonNode sent = sender.tiger().send("+" + digits, "your taxi").expect(200).reply();
        String contact = sent.path("recipient_token").asString();
        JsonNode receipt = receipt(sent.path("message_id").asString());
        assertThat(receipt.path("delivery_status").asString()).isEqualTo("queued");
        assertThat(receipt.path("channel").asString()).isEqualTo("sms");
        Stream.of(digits, "+" + digits.substring(0, 5) + " " + digits.substring(5), contact).forEach(
                written -> assertThat(sender.tiger().send(written, "again").expect(200).reply()
                        .path("recipient_token").asString()).as(written).isEqualTo(contact));
        assertThat(sender.tiger().user("+" + digits).expect(200).reply().at("/phones/0/number").asString())
                .isEqualTo("+" + digits);
    }

    @Test
    void nothingElseBecomesAContact() {
        for (String nobody : new String[] {UUID.randomUUID().toString(), "no-such-username", "123456", "a@", "@b",
            "a b@c d", "+", "x".repeat(300) + "@example.org"}) {
            assertThat(sender.tiger().send(nobody, "hello?").expect(400, 404).status()).isBetween(400, 404);
        }
        assertThat(sender.roster()).isEmpty();
    }

    @Test
    void whatIsRecalledWaitsNoMore() {
        String message = sender.says(email, "a mistake");
        sender.tiger().recall(message).expect(204);
        assertThat(receipt(message).has("delivery_status")).isFalse();
        sender.tiger().message(message).expect(404);
    }

    @Test
    void forwardsWaitToo() {
        String message = sender.says(Somebody.fresh(), "for somebody outside");
        String copy = sender.tiger().forward(message, email).expect(204).messageId();
        assertThat(receipt(copy).path("delivery_status").asString()).isEqualTo("queued");
    }

    @Test
    void contactsMayBeInGroups() {
        Somebody reader = Somebody.fresh();
        String contact = sender.tiger().send(email, "hello").expect(200).reply().path("recipient_token").asString();
        String group = sender.tiger().createGroup("Family", reader.token(), contact).expect(200).groupToken();
        String message = sender.says(group, "visiting hours");
        reader.tiger().read(message).expect(200);
        assertThat(sender.status(message, reader)).isEqualTo("Read");
        JsonNode waiting = sender.tiger().messageStatus(message).expect(200).reply().path("statuses").valueStream()
                .filter(each -> each.path("account_id").asString().equals(contact)).findFirst().orElseThrow();
        assertThat(waiting.path("delivery_status").asString()).isEqualTo("queued");
        assertThat(sender.receipt(message, reader).has("delivery_status")).isFalse();
        sender.tiger().addMembers(group, reader.token()).expect(200);
    }

    @Test
    void aContactWhoBecomesAMemberFindsTheMessages() {
        String message = sender.says(email, "sign up to read this");
        Commands commands = TheServer.process().commands();
        JsonNode user = commands.run("user", "create", "--org", TheServer.organization(), "--name", "Pat Patient",
                "--email", email, "--json").json();
        JsonNode key = commands.run("key", "create", "--user", email, "--json").json();
        Somebody patient = Somebody.at(sender.tiger().server(), new Credentials(user.path("token").asString(),
                key.path("key").asString(), key.path("secret").asString()));
        assertThat(patient.token()).isEqualTo(sender.message(message).path("recipient_token").asString());
        assertThat(patient.replayedBodies()).containsExactly("sign up to read this");
        assertThat(patient.message(message).path("body").asString()).isEqualTo("sign up to read this");
        patient.tiger().read(message).expect(200);
        assertThat(sender.status(message, patient)).isEqualTo("Read");
        String answer = sender.says(patient, "welcome");
        assertThat(sender.receipt(answer, patient).has("delivery_status")).isFalse();
        assertThat(patient.profile().path("display_name").asString()).isEqualTo("Pat Patient");
    }
}
