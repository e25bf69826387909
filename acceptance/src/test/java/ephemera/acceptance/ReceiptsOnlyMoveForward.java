package ephemera.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.client.Draft;
import ephemera.acceptance.client.Event;
import ephemera.acceptance.client.EventStream;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Sections 3.6, 3.7 and 5.5 of the contract: New, Delivered, Read, for each recipient and never back. */
class ReceiptsOnlyMoveForward {
    private final Somebody sender = Somebody.fresh();
    private final Somebody reader = Somebody.fresh();

    /** Gives the statuses that were told of a message so far, as far as a message that is sent now shows. */
    private List<String> told(EventStream stream, Somebody listener, String message) {
        String fence = Somebody.fresh().says(listener, "fence");
        stream.await(event -> event.messageId().equals(fence));
        return stream.received().stream().filter(event -> !event.isMessage() && event.messageId().equals(message))
                .map(event -> event.text("status")).toList();
    }

    @Test
    void eachStepIsToldOnceToTheSenderAndTheReadersDevices() {
        Draft draft = Draft.to(reader.token(), "step by step");
        String message = sender.tiger().send(draft).expect(200).messageId();
        try (EventStream senders = sender.live(); EventStream readers = reader.live()) {
            reader.tiger().delivered(message).expect(200);
            reader.tiger().delivered(message).expect(200);
            assertThat(sender.status(message, reader)).isEqualTo("Delivered");
            reader.tiger().read(message).expect(200);
            reader.tiger().read(message).expect(200);
            reader.tiger().delivered(message).expect(200);
            assertThat(sender.status(message, reader)).isEqualTo("Read");
            assertThat(told(senders, sender, message)).containsExactly("Delivered", "Read");
            assertThat(told(readers, reader, message)).containsExactly("Delivered", "Read");
            Event event = senders.await(each -> each.is("message:status"));
            assertThat(event.text("client_id")).isEqualTo(message);
            assertThat(event.text("account_id")).isEqualTo(reader.token());
            assertThat(event.text("timestamp")).endsWith("Z");
            assertThat(event.text("request_id")).isEqualTo(draft.requestId());
            assertThat(event.payload().get("is_recalled").asBoolean()).isFalse();
        }
        assertThat(sender.message(message).path("status").asString()).isEqualTo("Read");
        assertThat(reader.message(message).path("status").asString()).isEqualTo("Read");
    }

    @Test
    void readingImpliesDelivery() {
        String message = sender.says(reader, "at once");
        try (EventStream senders = sender.live()) {
            reader.tiger().read(message).expect(200);
            assertThat(told(senders, sender, message)).containsExactly("Read");
        }
        reader.tiger().post("/v2/message/status", Map.of("delivered", List.of(message), "read", List.of()))
                .expect(200);
        assertThat(sender.status(message, reader)).isEqualTo("Read");
    }

    @Test
    void oneCallMayMarkManyInAnyOrder() {
        List<String> messages = IntStream.range(0, 30).mapToObj(i -> sender.says(reader, "m" + i)).toList();
        List<String> read = IntStream.range(0, 30).filter(i -> i % 3 == 0).mapToObj(messages::get).toList();
        List<String> delivered = IntStream.range(0, 30).filter(i -> i % 2 == 0).mapToObj(messages::get).toList();
        reader.tiger().post("/v2/message/status", Map.of("delivered", delivered.reversed(), "read", read)).expect(200);
        for (int i = 0; i < 30; i++) {
            String expected = i % 3 == 0 ? "Read" : i % 2 == 0 ? "Delivered" : "New";
            assertThat(sender.status(messages.get(i), reader)).as("message %d", i).isEqualTo(expected);
        }
        reader.tiger().delivered(messages.toArray(String[]::new)).expect(200);
        for (int i = 0; i < 30; i++) {
            assertThat(sender.status(messages.get(i), reader)).isEqualTo(i % 3 == 0 ? "Read" : "Delivered");
        }
        assertThat(sender.replay().stream().filter(event -> event.text("status").equals("Delivered"))).hasSize(20);
    }

