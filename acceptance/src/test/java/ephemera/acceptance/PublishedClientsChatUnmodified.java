package ephemera.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.client.Draft;
import ephemera.acceptance.client.Event;
import ephemera.acceptance.client.EventStream;
import ephemera.acceptance.client.Multipart;
import ephemera.acceptance.client.RawHttp;
import ephemera.acceptance.client.Reply;
import ephemera.acceptance.client.Tiger;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Section 6 of the contract: each published client's calls, in its order and with its headers and bodies. */
class PublishedClientsChatUnmodified {
    private static final Map<String, String> JSON = Map.of("Content-Type", "application/json");
    private static final byte[] EMPTY_OBJECT = "{}".getBytes(StandardCharsets.US_ASCII);

    private final Demo.Member bob = TheServer.demoMembers().get(1);
    private final Somebody peer = Somebody.fresh();
    private final String organization = TheServer.organization();

    private Tiger nobody() {
        return TheServer.anybody().witnessedBy(PublishedDocument.of(TheServer.process().url())::witness);
    }

    @Test
    void js13SignsInChatsAndSignsOut() {
        JsonNode session = nobody().login(bob.email(), bob.password()).expect(200).reply();
        assertThat(session.at("/settings/condensed_replays").asBoolean(true)).isFalse();
        Tiger tiger = nobody().as(session.at("/auth/key").asString(), session.at("/auth/secret").asString());
        String me = tiger.get("/v2/user").expect(200).reply().path("token").asString();
        assertThat(me).isEqualTo(session.at("/user/token").asString());
        String features = "heartbeat_5,is-typing,msg_delivery_delay:0,multi-org,can-confirm,dl_sender_event,"
                + "render_metadata,vwr";
        try (EventStream stream = EventStream.open(tiger, "/v2/events?lastEventId=", Map.of("Accept",
                "text/event-stream", "Cache-Control", "no-cache", "TT-X-Features", features))) {
            stream.untilLive().acknowledging();

            // organizations.findAll, conversations.findAll
            String org = tiger.get("/v2/user/" + me + "/organization").expect(200).reply().path(0).path("token")
                    .asString();
            assertThat(tiger.get("/v2/user/" + me + "/organization/" + org + "/roles").expect(200).reply()
                    .get("roles").isArray()).isTrue();
            assertThat(tiger.get("/v2/roster?render_metadata=true").expect(200).reply().valueStream())
                    .allMatch(entity -> entity.has("type") && entity.has("organization_key"));
            assertThat(tiger.get("/v2/mute").expect(200).reply().isArray()).isTrue();

            // sendToUser
            Tiger inOrganization = tiger.in(org);
            assertThat(inOrganization.user(peer.token()).expect(200).reply().get("metadata").isObject()).isTrue();
            assertThat(inOrganization.addToRoster(peer.token(), "account").isSuccess()).isTrue();
            inOrganization.delete("/v2/message/typing/" + peer.token() + "/" + me).expect(204);
            JsonNode sent = inOrganization.send(Draft.to(peer.token(), "hello from JS 13").withTtl(-1)).expect(200)
                    .reply();
            assertThat(sent.path("message_id").asString()).isNotEmpty();
            assertThat(sent.path("sort_number").asLong()).isPositive();
            String id = sent.path("message_id").asString();
            assertThat(stream.await(event -> event.isMessage() && event.messageId().equals(id)).text("request_id"))
                    .isEqualTo(sent.path("request_id").asString());

            // the peer answers, JS reports delivery at once and reading in a batch
            peer.tiger().delivered(id).expect(200);
            assertThat(stream.await(event -> event.is("message:status")).text("client_id")).isEqualTo(id);
            String answer = peer.says(me, "hello JS 13");
            stream.await(event -> event.isMessage() && event.messageId().equals(answer));
            inOrganization.post("/v2/message/status", Map.of("delivered", List.of(answer))).expect(200, 204);
            inOrganization.post("/v2/message/status", Map.of("read", List.of(answer))).expect(200, 204);
            assertThat(peer.status(answer, new Somebody(bob.credentials(), tiger))).isEqualTo("Read");

            // groups.create, sendToGroup, recall
            JsonNode group = inOrganization.createGroup("JS 13", me, peer.token()).expect(200).reply();
            String groupToken = group.path("token").asString();
            inOrganization.get("/v2/metadata/" + groupToken).expect(200);
            inOrganization.get("/v2/group/" + groupToken + "?render_metadata=true").expect(200);
            String toGroup = inOrganization.send(groupToken, "all of you").expect(200).messageId();
            stream.await(event -> event.is("group_message") && event.messageId().equals(toGroup));
            tiger.recall(toGroup).expect(204);
            assertThat(stream.await(event -> event.is("group:message:status") && event.messageId().equals(toGroup))
                    .payload().get("is_recalled").asBoolean()).isTrue();
            inOrganization.deleteGroup(groupToken).expect(204);
        }
        tiger.logout().expect(204);
        tiger.me().expect(401);
    }

