package ephemera.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ephemera.acceptance.client.Draft;
import ephemera.acceptance.client.Event;
import ephemera.acceptance.client.EventStream;
import ephemera.acceptance.client.Multipart;
import ephemera.acceptance.client.RawHttp;
import ephemera.acceptance.client.Reply;
import ephemera.acceptance.client.Tiger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Traps 1 to 4, 11 and 12 of the contract: what ends a published client's stream, or is silently ignored by it. */
class StreamIsWrittenAsPublishedClientsReadIt {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration TICK = Duration.ofMillis(100);
    private static final String CONTROL = "00000000-0000-0000-0000-000000000001";

    /** Asks for a stream on a socket and gives it as it came; the server ends it after the replay. */
    private static Reply rawStream(Somebody reader, String path, String headers) {
        return RawHttp.exchange(reader.tiger().server(), "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n"
                + "Authorization: " + reader.credentials().basic() + "\r\nTT-X-Features: close-after-messages\r\n"
                + headers + "\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "",
        "Accept: text/event-stream\r\nCache-Control: no-cache\r\n",
        "Accept: application/json\r\n",
        "Accept: text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2\r\nAccept-Encoding: gzip, deflate\r\n",
        "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
    })
    void contentTypeIsExactlyTheOneThatClientsCompare(String headers) {
        Reply stream = rawStream(Somebody.fresh(), "/v2/events", headers);
        assertThat(stream.status()).isEqualTo(200);
        assertThat(stream.headers().get("content-type")).containsExactly("text/event-stream");
        assertThat(stream.headers().get("cache-control")).containsExactly("no-cache");
        assertThat(stream.headers().get("x-accel-buffering")).as("no proxy collects it").containsExactly("no");
        assertThat(stream.headers()).doesNotContainKey("content-encoding");
    }

    @Test
    void streamsOpenUnderAllPathsThatClientsUse() {
        Somebody reader = Somebody.fresh();
        for (String path : List.of("/v2/events", "/v2/events/", "/v2/events?lastEventId=",
                "/v2/events/?features=heartbeat_5,is-typing,msg_delivery_delay:0,multi-org,close-after-messages")) {
            assertThat(rawStream(reader, path, "").status()).as(path).isEqualTo(200);
        }
    }

    @Test
    void heartbeatsAreDataAndNeverFurtherApartThanClientsBear() {
        Somebody reader = Somebody.fresh();
        try (EventStream plain = reader.live(); EventStream fast = reader.live("heartbeat_5");
                EventStream fastest = reader.live("heartbeat_1")) {
            assertThat(heartbeats(plain, 1, Duration.ofSeconds(8)).getFirst().id()).isEqualTo(CONTROL);
            // In the time of one of seven seconds there was one of five, and many of one.
            heartbeats(fastest, 4, Duration.ofSeconds(1));
            heartbeats(fast, 2, Duration.ofSeconds(4));
        }
    }

    /** Waits for so many heartbeats so long, not counting the time in which this process did not run. */
    private static List<Event> heartbeats(EventStream stream, int count, Duration longest) {
        long left = longest.dividedBy(TICK);
        while (true) {
            List<Event> all = stream.received().stream().filter(event -> event.is("sse:heartbeat")).toList();
            if (all.size() >= count) {
                return all;
            }
            assertThat(left--).as("what is left of %s for %d heartbeats", longest, count).isPositive();
            LockSupport.parkNanos(TICK.toNanos());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"two\nlines", "two\r\nlines", "a lone \r return", "data: {}\n\ndata: {}\n\n", "event: x",
        "\u2028 and \u2029 and \u0085", "quotes \" and \\ and </script>", "\ud83d\ude80 beyond the basic plane",
        "\u0001\u001f\u007f", "tab\tand \ufeff mark"})
    void everyEventIsOneObjectOnOneLineWhateverItSays(String body) {
        Somebody sender = Somebody.fresh();
        Somebody reader = Somebody.fresh();
        sender.tiger().send(Draft.to(reader.token(), body).withData("ns:x", "{\"a\":\"\n\"}")).expect(200);
        Reply stream = rawStream(reader, "/v2/events", "");
        String text = stream.text();
        assertThat(text).endsWith("\n\n").doesNotContain("\r");
        List<String> bodies = new ArrayList<>();
        for (String frame : text.split("\n\n")) {
            List<String> lines = Arrays.asList(frame.split("\n"));
            assertThat(lines).filteredOn(line -> line.startsWith("data: ")).as(frame).hasSize(1);
            assertThat(lines).as(frame).allMatch(line -> line.startsWith("data: ") || line.startsWith("id: "));
            JsonNode event = JSON.readTree(lines.getLast().substring(6));
            assertThat(event.propertyNames()).containsExactlyInAnyOrder("event_id", "event");
            assertThat(event.get("event").propertyNames()).hasSize(1)
                    .allMatch(name -> name.startsWith("tigertext:iq:"));
            event.get("event").forEach(payload -> {
                if (payload.has("body")) {
                    bodies.add(payload.get("body").asString());
                }
            });
        }
        assertThat(bodies).containsExactly(body);
    }

