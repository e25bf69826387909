package ephemera.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.client.Draft;
import ephemera.acceptance.client.EventStream;
import ephemera.acceptance.client.Multipart;
import ephemera.acceptance.client.RawHttp;
import ephemera.acceptance.client.Reply;
import ephemera.acceptance.client.Tiger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Traps 12 to 15 and 19 of the contract: one request, written differently by each client. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RequestsAreTakenInEveryForm {
    private static final String FORM = "application/x-www-form-urlencoded";

    private final Somebody sender = Somebody.fresh();
    private final Somebody reader = Somebody.fresh();

    private Reply call(String method, String path, String type, String body) {
        return sender.tiger().call(method, path, Map.of("Content-Type", type), body.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "{'recipient':'R','body':'b','dor':true,'ttl':60,'priority':1}",
        "{'recipient':'R','body':'b','dor':'true','ttl':'60','priority':'1'}",
        "{'recipient':'R','body':'b','dor':1,'ttl':60,'priority':1,'escalate':false,'unknown':{'a':[1]}}",
        "{'recipient':'R','body':'b','dor':'1','ttl':' 60 ','priority':1,'data':null,'sub_type':null}",
    })
    void numbersAndTruthsAreTakenAsThemselvesAndAsText(String json) {
        Reply sent = call("POST", "/v2/message", "application/json",
                json.replace('\'', '"').replace("R", reader.token())).expect(204);
        asAsked(reader.message(sent.messageId()));
    }

    @Test
    void formQueryAndPartsSayTheSame() {
        String fields = "recipient=" + reader.token() + "&ttl=60&body=b&dor=1&priority=1";
        Multipart parts = new Multipart().text("recipient", reader.token()).text("ttl", "60").text("body", "b")
                .text("dor", "true").text("priority", "1").text("metadata", "");
        for (Reply sent : List.of(call("POST", "/v2/message", FORM, fields),
                call("POST", "/v2/message/?" + fields, "application/json", ""),
                call("POST", "/v2/message?recipient=" + reader.token(), "application/json",
                        "{\"body\":\"b\",\"ttl\":60,\"dor\":true,\"priority\":1}"),
                call("POST", "/v2/message?recipient=" + reader.token(), FORM, "body=b&ttl=60&dor=true&priority=1"),
                sender.tiger().call("POST", "/v2/message", Map.of("Content-Type", parts.contentType()),
                        parts.bytes()))) {
            asAsked(reader.message(sent.expect(204).messageId()));
        }
    }

    private static void asAsked(JsonNode message) {
        assertThat(message.path("body").asString()).isEqualTo("b");
        assertThat(message.path("dor").asBoolean()).isTrue();
        assertThat(message.path("ttl").asInt()).isEqualTo(60);
        assertThat(message.path("priority").asInt()).isEqualTo(1);
    }

    @Test
    void membersAreTakenAsAListAndAsTextWithCommas() {
        Somebody third = Somebody.fresh();
        String list = "[\"" + reader.token() + "\",\"" + third.token() + "\"]";
        String commas = reader.token() + "," + third.token();
        Multipart parts = new Multipart().text("name", "G").text("members", commas).text("is_public", "false")
                .json("metadata", "{\"a\":\"b\"}").text("replay_history", "true");
        for (Reply created : List.of(
                call("POST", "/v2/group", "application/json", "{\"name\":\"G\",\"members\":" + list + "}"),
                call("POST", "/v2/group/?exclude_creator=false&render_entity=true", "application/json",
                        "{\"name\":\"G\",\"is_public\":false,\"members\":\"" + commas + "\"}"),
                call("POST", "/v2/group", FORM, "name=G&members=" + reader.token() + "&members=" + third.token()),
                call("POST", "/v2/group", FORM, "name=G&members=" + commas),
                sender.tiger().call("POST", "/v2/group", Map.of("Content-Type", parts.contentType()),
                        parts.bytes()))) {
            assertThat(created.expect(200).reply().path("token").asString()).isEqualTo(created.groupToken());
            assertThat(sender.tiger().members(created.groupToken()).expect(200).reply().valueStream()
                    .map(JsonNode::asString)).containsExactlyInAnyOrder(sender.token(), reader.token(), third.token());
        }
        String group = call("POST", "/v2/group?exclude_creator=true", "application/json",
                "{\"name\":\"G\",\"members\":\"" + commas + "\"}").expect(200).groupToken();
        assertThat(reader.tiger().group(group).expect(200).reply().path("members").valueStream()
                .map(JsonNode::asString)).containsExactlyInAnyOrder(reader.token(), third.token());
    }

    @Test
    void metadataIsTakenInAllForms() {
        String own = "/v2/metadata/" + sender.token();
        Multipart parts = new Multipart().text("pager", "4711").text("room", "12");
        for (Runnable sending : List.<Runnable>of(
                () -> call("POST", own, "application/json", "{\"pager\":\"4711\",\"room\":12}").expect(204),
                () -> call("POST", own, FORM, "pager=4711&room=12").expect(204),
                () -> sender.tiger().call("POST", own, Map.of("Content-Type", parts.contentType()), parts.bytes())
                        .expect(204))) {
            call("POST", own, "application/json", "{}").expect(204);
            assertThat(sender.tiger().get(own).expect(200).reply()).isEmpty();
            sending.run();
            assertThat(sender.tiger().get(own).expect(200).reply().toString())
                    .isEqualTo("{\"pager\":\"4711\",\"room\":\"12\"}");
        }
        call("POST", own, "application/json", "").expect(400);
        assertThat(sender.tiger().get(own).expect(200).reply()).hasSize(2);
    }

    /**
     * Otherwise anybody could have the server hold a megabyte for as long as they like, on each of many connections.
     */
    @Test
    void strangersAreRefusedBeforeTheirBodyIsThere() {
        Reply refused = RawHttp.exchange(sender.tiger().server(), "POST /v2/message HTTP/1.1\r\nHost: localhost\r\n"
                + "Content-Type: application/json\r\nContent-Length: 1000000\r\n\r\n{\"body\":\"" + "x".repeat(20_000));
        assertThat(refused.status()).isEqualTo(401);
        Reply signIn = RawHttp.exchange(sender.tiger().server(), "POST /v2/login HTTP/1.1\r\nHost: localhost\r\n"
                + "Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n{");
        assertThat(signIn.status()).isEqualTo(413);
    }

    @Test
    void receiptsAreTakenByBothMethodsAndInAllForms() {
        List<String> ids = Stream.of("a", "b", "c", "d").map(body -> sender.says(reader, body)).toList();
        Tiger tiger = reader.tiger();
        tiger.put("/v2/message/status/", Map.of("read", List.of(ids.get(0)))).expect(200, 204);
        tiger.post("/v2/message/status", Map.of("read", ids.get(1) + "," + ids.get(2))).expect(200, 204);
        tiger.call("PUT", "/v2/message/status", Map.of("Content-Type", FORM),
                ("delivered=" + ids.get(3) + "," + ids.get(2)).getBytes(StandardCharsets.US_ASCII)).expect(200, 204);
        assertThat(ids.stream().map(id -> sender.status(id, reader))).containsExactly("Read", "Read", "Read",
                "Delivered");
    }

    @Test
    void typingIsTakenByBothMethodsAndWithOneSegmentOrTwo() {
        try (EventStream stream = reader.liveForTyping()) {
            sender.tiger().get("/v2/message/typing/?recipient=" + reader.token()).expect(204);
            sender.tiger().delete("/v2/message/typing/" + reader.token() + "/").expect(204);
            sender.tiger().post("/v2/message/typing", Map.of("recipient", reader.token())).expect(204);
            sender.tiger().delete("/v2/message/typing/" + reader.token() + "/" + sender.token()).expect(204);
            assertThat(stream.await(4, event -> event.is("message:is_typing")
                    && event.text("sender_token").equals(sender.token())).stream()
                    .map(event -> event.text("status"))).containsExactly("typing", "stopped", "typing", "stopped");
        }
    }

    static Stream<String> paths() {
        return Stream.of("GET /v2/user", "GET /v2/user/{me}", "GET /v2/user/{me}/organization", "GET /v2/roster",
                "GET /v2/user/{me}/organization/{org}", "GET /v2/user/{me}/organization/{org}/roles", "GET /v2/mute",
                "GET /v2/metadata/{me}", "GET /v2/user_lookup/{me}", "POST /v2/user_lookup/{me}", "POST /v2/search",
                "POST /v2/metadata_bulk", "POST /v2/entities_bulk", "POST /v2/get_bulk_message_status",
                "POST /v2/message/status", "PUT /v2/message/status", "POST /v2/events/ack", "DELETE /v2/events",
                "PUT /v2/presence/online", "POST /v2/push", "POST /v2/client_resource", "DELETE /v2/mute",
                "DELETE /v2/metadata/{me}", "GET /v2/group/{group}", "GET /v2/group/{group}/members",
                "POST /v2/group/{group}", "GET /v2/message/{message}", "GET /v2/message/{message}/status",
                "GET /v2/message/typing?recipient={me}", "DELETE /v2/message/typing/{me}",
                "DELETE /v2/message/typing/{me}/{me}", "POST /v2/user/{me}/settings", "DELETE /v2/message/{message}",
                "DELETE /v2/group/{group}");
    }

    @ParameterizedTest
    @MethodSource("paths")
    void aSlashAtTheEndMakesNoDifference(String line) {
        String group = sender.group("Slash", false, reader);
        String message = sender.says(reader, "slash");
        String[] words = line.replace("{me}", sender.token()).replace("{org}", TheServer.organization())
                .replace("{group}", group).replace("{message}", message).split(" ");
        String withSlash = words[1].contains("?") ? words[1].replace("?", "/?") : words[1] + "/";
        // JS up to 3 sends a JSON type and {} with every method.
        Reply with = call(words[0], withSlash, "application/json", "{}");
        Reply without = call(words[0], words[1], "application/json", "{}");
        assertThat(with.status()).isEqualTo(without.status()).isBetween(200, 299);
    }

    @Test
    void organizationIsTakenFromHeaderAndQuery() {
        String own = TheServer.organization();
        for (String token : List.of(own, TheServer.foreignOrganization())) {
            int status = token.equals(own) ? 200 : 404;
            sender.tiger().in(token).get("/v2/user/" + reader.token()).expect(status);
            sender.tiger().get("/v2/user/" + reader.token() + "?TT-X-Organization-Key=" + token).expect(status);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://localhost:3000", "https://app.example.org", "null"})
    void browsersMayCallFromAnywhere(String origin) {
        String wanted = "authorization,tt-x-organization-key,request-id,tt-x-features,tt-x-type,tt-x-sender-token,"
                + "tt-x-sender-organization,tt-x-receiver-organization,x-device-id,content-type,accept,"
                + "tt-presence-status,tight-version";
        for (String method : List.of("GET", "POST", "PUT", "PATCH", "DELETE")) {
            Reply preflight = RawHttp.exchange(sender.tiger().server(), "OPTIONS /v2/message?response_format=message "
                    + "HTTP/1.1\r\nHost: localhost\r\nOrigin: " + origin + "\r\nAccess-Control-Request-Method: "
                    + method + "\r\nAccess-Control-Request-Headers: " + wanted + "\r\nConnection: close\r\n\r\n");
            assertThat(preflight.isSuccess()).isTrue();
            assertThat(preflight.header("Access-Control-Allow-Origin")).contains(origin);
            assertThat(preflight.header("Access-Control-Allow-Credentials")).contains("true");
            assertThat(names(preflight, "Access-Control-Allow-Methods")).contains(method.toLowerCase(Locale.ROOT));
            assertThat(names(preflight, "Access-Control-Allow-Headers")).contains(wanted.split(","));
        }
        Reply sent = sender.tiger().call("POST", "/v2/message", Map.of("Origin", origin, "Content-Type", FORM),
                ("recipient=" + reader.token() + "&body=b").getBytes(StandardCharsets.US_ASCII)).expect(204);
        Reply refused = sender.tiger().call("GET", "/v2/message/none", Map.of("Origin", origin), new byte[0])
                .expect(404);
        Reply unauthorized = TheServer.anybody().call("GET", "/v2/user", Map.of("Origin", origin), new byte[0])
                .expect(401);
        for (Reply reply : List.of(sent, refused, unauthorized)) {
            assertThat(reply.header("Access-Control-Allow-Origin")).contains(origin);
            assertThat(reply.header("Access-Control-Allow-Credentials")).contains("true");
            assertThat(names(reply, "Access-Control-Expose-Headers")).contains("tt-x-message-id", "tt-x-msg-ttl",
                    "tt-x-group-token", "tt-x-group-avatar", "tt-x-organization-key", "tt-x-role-token", "tt-x-tag-id",
                    "tt_login_attempts_left");
        }
        // The stream of a browser must be readable, too; a stream that ends after the replay is answered as a whole.
        Reply stream = RawHttp.exchange(sender.tiger().server(), "GET /v2/events HTTP/1.1\r\nHost: localhost\r\n"
                + "Origin: " + origin + "\r\nAuthorization: " + sender.credentials().basic()
                + "\r\nTT-X-Features: close-after-messages\r\n\r\n");
        assertThat(stream.header("Access-Control-Allow-Origin")).contains(origin);
        assertThat(stream.headers().get("content-type")).containsExactly("text/event-stream");
    }

    private static List<String> names(Reply reply, String header) {
        return Arrays.asList(reply.header(header).orElse("").toLowerCase(Locale.ROOT).split("\\s*,\\s*"));
    }

    @Test
    void answersOfASearchHaveWhatTheirReadersDereference() {
        String name = reader.profile().path("display_name").asString();
        JsonNode found = sender.tiger().in(TheServer.organization()).search(name).expect(200).reply();
        assertThat(found.path("results").isArray()).isTrue();
        assertThat(found.path("metadata").isObject()).isTrue();
        assertThat(found.path("metadata").has("continuation")).isTrue();
        assertThat(found.path("metadata").path("total_hits").asInt()).isPositive();
        assertThat(found.path("results").valueStream()).anySatisfy(result -> {
            assertThat(result.path("type").asString()).isEqualTo("tigertext:entity:account");
            assertThat(result.path("organization_id").asString()).isEqualTo(TheServer.organization());
            assertThat(result.at("/entity/token").asString()).isEqualTo(reader.token());
        });
        JsonNode nothing = sender.tiger().search("nobody is called like this").expect(200).reply();
        assertThat(nothing.get("results").isArray()).isTrue();
        assertThat(nothing.get("results")).isEmpty();
        assertThat(nothing.path("metadata").get("continuation").isNull()).isTrue();
        for (Object body : List.of(Map.of("display_name", name), Map.of("bool", Map.of("must", Map.of("any", name))))) {
            assertThat(sender.tiger().post("/v2/search", body).expect(200).reply().at("/results/0/entity/token")
                    .asString()).isEqualTo(reader.token());
        }
        JsonNode tokens = sender.tiger().post("/v2/search", Map.of("display_name", name, "results_format", "tokens"))
                .expect(200).reply().at("/results/0/entity");
        assertThat(tokens.propertyNames()).containsExactly("token");
    }

    @Test
    void aDraftWithoutOrganizationsIsOneOfTheOwn() {
        String id = sender.tiger().send(Draft.to(reader.token(), "b")).expect(200).messageId();
        assertThat(reader.message(id).path("recipient_organization").asString()).isEqualTo(TheServer.organization());
        sender.tiger().in(TheServer.foreignOrganization()).send(reader.token(), "b").expect(404);
    }
}
