package ephemera.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.client.Credentials;
import ephemera.acceptance.client.Draft;
import ephemera.acceptance.client.EventStream;
import ephemera.acceptance.client.Multipart;
import ephemera.acceptance.client.RawHttp;
import ephemera.acceptance.client.Reply;
import ephemera.acceptance.client.Tiger;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Traps 5 to 10 and 16 to 18 of the contract: what a published client takes for a failure, or stumbles over. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AnswersAreReadByEveryPublishedClient {
    private static final int DEFAULT_MINUTES = 43_200;

    private final Somebody sender = Somebody.fresh();
    private final Somebody reader = Somebody.fresh();

    @Test
    void sendingIsAnsweredWithNothingButHeaders() {
        String body = "{\"body\":\"hi\",\"recipient\":\"" + reader.token() + "\"}";
        Reply raw = RawHttp.exchange(sender.tiger().server(), "POST /v2/message/ HTTP/1.1\r\nHost: localhost\r\n"
                + "Authorization: " + sender.credentials().basic() + "\r\nContent-Type: application/json\r\n"
                + "Connection: close\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
        assertThat(raw.status()).isEqualTo(204);
        assertThat(UUID.fromString(raw.messageId())).isNotNull();
        assertThat(raw.headers()).doesNotContainKeys("content-type", "transfer-encoding");
        assertThat(raw.header("TT-X-Msg-Ttl")).contains(Integer.toString(DEFAULT_MINUTES));
    }

    @Test
    void sendingWithAWishForTheMessageGivesIt() {
        Draft draft = Draft.to(reader.token(), "hi").withTtl(60).withPriority(0);
        Reply reply = sender.tiger().in(TheServer.organization()).send(draft);
        assertThat(reply.status()).isEqualTo(200);
        JsonNode message = reply.reply();
        assertThat(message.path("message_id").asString()).isEqualTo(reply.messageId()).isNotEmpty();
        assertThat(message.path("sort_number").isIntegralNumber()).isTrue();
        assertThat(message.path("sort_number").asLong()).isPositive();
        assertThat(message.path("status").asString()).isEqualTo("New");
        assertThat(message.path("recipient_token").asString()).isEqualTo(reader.token());
        assertThat(message.path("sender_token").asString()).isEqualTo(sender.token());
        assertThat(message.path("sender_organization").asString()).isEqualTo(TheServer.organization());
        assertThat(message.path("recipient_organization").asString()).isEqualTo(TheServer.organization());
        assertThat(message.path("body").asString()).isEqualTo("hi");
        assertThat(message.path("ttl").asInt()).isEqualTo(60);
        assertThat(message.get("dor").asBoolean()).isFalse();
        assertThat(message.get("priority").asInt()).isZero();
        assertThat(message.get("attachments").isArray()).isTrue();
        assertThat(message.path("request_id").asString()).isEqualTo(draft.requestId());
    }

    @ParameterizedTest
    @CsvSource({"-1,43200", "0,43200", "-2147483648,43200", "1,1", "60,60", "525600,525600", "525601,525600",
        "2147483647,525600"})
    void lifespanIsNeverWhatItMustNotBe(int asked, int granted) {
        Reply reply = sender.tiger().send(Draft.to(reader.token(), "hi").withTtl(asked)).expect(200);
        assertThat(reply.header("TT-X-Msg-Ttl")).contains(Integer.toString(granted));
        assertThat(reply.reply().path("ttl").asInt()).isEqualTo(granted);
        assertThat(reader.message(reply.messageId()).path("ttl").asInt()).isEqualTo(granted);
        assertThat(reader.replay()).filteredOn(event -> event.messageId().equals(reply.messageId()))
                .singleElement().matches(event -> event.payload().path("ttl").asInt() == granted);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 1})
    void priorityAndDataAreKept(int priority) {
        String large = "{\"text\":\"" + "ä€😀".repeat(2_000) + "\"}";
        Draft draft = Draft.to(reader.token(), "with data").withPriority(priority).withData("ns:b", large)
                .withData("ns:a", "[1,2]").withData("ns:b", "no JSON at all");
        String id = sender.tiger().send(draft).expect(200).messageId();
        JsonNode event = reader.replay().stream().filter(each -> each.messageId().equals(id)).findFirst()
                .orElseThrow().payload();
        for (JsonNode json : List.of(event, reader.message(id), sender.message(id))) {
            assertThat(json.path("priority").asInt()).isEqualTo(priority);
            assertThat(json.path("data").valueStream().map(item -> item.path("namespace").asString()))
                    .containsExactly("ns:b", "ns:a", "ns:b");
            assertThat(json.path("data").valueStream().map(item -> item.path("payload").asString()))
                    .containsExactly(large, "[1,2]", "no JSON at all");
        }
    }

    @Test
    void organizationsTellTheirDefaultLifespan() {
        Reply organizations = sender.tiger().get("/v2/user/" + sender.token() + "/organization").expect(200);
        assertThat(organizations.reply().isArray()).isTrue();
        JsonNode one = organizations.reply().path(0);
        assertThat(one.path("token").asString()).isEqualTo(TheServer.organization()).matches("[0-9A-Za-z]{24}");
        assertThat(one.path("name").asString()).isNotEmpty();
        assertThat(one.path("members").isIntegralNumber()).isTrue();
        assertThat(one.path("settings").valueStream()
                .filter(setting -> setting.path("name").asString().equals("ttl"))
                .map(setting -> setting.path("value").asString())).containsExactly("43200");
        JsonNode same = sender.tiger().get("/v2/user/" + sender.token() + "/organization/" + TheServer.organization())
                .expect(200).reply();
        assertThat(same.path("settings")).isEqualTo(one.path("settings"));
        JsonNode roles = sender.tiger().get("/v2/user/" + sender.token() + "/organization/" + TheServer.organization()
                + "/roles").expect(200).reply();
        assertThat(roles.get("roles").isArray()).isTrue();
    }

    @Test
    void metadataIsThereOnlyForThoseWhoAsk() {
        try (EventStream stream = sender.live()) {
            JsonNode created = sender.tiger().createGroup("Trap nine", reader.token()).expect(200).reply();
            String group = created.path("token").asString();
            reader.tiger().setMetadata(reader.token(), Map.of("pager", "7")).expect(204);
            sender.tiger().updateGroup(group, Map.of("name", "Trap 9")).expect(204);
            List<JsonNode> unasked = List.of(created,
                    sender.tiger().get("/v2/group/" + group).expect(200).reply(),
                    sender.tiger().get("/v2/group/" + group + "?render_metadata=false").expect(200).reply(),
                    sender.tiger().get("/v2/roster").expect(200).reply(),
                    sender.tiger().get("/v2/user/" + reader.token()).expect(200).reply(),
                    sender.tiger().addMembers(group, Somebody.fresh().token()).expect(200).reply(),
                    sender.tiger().post("/v2/search", Map.of("type", List.of("group", "account"), "name", "Trap"))
                            .expect(200).reply().path("results"),
                    stream.await(event -> event.is("friends") && event.payload().at("/friend/token").asString()
                            .equals(group)).payload(),
                    stream.await(event -> event.is("update") && event.text("name").equals("Trap 9")).payload());
            assertThat(unasked).allSatisfy(json -> assertThat(json.findParents("metadata")).isEmpty());
            assertThat(sender.tiger().group(group).expect(200).reply().get("metadata").isObject()).isTrue();
            assertThat(sender.tiger().user(reader.token()).expect(200).reply().get("metadata").path("pager")
                    .asString()).isEqualTo("7");
            assertThat(sender.tiger().user(sender.token()).expect(200).reply().get("metadata").isObject()).isTrue();
            assertThat(sender.tiger().roster().expect(200).reply())
                    .allSatisfy(entity -> assertThat(entity.get("metadata").isObject()).isTrue());
        }
    }

    @Test
    void aMessageThatIsReadHasTheOnlyShapeThatOldClientsParse() {
        String id = sender.says(reader, "hi");
        for (String status : List.of("New", "Delivered", "Read")) {
            switch (status) {
                case "Delivered" -> reader.tiger().delivered(id).expect(200);
                case "Read" -> reader.tiger().read(id).expect(200);
                default -> {}
            }
            for (Somebody party : List.of(sender, reader)) {
                Reply reply = party.tiger().call("GET", "/v2/message/" + id + "/",
                        Map.of("TT-X-Features", "can-confirm"), new byte[0]).expect(200);
                assertThat(reply.json().path("status").asString()).isEqualTo("success");
                assertThat(reply.reply().path("created_time").asString())
                        .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
                assertThat(reply.reply().path("status").asString()).isEqualTo(status);
                assertThat(reply.reply().get("attachments").isArray()).isTrue();
            }
        }
    }

    @Test
    void statusesNameTheMessageAsClientsLookForIt() {
        String id = sender.says(reader, "hi");
        JsonNode one = sender.tiger().messageStatus(id).expect(200).reply();
        assertThat(one.path("client_id").asString()).isEqualTo(id);
        assertThat(one.get("is_recalled").asBoolean()).isFalse();
        assertThat(one.path("statuses").path(0).propertyNames()).contains("account_id", "status", "timestamp");
        JsonNode many = sender.tiger().messageStatuses(id, UUID.randomUUID().toString()).expect(200).reply();
        assertThat(many.path("bulk_message_statuses").valueStream().map(each -> each.path("client_id").asString()))
                .containsExactly(id);
        assertThat(many.path("bulk_message_statuses").path(0)).isEqualTo(one);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v2/login", "/v2/login/", "/v5/login", "/v5/login/"})
    void signingInGivesEverythingThatAClientDemands(String path) {
        Demo.Member bob = TheServer.demoMembers().get(1);
        String header = "XMPP-Simple " + base64("some product:" + bob.email() + ":" + bob.password());
        String metadata = "{\"device_type\":\"android\"}";
        List<Object> bodies = List.of(Map.of("device_id", "d", "metadata", Map.of("user_agent", "x"), "version", "1.0",
                "push_routing", "consumer", "want_condensed_replays", true),
                Map.of("device_id", "d", "push_routing",
                        "consumer", "product", "p", "version", "1.0", "metadata", metadata),
                Map.of());
        for (Object body : bodies) {
            JsonNode reply = nobody().withAuthorization(header).post(path, body).expect(200).reply();
            assertThat(reply.at("/auth/key").asString()).isNotEmpty();
            assertThat(reply.at("/auth/secret").asString()).isNotEmpty();
            assertThat(reply.at("/auth/resource").asString()).isNotEmpty();
            assertThat(reply.at("/user/token").asString()).isEqualTo(bob.token());
            assertThat(reply.at("/user/display_name").asString()).isEqualTo(bob.name());
            assertThat(reply.at("/user/emails/0/address").asString()).isEqualTo(bob.email());
            assertThat(reply.at("/settings/condensed_replays").asBoolean(true)).isFalse();
            Tiger session = nobody().as(reply.at("/auth/key").asString(), reply.at("/auth/secret").asString());
            session.me().expect(200);
            session.call("POST", "/v2/logout", Map.of("Content-Type", "application/json"), new byte[0]).expect(204);
            session.me().expect(401);
        }
    }

    @Test
    void signingInWithAKeyOpensASessionOfItsOwn() {
        JsonNode reply = sender.tiger().post("/v5/login", Map.of()).expect(200).reply();
        Credentials session = new Credentials(sender.token(), reply.at("/auth/key").asString(),
                reply.at("/auth/secret").asString());
        assertThat(session.key()).isNotEqualTo(sender.credentials().key());
        nobody().as(session).logout().expect(204);
        nobody().as(session).me().expect(401);
        sender.tiger().me().expect(200);
        String bearer = sender.credentials().basic().substring("Basic ".length());
        assertThat(nobody().withAuthorization("Bearer " + bearer).call("GET", "/v2/user", Map.of("X-Device-ID", "u"),
                new byte[0]).expect(200).reply().path("token").asString()).isEqualTo(sender.token());
    }

    @Test
    void badCredentialsAreTheOnlyReasonFor401() {
        Demo.Member carol = TheServer.demoMembers().get(2);
        Reply wrong = nobody().login(carol.email(), "wrong").expect(401);
        assertThat(Integer.parseInt(wrong.header("TT_Login_Attempts_Left").orElse("-1"))).isPositive();
        assertThat(wrong.json().path("status").asString()).isEqualTo("fail");
        assertThat(wrong.errorMessage()).isNotEmpty();
        assertThat(nobody().login("nobody@example.org", "wrong").expect(401).errorMessage())
                .isEqualTo(wrong.errorMessage());
        nobody().login(carol.email(), carol.password()).expect(200);
        for (String header : List.of("Basic " + base64(sender.credentials().key() + ":wrong"), "Basic !", "QR-CODE x",
                "magic-token x", "Basic", "XMPP-Simple " + base64("a:b"))) {
            nobody().withAuthorization(header).me().expect(401);
            nobody().withAuthorization(header).post("/v2/login", Map.of()).expect(401);
        }
        // Not allowed is 403, unknown is 404: only the stream's 401 and 403 may end a client's session.
        String foreign = Somebody.stranger().token();
        sender.tiger().user(foreign).expect(404);
        sender.tiger().setMetadata(reader.token(), Map.of("a", "b")).expect(403);
        String others = reader.group("Others", false, Somebody.fresh());
        assertThat(sender.tiger().group(others).expect(403).errorMessage()).isNotEmpty();
    }

    @Test
    void addressesArePercentEncoded() {
        String email = reader.email();
        String encoded = email.replace("@", "%40");
        for (String path : List.of("/v2/user/" + encoded, "/v2/user/" + encoded + "/", "/v2/user/" + email,
                "/v2/user_lookup/" + encoded, "/v2/user/" + encoded.toUpperCase(Locale.ROOT))) {
            assertThat(sender.tiger().get(path).expect(200).reply().path("token").asString()).as(path)
                    .isEqualTo(reader.token());
        }
        Map<String, String> phone = new LinkedHashMap<>(Map.of("display_name", "x"));
        phone.put("email_address", email);
        sender.tiger().post("/v2/user_lookup/" + encoded, phone).expect(200);
        sender.tiger().post("/v2/user_lookup/nobody%40example.org", Map.of("display_name", "x")).expect(404);
        sender.tiger().get("/v2/metadata/" + encoded).expect(200);
        sender.tiger().delete("/v2/message/typing/" + encoded + "/" + sender.token()).expect(204);
        String id = sender.tiger().send(Draft.to(email.toUpperCase(Locale.ROOT), "by address"))
                .expect(200).messageId();
        assertThat(reader.message(id).path("recipient_token").asString()).isEqualTo(reader.token());
        sender.tiger().leave(email, "account").expect(204);
    }

    @Test
    void repeatingARequestGivesTheFirstAnswerAndNothingMore() {
        reader.caughtUp();
        sender.caughtUp();
        String requestId = UUID.randomUUID().toString();
        Reply first = sender.tiger().send(Draft.to(reader.token(), "once").withRequestId(requestId)).expect(200);
        for (int repeat = 0; repeat < 3; repeat++) {
            Reply again = sender.tiger().send(Draft.to(reader.token(), "once").withRequestId(requestId));
            assertThat(again.status()).isIn(200, 304);
            assertThat(again.messageId()).isEqualTo(first.messageId());
            if (again.status() == 200) {
                assertThat(again.reply()).isEqualTo(first.reply());
            }
        }
        // The key is the sender's own: another person's message under it is another message.
        assertThat(reader.tiger().send(Draft.to(sender.token(), "twice").withRequestId(requestId)).expect(200)
                .messageId()).isNotEqualTo(first.messageId());
        assertThat(reader.replayedBodies()).containsExactly("once", "twice");
        assertThat(sender.replayedBodies()).containsExactly("once", "twice");
        Map<String, String> headers = Map.of("Request-ID", UUID.randomUUID().toString(), "Content-Type",
                "application/json");
        byte[] recipient = ("{\"recipient\":\"" + reader.token() + "\"}").getBytes(StandardCharsets.UTF_8);
        String forward = "/v2/message/" + first.messageId() + "/forward";
        assertThat(sender.tiger().call("POST", forward, headers, recipient).expect(204).messageId())
                .isEqualTo(sender.tiger().call("POST", forward, headers, recipient).expect(204).messageId());
    }

    @Test
    void multipartIsReadAsEachClientWritesIt() {
        Multipart js3 = new Multipart().text("recipient", reader.token()).text("body", "from JS 3")
                .text("data", "[object Object]").text("dor", "false").text("ttl", "60").text("priority", "0")
                .file("attachment", "attachment-[object Object].undefined", "application/octet-stream", new byte[] {1});
        Multipart android = new Multipart().text("recipient", reader.token()).text("body", "from Android")
                .text("dor", "true").text("ttl", "60").text("priority", "1")
                .data("application/json", "ns:y", "{\"b\":2}");
        String old = multipart(js3).expect(204).messageId();
        assertThat(reader.message(old).path("data")).isEmpty();
        assertThat(reader.message(old).path("attachments")).hasSize(1);
        JsonNode sent = reader.message(multipart(android).expect(204).messageId());
        assertThat(sent.path("dor").asBoolean()).isTrue();
        assertThat(sent.path("ttl").asInt()).isEqualTo(60);
        assertThat(sent.path("priority").asInt()).isEqualTo(1);
        assertThat(sent.at("/data/0/namespace").asString()).isEqualTo("ns:y");
        assertThat(sent.at("/data/0/payload").asString()).isEqualTo("{\"b\":2}");
    }

    private Reply multipart(Multipart parts) {
        return sender.tiger().call("POST", "/v2/message", Map.of("Content-Type", parts.contentType()), parts.bytes());
    }

    private static Tiger nobody() {
        return TheServer.anybody();
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