    @Test
    void messageEventHasEveryFieldThatAClientReads() {
        Somebody sender = Somebody.fresh();
        Somebody reader = Somebody.fresh();
        Draft draft = Draft.to(reader.token(), "complete").withTtl(60).withPriority(1).withDeleteOnRead(true)
                .withData("ns:x", "{\"a\":1}");
        String id = sender.tiger().in(TheServer.organization()).send(draft).expect(200).messageId();
        Event event = reader.replay().stream().filter(Event::isMessage).findFirst().orElseThrow();
        assertThat(event.name()).isEqualTo("message");
        assertThat(UUID.fromString(event.id())).isNotNull();
        Map.of("message_id", id, "client_id", id, "sender_token", sender.token(), "sender", sender.token(),
                "recipient_token", reader.token(), "recipient", reader.token(), "request_id", draft.requestId(),
                "sender_organization", TheServer.organization(), "xmlns", "tigertext:iq:message").forEach(
                        (field, value) -> assertThat(event.text(field)).as(field).isEqualTo(value));
        assertThat(event.text("recipient_organization")).isEqualTo(TheServer.organization());
        assertThat(event.text("sender_display_name")).isEqualTo(sender.profile().path("display_name").asString());
        assertThat(event.text("body")).isEqualTo("complete");
        assertThat(event.text("status")).isEqualTo("New");
        JsonNode payload = event.payload();
        assertThat(payload.has("group_token")).isFalse();
        assertThat(payload.path("ttl").asInt()).isEqualTo(60);
        assertThat(payload.path("expire_in").asInt()).isCloseTo(3_600, within(60));
        assertThat(payload.path("dor").asBoolean()).isTrue();
        assertThat(payload.path("priority").asInt()).isEqualTo(1);
        assertThat(payload.path("sort_number").asLong()).isPositive();
        assertThat(payload.path("sort_series").asLong()).isPositive();
        assertThat(payload.get("is_forwarded").asBoolean()).isFalse();
        assertThat(payload.get("attachments").isArray()).isTrue();
        assertThat(payload.at("/data/0/mimetype").asString()).isEqualTo("application/json");
        assertThat(payload.at("/data/0/namespace").asString()).isEqualTo("ns:x");
        assertThat(payload.at("/data/0/payload").asString()).isEqualTo("{\"a\":1}");
        assertThat(Duration.between(Instant.parse(event.text("created_time")), Instant.now()).abs())
                .isLessThan(Duration.ofMinutes(1));
    }

    @Test
    void groupMessageHasAGroupAndNoRecipient() {
        Somebody sender = Somebody.fresh();
        Somebody reader = Somebody.fresh();
        String group = sender.group("Ward", false, reader);
        sender.says(group, "round");
        Event event = reader.replay().stream().filter(Event::isMessage).findFirst().orElseThrow();
        assertThat(event.name()).isEqualTo("group_message");
        assertThat(event.text("xmlns")).isEqualTo("tigertext:iq:group_message");
        assertThat(event.text("group_token")).isEqualTo(group);
        assertThat(event.payload().has("recipient_token")).isFalse();
    }