    @Test
    void js3SignsInAndChats() {
        JsonNode session = nobody().loginV2(bob.email(), bob.password()).expect(200).reply();
        String key = session.at("/auth/key").asString();
        String secret = session.at("/auth/secret").asString();
        Tiger tiger = nobody().as(key, secret);
        String me = tiger.call("GET", "/v2/user", JSON, EMPTY_OBJECT).expect(200).reply().path("token").asString();
        String basic = Base64.getEncoder().encodeToString((key + ":" + secret).getBytes(StandardCharsets.US_ASCII));
        try (EventStream stream = EventStream.open(nobody(), "/v2/events?auth_basic=" + Tiger.encoded(basic)
                + "&features=heartbeat_5,is-typing,msg_delivery_delay:0,multi-org",
                Map.of("Accept",
                        "text/event-stream"))) {
            stream.untilLive();
            tiger.call("GET", "/v2/user/" + peer.email().replace("@", "%40"), JSON, EMPTY_OBJECT).expect(200);
            Reply sent = tiger.call("POST", "/v2/message", Map.of("Content-Type", "application/json", "Request-ID",
                    UUID.randomUUID().toString()),
                    ("{\"body\":\"from JS 3\",\"recipient\":\"" + peer.token()
                            + "\",\"ttl\":-1,\"dor\":false,\"priority\":0}").getBytes(StandardCharsets.UTF_8));
            String id = sent.expect(204).messageId();
            // JS 3 expires by the lifespan that it is told: −1 would end the message within a second.
            assertThat(Integer.parseInt(sent.header("TT-X-Msg-Ttl").orElse("-1"))).isPositive();
            stream.await(event -> event.isMessage() && event.messageId().equals(id));
            JsonNode statuses = tiger.call("GET", "/v2/message/" + id + "/status", JSON, EMPTY_OBJECT).expect(200)
                    .reply();
            assertThat(statuses.get("statuses").isArray()).isTrue();
            Multipart parts = new Multipart().text("members", me + "," + peer.token()).text("name", "JS 3")
                    .text("is_public", "false").text("replay_history", "true");
            Reply group = tiger.call("POST", "/v2/group", Map.of("Content-Type", parts.contentType()), parts.bytes());
            assertThat(group.isSuccess()).isTrue();
            assertThat(group.reply().has("metadata")).isFalse();
            tiger.call("DELETE", "/v2/roster/" + group.groupToken(), Map.of("Content-Type", "application/json",
                    "TT-X-Type", "tigertext:entity:group"),
                    "{\"type\":\"tigertext:entity:group\"}".getBytes(
                            StandardCharsets.US_ASCII))
                    .expect(204);
        }
        tiger.call("POST", "/v2/logout", JSON, EMPTY_OBJECT).expect(204);
        tiger.me().expect(401);
    }

    @Test
    void javaSdkSendsReadsAndListens() {
        Somebody program = Somebody.fresh();
        Tiger tiger = program.tiger();
        assertThat(tiger.closeStreams().expect(200).reply().get("count").isIntegralNumber()).isTrue();
        Map<String, String> headers = Map.of("TT-X-Features", "auto-ack,auto-deliver", "Accept",
                "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2");
        try (EventStream stream = EventStream.open(tiger, "/v2/events/", headers)) {
            stream.untilLive();
            assertThat(tiger.get("/v2/user/" + peer.email() + "/").expect(200).reply().path("emails").path(0)
                    .isObject()).isTrue();
            Reply sent = tiger.sendPlain(peer.email(), "from Java").expect(204);
            assertThat(sent.body()).isEmpty();
            JsonNode message = tiger.get("/v2/message/" + sent.messageId() + "/").expect(200).reply();
            assertThat(message.path("created_time").asString()).matches(".{19}\\.\\d{3}Z");
            assertThat(message.path("status").asString()).isEqualTo("New");
            String answer = peer.says(program, "to Java");
            Event event = stream.await(each -> each.isMessage() && each.messageId().equals(answer));
            tiger.post("/v2/events/ack/", Map.of("events", event.id() + "," + event.id())).expect(204);
            Somebody.until("the server marks what it wrote", () -> peer.status(answer, program).equals("Delivered"));
        }
        Somebody.until("the server acknowledges what it wrote", () -> program.replayedBodies().isEmpty());
    }

