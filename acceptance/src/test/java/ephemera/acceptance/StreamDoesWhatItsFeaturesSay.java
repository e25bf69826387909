package ephemera.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.client.Event;
import ephemera.acceptance.client.EventStream;
import ephemera.acceptance.client.Tiger;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Section 4.2 of the contract: each feature that a client may ask of its stream. */
class StreamDoesWhatItsFeaturesSay {
    private final Somebody sender = Somebody.fresh();
    private final Somebody reader = Somebody.fresh();

    @Test
    void autoAckAcknowledgesWhatIsWritten() {
        sender.says(reader, "waiting");
        try (EventStream stream = reader.live("auto-ack")) {
            sender.says(reader, "live");
            stream.await(event -> event.text("body").equals("live"));
        }
        Somebody.until("what was written is acknowledged", () -> reader.replay().isEmpty());
        sender.says(reader, "later");
        assertThat(reader.replayedBodies()).containsExactly("later");
        // The stream that is over by itself has told everything, and that counts.
        assertThat(reader.whole("auto-ack", "close-after-messages")).anyMatch(Event::isMessage);
        Somebody.until("what was replayed is acknowledged", () -> reader.replay().isEmpty());
    }

    @Test
    void autoDeliverMarksWhatIsWritten() {
        String waiting = sender.says(reader, "waiting");
        String own = reader.says(sender, "own");
        try (EventStream told = sender.live(); EventStream stream = reader.live("auto-deliver")) {
            String live = sender.says(reader, "live");
            for (String id : List.of(waiting, live)) {
                Event event = told.await(each -> each.is("message:status") && each.messageId().equals(id));
                assertThat(event.text("status")).isEqualTo("Delivered");
                assertThat(event.text("account_id")).isEqualTo(reader.token());
                stream.await(each -> each.is("message:status") && each.messageId().equals(id));
                assertThat(sender.status(id, reader)).isEqualTo("Delivered");
            }
        }
        assertThat(reader.status(own, sender)).isEqualTo("New");
        assertThat(reader.replayedBodies()).as("delivered is not acknowledged").contains("waiting", "live");
    }

    @Test
    void nothingIsDeliveredOrAcknowledgedByItself() {
        String id = sender.says(reader, "untouched");
        try (EventStream stream = reader.live("is-typing", "heartbeat_1")) {
            stream.await(event -> event.is("sse:heartbeat"));
        }
        assertThat(sender.status(id, reader)).isEqualTo("New");
        assertThat(reader.replayedBodies()).containsExactly("untouched");
    }

    @Test
    void typingIsToldOnlyToThoseWhoAsk() {
        Somebody third = Somebody.fresh();
        String group = sender.group("Typing", false, reader, third);
        try (EventStream asking = reader.liveForTyping(); EventStream silent = third.live("heartbeat_5");
                EventStream own = sender.live("is-typing")) {
            sender.tiger().typing(reader.token()).expect(204);
            Event direct = typing(asking);
            assertThat(direct.text("status")).isEqualTo("typing");
            assertThat(direct.text("org_token")).isEqualTo(TheServer.organization());
            assertThat(direct.payload().get("is_group").asBoolean()).isFalse();
            assertThat(direct.payload().has("group_token")).isFalse();
            assertThat(direct.lastEventId()).as("typing has no place in the journal").isEmpty();
            sender.tiger().typing(group).expect(204);
            Event inGroup = typing(asking);
            assertThat(inGroup.text("group_token")).isEqualTo(group);
            assertThat(inGroup.payload().get("is_group").asBoolean()).isTrue();
            sender.tiger().typingStopped(group).expect(204);
            assertThat(typing(asking).text("status")).isEqualTo("stopped");
            String fence = sender.says(group, "fence");
            for (EventStream other : List.of(silent, own)) {
                other.await(event -> event.messageId().equals(fence));
                assertThat(other.received()).noneMatch(event -> event.is("message:is_typing"));
            }
        }
        assertThat(reader.replay()).noneMatch(event -> event.is("message:is_typing"));
        sender.tiger().typing("nobody@example.org").expect(404);
        Somebody.fresh().tiger().typing(group).expect(403);
    }

    /** Takes what a stream tells next of the sender's typing. */
    private Event typing(EventStream stream) {
        return stream.next(event -> event.is("message:is_typing") && event.text("sender_token").equals(sender.token()));
    }

