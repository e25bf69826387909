package ephemera.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.client.Draft;
import ephemera.acceptance.client.Event;
import ephemera.acceptance.client.EventStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Section 3.3 of the contract: what a sender takes back is gone for all, and all are told. */
class RecallTakesAMessageFromEverybody {
    private static final byte[] FILE = "the plan".getBytes(StandardCharsets.UTF_8);

    private final Somebody sender = Somebody.fresh();
    private final Somebody reader = Somebody.fresh();

    private String sent(String recipient) {
        return sender.tiger().send(Draft.to(recipient, "taken back").withAttachment("plan.txt", "text/plain", FILE)
                .withData("ns:x", "{}")).expect(200).messageId();
    }

    private static void isGone(Somebody viewer, String message) {
        viewer.tiger().message(message).expect(404);
        viewer.tiger().attachment(message).expect(404);
        viewer.tiger().forward(message, viewer.token()).expect(404);
        assertThat(viewer.replay()).noneMatch(event -> event.isMessage() && event.messageId().equals(message));
        assertThat(viewer.tiger().messageStatus(message).expect(200).reply().get("is_recalled").asBoolean()).isTrue();
    }

    private static void isToldAsRecalled(EventStream stream, String name, String message) {
        Event event = stream.await(each -> each.name().equals(name) && each.messageId().equals(message)
                && each.payload().get("is_recalled").asBoolean());
        assertThat(event.text("client_id")).isEqualTo(message);
        assertThat(event.text("request_id")).isNotEmpty();
    }

    @Test
    void bothLoseADirectMessage() {
        String message = sent(reader.token());
        reader.tiger().read(message).expect(200);
        try (EventStream own = sender.live(); EventStream other = reader.live()) {
            sender.tiger().recall(message).expect(204);
            isToldAsRecalled(own, "message:status", message);
            isToldAsRecalled(other, "message:status", message);
        }
        List.of(sender, reader).forEach(each -> isGone(each, message));
        sender.tiger().recall(message).expect(204);
        // Receipts of what is gone move no more.
        reader.tiger().delivered(message).expect(200);
    }

    @Test
    void allMembersLoseAGroupMessage() {
        Somebody third = Somebody.fresh();
        String group = sender.group("Recall", true, reader, third);
        String message = sent(group);
        String stays = sender.says(group, "stays");
        try (EventStream own = sender.live(); EventStream other = reader.live()) {
            sender.tiger().recall(message).expect(204);
            isToldAsRecalled(own, "group:message:status", message);
            isToldAsRecalled(other, "group:message:status", message);
        }
        // Who was away is told of the recall, but not of the message.
        assertThat(third.replay()).anyMatch(event -> event.is("group:message:status")
                && event.messageId().equals(message));
        List.of(sender, reader, third).forEach(each -> isGone(each, message));
        Somebody newcomer = Somebody.fresh();
        sender.tiger().addMembers(group, newcomer.token()).expect(200);
        assertThat(newcomer.replayedBodies()).containsExactly("stays");
        assertThat(newcomer.message(stays).path("body").asString()).isEqualTo("stays");
    }

    @Test
    void aForwardedCopyStays() {
        String message = sent(reader.token());
        Somebody third = Somebody.fresh();
        String copy = reader.tiger().forward(message, third.token()).expect(204).messageId();
        sender.tiger().recall(message).expect(204);
        assertThat(third.message(copy).path("body").asString()).isEqualTo("taken back");
        assertThat(third.tiger().attachment(copy).expect(200).body()).isEqualTo(FILE);
        // The copy is the forwarder's to take back, not the first sender's.
        sender.tiger().recall(copy).expect(403);
        reader.tiger().recall(copy).expect(204);
        isGone(third, copy);
    }

    @Test
    void onlyTheSenderMayRecall() {
        String message = sent(reader.token());
        String group = sender.group("Recall by others", false, reader);
        String inGroup = sent(group);
        for (String each : List.of(message, inGroup)) {
            assertThat(reader.tiger().recall(each).expect(403).errorMessage()).isNotEmpty();
            Somebody.fresh().tiger().recall(each).expect(403);
            Somebody.administrator().tiger().recall(each).expect(403);
            Somebody.stranger().tiger().recall(each).expect(404);
            reader.message(each);
        }
        sender.tiger().recall(UUID.randomUUID().toString()).expect(404);
        sender.tiger().recall("nonsense").expect(404);
    }

    @Test
    void whoLeftTheGroupMayStillTakeBackWhatTheySaid() {
        String group = sender.group("Left", false, reader);
        String message = sent(group);
        sender.tiger().leave(group, "group").expect(204);
        sender.tiger().recall(message).expect(204);
        reader.tiger().message(message).expect(404);
    }
}
