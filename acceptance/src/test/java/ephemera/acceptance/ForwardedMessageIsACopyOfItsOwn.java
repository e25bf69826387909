package ephemera.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.client.Draft;
import ephemera.acceptance.client.Event;
import ephemera.acceptance.client.EventStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Section 3.5 of the contract: what is copied, what it tells of its origin, and what may not be forwarded. */
class ForwardedMessageIsACopyOfItsOwn {
    private static final byte[] FILE = "the x-ray".getBytes(StandardCharsets.UTF_8);

    private final Somebody author = Somebody.fresh();
    private final Somebody forwarder = Somebody.fresh();
    private final Somebody reader = Somebody.fresh();

    private String original() {
        return author.tiger().send(Draft.to(forwarder.token(), "original").withTtl(90).withPriority(1)
                .withData("ns:x", "{\"a\":1}").withAttachment("x-ray.png", "image/png", FILE)).expect(200).messageId();
    }

    private void tellsItsOrigin(JsonNode copy, String original) {
        JsonNode first = author.message(original);
        assertThat(copy.get("is_forwarded").asBoolean()).isTrue();
        assertThat(copy.path("original_sender").asString()).isEqualTo(author.token());
        assertThat(copy.path("original_sender_display_name").asString())
                .isEqualTo(author.profile().path("display_name").asString());
        assertThat(copy.path("original_timestamp").asString()).isEqualTo(first.path("created_time").asString());
        assertThat(copy.path("original_msg_id").asString()).isEqualTo(original);
        assertThat(copy.path("original_data")).isEqualTo(first.path("data"));
        assertThat(copy.path("body").asString()).isEqualTo("original");
        assertThat(copy.path("attachments")).isEqualTo(first.path("attachments"));
        assertThat(copy.path("attachment_name").asString()).isEqualTo("x-ray.png");
    }

    @Test
    void bodyAndAttachmentAreCopiedAndTheOriginIsTold() {
        String original = original();
        String group = forwarder.group("Consult", false, reader);
        for (String recipient : List.of(reader.token(), group)) {
            try (EventStream stream = reader.live()) {
                String copy = forwarder.tiger().forward(original, recipient).expect(204).messageId();
                assertThat(copy).isNotEqualTo(original);
                Event event = stream.await(each -> each.isMessage() && each.messageId().equals(copy));
                assertThat(event.name()).isEqualTo(recipient.equals(group) ? "group_message" : "message");
                tellsItsOrigin(event.payload(), original);
                tellsItsOrigin(reader.message(copy), original);
                JsonNode message = forwarder.message(copy);
                assertThat(message.path("sender_token").asString()).isEqualTo(forwarder.token());
                assertThat(message.path(recipient.equals(group) ? "group_token" : "recipient_token").asString())
                        .isEqualTo(recipient);
                assertThat(message.path("ttl").asInt()).as("what the author granted").isEqualTo(90);
                assertThat(message.path("status").asString()).isEqualTo("New");
                assertThat(reader.tiger().attachment(copy).expect(200).body()).isEqualTo(FILE);
            }
        }
        author.tiger().message(original).expect(200);
        assertThat(author.message(original).get("is_forwarded").asBoolean()).isFalse();
    }

    @Test
    void whatIsForwardedAgainStillNamesItsAuthor() {
        String original = original();
        String once = forwarder.tiger().forward(original, reader.token()).expect(204).messageId();
        Somebody last = Somebody.fresh();
        String twice = reader.tiger().forward(once, last.token()).expect(204).messageId();
        tellsItsOrigin(last.message(twice), original);
        assertThat(last.tiger().attachment(twice).expect(200).body()).isEqualTo(FILE);
    }

    @Test
    void theRecipientMayBeNamedInEveryForm() {
        String path = "/v2/message/" + original() + "/forward";
        for (Map<String, Object> body : List.<Map<String, Object>>of(Map.of("recipient", reader.token()),
                Map.of("recipient_token", reader.token()), Map.of("recipient", reader.email(), "priority", 1, "data",
                        List.of(Map.of("mimetype", "application/json", "namespace", "ns:f", "payload", "{}"))))) {
            String copy = forwarder.tiger().in(TheServer.organization()).post(path, body).expect(204).messageId();
            JsonNode message = reader.message(copy);
            assertThat(message.path("recipient_token").asString()).isEqualTo(reader.token());
            assertThat(message.path("priority").asInt()).isEqualTo(body.containsKey("priority") ? 1 : 0);
            assertThat(message.path("data")).hasSize(body.containsKey("data") ? 1 : 0);
        }
        String query = path + "/?recipient_token=" + reader.token();
        reader.message(forwarder.tiger().post(query, Map.of()).expect(204).messageId());
        forwarder.tiger().post(path, Map.of()).expect(400);
    }

    @Test
    void whatIsDeletedOnReadingIsNeverForwarded() {
        String secret = author.tiger().send(Draft.to(forwarder.token(), "once").withDeleteOnRead(true)).expect(200)
                .messageId();
        assertThat(forwarder.tiger().forward(secret, reader.token()).expect(403).errorMessage()).isNotEmpty();
        author.tiger().forward(secret, reader.token()).expect(403);
        assertThat(reader.replay()).isEmpty();
    }

    @Test
    void onlyWhoSeesAMessageMayForwardItAndOnlyToWhomTheyMayWrite() {
        String original = original();
        reader.tiger().forward(original, author.token()).expect(403);
        Somebody.stranger().tiger().forward(original, reader.token()).expect(404);
        forwarder.tiger().forward(original, Somebody.stranger().token()).expect(404);
        String others = author.group("Others", false, reader);
        forwarder.tiger().forward(original, others).expect(403);
        assertThat(reader.replayedBodies()).isEmpty();
    }
}