    @Test
    void noOfflineMessagesBeginsLiveAndLeavesTheRest() {
        sender.says(reader, "waiting");
        try (EventStream stream = reader.live("no-offline-messages")) {
            assertThat(stream.received().getFirst().payload().at("/advisory/replay_message_count").asInt()).isZero();
            String live = sender.says(reader, "live");
            Event event = stream.await(each -> each.messageId().equals(live));
            assertThat(stream.messages()).hasSize(1);
            reader.tiger().acknowledge(List.of(event.id())).expect(204);
        }
        assertThat(reader.replayedBodies()).containsExactly("waiting");
    }

    @Test
    void closeAfterMessagesEndsBehindTheReplay() {
        sender.says(reader, "waiting");
        try (EventStream stream = reader.tiger().events("close-after-messages")) {
            assertThat(stream.awaitEnd()).isEqualTo("closed by the server");
            assertThat(stream.received().getLast().isAdvisory("replay_stop")).isTrue();
            assertThat(stream.messages()).hasSize(1);
        }
        assertThat(reader.tiger().closeStreams().expect(200).reply().path("count").asInt()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "auto-ack"})
    void singleConversationTellsItsMessagesAndLeavesTheOthers(String more) {
        Somebody other = Somebody.fresh();
        String group = sender.group("Single", false, reader);
        for (String conversation : List.of(group, sender.token())) {
            reader.caughtUp();
            String name = conversation.equals(group) ? "group" : "direct";
            sender.says(conversation.equals(group) ? group : reader.token(), name + " waits");
            other.says(reader, "other waits");
            try (EventStream stream = reader.live("single_conversation:" + conversation, more)) {
                assertThat(stream.received().getFirst().payload().at("/advisory/replay_message_count").asLong())
                        .isEqualTo(stream.received().stream().filter(event -> !event.isControl()).count());
                other.says(reader, "other is live");
                String last = sender.says(conversation.equals(group) ? group : reader.token(), name + " is live");
                stream.await(event -> event.messageId().equals(last));
                assertThat(stream.messages().stream().map(event -> event.text("body"))).containsExactly(
                        name + " waits", name + " is live");
                if (more.isEmpty()) {
                    stream.acknowledgeAll();
                }
            }
            Somebody.until("what was told is acknowledged", () -> reader.replayedBodies().size() == 2);
            assertThat(reader.replayedBodies()).containsExactly("other waits", "other is live");
        }
    }

    @Test
    void featuresAreTakenFromHeaderAndQueryAndUnknownOnesChangeNothing() {
        sender.says(reader, "waiting");
        String query = "features=heartbeat_5,is-typing,msg_delivery_delay:0,multi-org,hidden,can-confirm,vwr,"
                + "keep_alive_15_1,dl_sender_event,no-such-feature,heartbeat_x,,single_conversation:nonsense";
        for (String path : List.of("/v2/events?" + query, "/v2/events?TT-X-Features=is-typing",
                "/v2/events?" + query.replace(",", "%2C"))) {
            try (EventStream stream = EventStream.open(reader.tiger(), path, Map.of())) {
                stream.untilLive();
                assertThat(stream.messages()).as(path).hasSize(1);
                reader.toldOfTyping(stream);
            }
        }
    }

    @Test
    void credentialsMayStandInTheQueryOfAStreamOnly() {
        sender.says(reader, "waiting");
        String basic = Tiger.encoded(reader.credentials().basic().substring("Basic ".length()));
        Tiger nobody = TheServer.anybody();
        for (String query : List.of("auth_basic=" + basic, "auth_bearer=" + basic + "&udid=u", "auth=" + basic)) {
            try (EventStream stream = EventStream.open(nobody, "/v2/events?" + query + "&features=is-typing",
                    Map.of("Accept", "text/event-stream"))) {
                assertThat(stream.untilLive().messages()).hasSize(1);
            }
            nobody.get("/v2/user?" + query).expect(401);
            nobody.get("/v2/roster?" + query).expect(401);
            nobody.delete("/v2/events?" + query).expect(401);
        }
        nobody.get("/v2/events?auth_basic=bm9ib2R5Om5vdGhpbmc%3D").expect(401);
        nobody.get("/v2/events?auth_basic=").expect(401);
        nobody.get("/v2/events").expect(401);
    }
}