    @Test
    void everyIdIsOfOneEventExceptThatOfControlEvents() {
        Somebody sender = Somebody.fresh();
        Somebody reader = Somebody.fresh();
        String group = sender.group("Ids", true, reader);
        for (int i = 0; i < 5; i++) {
            reader.tiger().read(sender.says(reader, "direct " + i), sender.says(group, "group " + i)).expect(200);
        }
        try (EventStream stream = reader.live()) {
            List<Event> durable = stream.received().stream().filter(event -> !event.isControl()).toList();
            assertThat(new HashSet<>(durable.stream().map(Event::id).toList())).hasSameSizeAs(durable)
                    .doesNotContain(CONTROL);
            assertThat(durable).allMatch(event -> !event.lastEventId().isEmpty());
            assertThat(stream.received()).filteredOn(event -> event.is("client_advisory"))
                    .allMatch(event -> event.id().equals(CONTROL) && event.lastEventId().isEmpty());
        }
    }

    @Test
    void closingAllStreamsAnswersTheirNumber() {
        Somebody reader = Somebody.fresh();
        try (EventStream one = reader.live(); EventStream two = reader.live()) {
            Reply closed = reader.tiger().closeStreams();
            assertThat(closed.status()).isEqualTo(200);
            assertThat(closed.json().path("status").asString()).isEqualTo("success");
            assertThat(closed.reply().path("count").isIntegralNumber()).isTrue();
            assertThat(closed.reply().path("count").asInt()).isEqualTo(2);
            assertThat(one.awaitEnd(Duration.ofSeconds(2))).isEqualTo("closed by the server");
            assertThat(two.awaitEnd(Duration.ofSeconds(2))).isEqualTo("closed by the server");
        }
        assertThat(reader.tiger().closeStreams().expect(200).reply().path("count").asInt()).isZero();
    }

    /** How each client writes the ids of two events. */
    enum Acknowledgement {
        ARRAY, COMMA_JOINED, FORM, REPEATED_FORM, MULTIPART;

        Reply of(Tiger tiger, String path, String one, String two) {
            String type = "application/x-www-form-urlencoded";
            return switch (this) {
                case ARRAY -> tiger.post(path, Map.of("events", List.of(one, two)));
                case COMMA_JOINED -> tiger.post(path, Map.of("events", one + "," + two));
                case FORM -> tiger.call("POST", path, Map.of("Content-Type", type),
                        ("events=" + one + "%2C" + two).getBytes(StandardCharsets.US_ASCII));
                case REPEATED_FORM -> tiger.call("POST", path, Map.of("Content-Type", type),
                        ("events=" + one + "&events=" + two).getBytes(StandardCharsets.US_ASCII));
                case MULTIPART -> {
                    Multipart parts = new Multipart().text("events", one + "," + two);
                    yield tiger.call("POST", path, Map.of("Content-Type", parts.contentType()), parts.bytes());
                }
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    void acknowledgementsAreTakenInEveryForm(Acknowledgement form) {
        Somebody sender = Somebody.fresh();
        Somebody reader = Somebody.fresh();
        sender.says(reader, "first");
        reader.caughtUp();
        List.of("second", "third", "fourth").forEach(body -> sender.says(reader, body));
        List<Event> waiting = reader.replay();
        assertThat(waiting).hasSize(3);
        Reply reply = form.of(reader.tiger(), form.name().length() % 2 == 0 ? "/v2/events/ack" : "/v2/events/ack/",
                waiting.get(0).id(), waiting.get(2).id());
        assertThat(reply.status()).isEqualTo(204);
        assertThat(reply.body()).isEmpty();
        assertThat(reader.replayedBodies()).containsExactly("third");
    }

    @Test
    void acknowledgementsOfWhatNobodyKnowsAreTaken() {
        Tiger tiger = Somebody.fresh().tiger();
        tiger.acknowledge(List.of(CONTROL)).expect(204);
        tiger.acknowledge(List.of(UUID.randomUUID().toString(), "no id at all", "")).expect(204);
        tiger.acknowledge(List.of()).expect(204);
    }
}