    @Test
    void whatIsUnknownOwnOrOthersIsPassedOver() {
        String message = sender.says(reader, "mine");
        String inGroup = sender.says(sender.group("Own", false, reader), "mine too");
        String unknown = UUID.randomUUID().toString();
        sender.tiger().read(message, inGroup, unknown, "nonsense", "").expect(200);
        Somebody.fresh().tiger().read(message, inGroup).expect(200);
        Somebody.stranger().tiger().read(message, inGroup).expect(200);
        assertThat(sender.status(message, reader)).isEqualTo("New");
        assertThat(sender.status(inGroup, reader)).isEqualTo("New");
        assertThat(sender.tiger().messageStatus(message).expect(200).reply().path("statuses")).hasSize(1);
        assertThat(sender.replay()).noneMatch(event -> event.name().endsWith("status"));
        reader.tiger().read(unknown, message).expect(200);
        assertThat(sender.status(message, reader)).isEqualTo("Read");
    }

    @Test
    void inAGroupEveryReaderHasAReceiptOfTheirOwn() {
        Somebody third = Somebody.fresh();
        String group = sender.group("Receipts", false, reader, third);
        String message = sender.says(group, "to all");
        try (EventStream senders = sender.live(); EventStream others = third.live()) {
            reader.tiger().read(message).expect(200);
            Event event = senders.await(each -> each.is("group:message:status"));
            assertThat(event.text("account_id")).isEqualTo(reader.token());
            assertThat(event.text("status")).isEqualTo("Read");
            assertThat(told(others, third, message)).as("readers are not told of each other").isEmpty();
        }
        assertThat(sender.status(message, reader)).isEqualTo("Read");
        assertThat(sender.status(message, third)).isEqualTo("New");
        assertThat(sender.status(message, sender)).isEmpty();
        assertThat(sender.message(message).path("status").asString()).as("as far as all have come").isEqualTo("New");
        assertThat(reader.message(message).path("status").asString()).isEqualTo("Read");
        assertThat(third.message(message).path("status").asString()).isEqualTo("New");
        third.tiger().delivered(message).expect(200);
        assertThat(sender.message(message).path("status").asString()).isEqualTo("Delivered");
    }

    @Test
    void aMessageWithoutAnyOtherReaderIsStillReadable() {
        String group = sender.group("Alone", false);
        String message = sender.says(group, "to nobody yet");
        assertThat(sender.message(message).path("body").asString()).isEqualTo("to nobody yet");
        assertThat(sender.tiger().messageStatus(message).expect(200).reply().path("statuses")).isEmpty();
        String own = sender.says(sender, "note to myself");
        sender.tiger().read(own).expect(200);
        assertThat(sender.message(own).path("status").asString()).isEqualTo("Read");
    }

    @Test
    void leavingDeletingAndComingBackUnreadsNothing() {
        String direct = sender.says(reader, "direct");
        String unread = sender.says(reader, "not read");
        String group = sender.group("Back", false, reader, Somebody.fresh());
        String inGroup = sender.says(group, "in the group");
        reader.tiger().read(direct, inGroup).expect(200);
        reader.tiger().leave(sender.token(), "account").expect(204);
        reader.tiger().leave(group, "group").expect(204);
        assertThat(sender.status(direct, reader)).isEqualTo("Read");
        assertThat(sender.status(unread, reader)).isEqualTo("New");
        assertThat(sender.message(direct).path("status").asString()).isEqualTo("Read");
        assertThat(sender.status(inGroup, reader)).isEqualTo("Read");
        sender.tiger().addMembers(group, reader.token()).expect(200);
        sender.says(reader, "again");
        assertThat(sender.status(direct, reader)).isEqualTo("Read");
        assertThat(sender.status(inGroup, reader)).isEqualTo("Read");
    }
}