    @Test
    void nodeSendsAndListens() {
        Somebody program = Somebody.fresh();
        try (EventStream stream = EventStream.open(program.tiger(), "/v2/events/", Map.of("TT-X-Features",
                "is-typing"))) {
            stream.untilLive();
            String id = program.tiger().sendPlain(peer.token(), "from node").expect(204).messageId();
            peer.tiger().read(id).expect(200);
            // tigertext-node emits what stands after the last colon, whatever the conversation.
            assertThat(stream.await(event -> event.name().endsWith("status")).text("status")).isEqualTo("Read");
            peer.tiger().typing(program.token()).expect(204);
            Event typing = stream.await(event -> event.is("message:is_typing"));
            assertThat(typing.text("sender_token")).isEqualTo(peer.token());
            stream.acknowledgeAll();
        }
        assertThat(program.replay()).isEmpty();
    }

    @Test
    void androidSignsInListensAndSendsAFile() {
        byte[] body = ("device_id=d&push_routing=consumer&product=p&version=1.0&metadata="
                + Tiger.encoded("{\"device_type\":\"android\"}")).getBytes(StandardCharsets.US_ASCII);
        String header = "XMPP-Simple " + Base64.getEncoder().encodeToString(("android:" + bob.email() + ":"
                + bob.password()).getBytes(StandardCharsets.UTF_8));
        JsonNode session = nobody().withAuthorization(header).call("POST", "/v2/login", Map.of("Content-Type",
                "application/x-www-form-urlencoded"), body).expect(200).reply();
        assertThat(session.at("/auth/resource").asString()).isNotEmpty();
        Tiger tiger = nobody().as(session.at("/auth/key").asString(), session.at("/auth/secret").asString());
        // JDK's client refuses to send this header itself.
        Reply stream = RawHttp.exchange(tiger.server(), "GET /v2/events HTTP/1.1\r\nHost: localhost\r\n"
                + "Connection: keep-alive\r\ntt-presence-status: online\r\nTT-X-Features: render_friends_entities,"
                + "keep_alive_15_1,close-after-messages\r\nAuthorization: Basic " + Base64.getEncoder().encodeToString(
                        (session.at("/auth/key").asString() + ":" + session.at("/auth/secret").asString())
                                .getBytes(StandardCharsets.US_ASCII))
                + "\r\n\r\n");
        assertThat(stream.status()).isEqualTo(200);
        tiger.put("/v2/presence/online", Map.of()).expect(204);
        tiger.post("/v2/client_resource", Map.of()).expect(204);
        tiger.post("/v2/push", Map.of()).expect(204);
        Map<String, Object> group = new LinkedHashMap<>(Map.of("name", "Android", "members", List.of(peer.token())));
        try (EventStream other = peer.live("render_friends_entities")) {
            String token = tiger.in(organization).post("/v2/group?render_entity=true", group).expect(200).groupToken();
            // Android reads the entity beside what JS reads.
            Event friends = other.await(event -> event.is("friends")
                    && event.payload().at("/entity/id").asString().equals(token));
            assertThat(friends.text("action")).isEqualTo("add");
            Multipart parts = new Multipart().text("recipient", token).text("body", "").text("dor", "false")
                    .text("ttl", "60").data("application/json", "ns:a", "{}")
                    .file("attachment", "photo.jpg", "image/jpeg", new byte[] {1, 2, 3});
            String id = tiger.call("POST", "/v2/message", Map.of("Content-Type", parts.contentType(), "Request-ID",
                    session.at("/auth/resource").asString() + "-1"), parts.bytes()).expect(204).messageId();
            JsonNode message = tiger.call("GET", "/v2/message/" + id, Map.of("TT-X-Features", "can-confirm"),
                    new byte[0]).expect(200).reply();
            assertThat(message.at("/attachments/0/content-type").asString()).isEqualTo("image/jpeg");
            assertThat(peer.tiger().attachment(id).expect(200).body()).containsExactly(1, 2, 3);
            tiger.call("POST", "/v2/group/" + token + "/members/remove?bang_notification=false", JSON,
                    ("{\"members\":[\"" + peer.token() + "\"]}").getBytes(StandardCharsets.US_ASCII)).expect(204);
            other.await(event -> event.is("friends") && event.payload().at("/friend/action").asString().equals("del"));
            assertThat(other.received()).noneMatch(event -> event.is("bang"));
        }
        tiger.logout().expect(204);
    }
}
