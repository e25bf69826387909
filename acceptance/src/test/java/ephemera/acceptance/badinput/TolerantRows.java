package ephemera.acceptance.badinput;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.TheServer;
import ephemera.acceptance.client.Credentials;
import ephemera.acceptance.client.Draft;
import ephemera.acceptance.client.Multipart;
import ephemera.acceptance.client.Reply;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/** What looks wrong and must be accepted, because published clients send it. */
public final class TolerantRows {

    private final World world;
    private final String bob;
    private final List<Row> rows = new ArrayList<>();

    private TolerantRows(World world) {
        this.world = world;
        this.bob = world.bob().token();
    }

    /** Gives the rows. */
    public static List<Row> of(World world) {
        TolerantRows rows = new TolerantRows(world);
        rows.values();
        rows.data();
        rows.forms();
        rows.ids();
        rows.http();
        rows.sessions();
        return rows.rows;
    }

    private void accepted(String name, Request request, int status) {
        rows.add(new Row(name, request, new Expected.Accepted(reply -> assertThat(reply.status()).isEqualTo(status))));
    }

    private void message(String name, Request request, MessageCheck check) {
        rows.add(new Row(name, request, new Expected.Accepted(reply -> check.check(reply.expect(200).reply()))));
    }

    /** What must hold of a message. */
    private interface MessageCheck {
        void check(JsonNode message);
    }

    private Request send(String fields) {
        return world.ask("POST", "/v2/message?response_format=message")
                .json("{\"recipient\":\"" + bob + "\",\"body\":\"hi\"" + fields + "}");
    }

    /** Numbers and truth values as texts (trap 13), nulls, and fields that mean nothing. */
    private void values() {
        for (String flag : List.of("true", "1", "\"true\"", "\"1\"", "\"TRUE\"")) {
            message("dor is " + flag, send(",\"dor\":" + flag),
                    message -> assertThat(message.required("dor").asBoolean()).isTrue());
        }
        for (String flag : List.of("false", "0", "\"false\"", "\"0\"", "null", "\"\"")) {
            message("dor is " + flag, send(",\"dor\":" + flag),
                    message -> assertThat(message.required("dor").asBoolean()).isFalse());
        }
        message("ttl is a text", send(",\"ttl\":\"60\""),
                message -> assertThat(message.required("ttl").asInt()).isEqualTo(60));
        message("every optional field is null",
                send(",\"ttl\":null,\"dor\":null,\"priority\":null,\"data\":null,\"sub_type\":null,"
                        + "\"sender_organization\":null,\"recipient_organization\":null"),
                message -> assertThat(message.required("ttl").asString()).isEqualTo(world.standardLifespan()));
        message("fields that mean nothing, of any type", send(",\"escalate\":[],\"x\":{\"y\":[1,null]},\"\":7"),
                message -> assertThat(message.required("body").asString()).isEqualTo("hi"));
        message("a pair of surrogates in escapes", send(",\"sub_type\":\"\\ud83d\\ude00\""),
                message -> assertThat(message.required("sub_type").asString()).isEqualTo("\ud83d\ude00"));
        accepted("is_public as \"0\"",
                world.ask("POST", "/v2/group").json("{\"name\":\"x\",\"members\":\"" + bob + "\",\"is_public\":\"0\"}"),
                200);
        accepted("a group whose members are null stays as it is",
                world.ask("POST", "/v2/group/" + world.group()).json("{\"members\":null,\"description\":\"d\"}"), 204);
        accepted("a group whose members are an empty text stays as it is",
                world.ask("POST", "/v2/group/" + world.group()).json("{\"members\":\"\",\"description\":\"e\"}"), 204);
        rows.add(new Row("and so it has", world.ask("GET", "/v2/group/" + world.group() + "/members"),
                new Expected.Accepted(reply -> assertThat(reply.expect(200).reply()).hasSize(3))));
    }

    /**
     * Data that is none is ignored; an old client sends its objects as the text {@code [object Object]} (section 2.7).
     */
    private void data() {
        MessageCheck none = message -> assertThat(message.required("data")).isEmpty();
        Multipart objects = new Multipart().text("recipient", bob).text("body", "hi")
                .part("Content-Disposition: form-data; name=\"data\"",
                        bytes("[object Object]"))
                .part("Content-Disposition: form-data; name=\"data\"", bytes("[object Object]"));
        message("two parts named data that are no JSON", send(objects), none);
        message("a part named data that is cut off", send(new Multipart().text("recipient", bob).text("body", "hi")
                .data("application/json", "n", "{\"a\":")), none);
        message("an empty part named data",
                send(new Multipart().text("recipient", bob).text("body", "hi").data("application/json", "n", "")),
                none);
        message("100,000 arrays in each other as data", send(new Multipart().text("recipient", bob).text("body", "hi")
                .data("application/json", "n", "[".repeat(50_000))), none);
        for (String text : List.of("\"junk\"", "\"{\"", "\"[object Object]\"", "\"\"", "\"[7]\"")) {
            message("data is the text " + text, send(",\"data\":" + text), none);
        }
        message("data in a form is no JSON", world.ask("POST", "/v2/message?response_format=message")
                .form("recipient=" + bob + "&body=hi&data=%5Bobject+Object%5D"), none);
        message("a payload that is JSON, not a text", send(",\"data\":[{\"namespace\":\"n\",\"payload\":{\"a\":[1]}}]"),
                message -> assertThat(message.required("data").required(0).required("payload").asString())
                        .isEqualTo("{\"a\":[1]}"));
        message("20 items of data", send(",\"data\":[" + "{\"payload\":\"1\"},".repeat(19) + "{}]"),
                message -> assertThat(message.required("data")).hasSize(20));
        message("a part without a name, one without a head, and an empty metadata",
                send(new Multipart().part("Content-Disposition: form-data", bytes("x"))
                        .part("X-Header: x", bytes("x")).text("metadata", "").text("recipient", bob)
                        .text("body", "hi")),
                none);
    }

    private Request send(Multipart multipart) {
        return world.ask("POST", "/v2/message?response_format=message").multipart(multipart);
    }

    /** Paths with a slash at the end (trap 14), parameters anywhere (section 2.7), bodies where none belong. */
    private void forms() {
        accepted("a slash at the end",
                world.ask("POST", "/v2/message/").json("{\"recipient\":\"" + bob + "\",\"body\":\"hi\"}"), 204);
        accepted("everything in the query",
                world.ask("POST", "/v2/message/?recipient=" + bob + "&body=a%20b%2Bc+d&ttl=-1"), 204);
        message("a form",
                world.ask("POST", "/v2/message?response_format=message")
                        .form("recipient=" + bob + "&body=a+b%2Bc&ttl=60&dor=1"),
                message -> assertThat(message.required("body").asString()).isEqualTo("a b+c"));
        message("a semicolon in the query is a semicolon",
                world.ask("POST", "/v2/message?response_format=message&body=a;b=c&recipient=" + bob),
                message -> assertThat(message.required("body").asString()).isEqualTo("a;b=c"));
        message("UTF-8 in the query without escapes",
                world.ask("POST", "/v2/message?response_format=message&body=\u00e4\u732b&recipient=" + bob),
                message -> assertThat(message.required("body").asString()).isEqualTo("\u00e4\u732b"));
        message("JSON without a type", world.ask("POST", "/v2/message?response_format=message")
                .body(bytes("{\"recipient\":\"" + bob + "\",\"body\":\"hi\"}")), _ -> {});
        for (String type : List.of("application/json; charset=UTF-8", "Application/JSON", "application/vnd.api+json",
                "application/json;")) {
            message("JSON as " + type, world.ask("POST", "/v2/message?response_format=message")
                    .body(type, bytes("{\"recipient\":\"" + bob + "\",\"body\":\"hi\"}")), _ -> {});
        }
        accepted("GET with the body {}", world.ask("GET", "/v2/user").json("{}"), 200);
        accepted("GET with a type and no body", world.ask("GET", "/v2/user").with("Content-Type: application/json"),
                200);
        accepted("DELETE with a body",
                world.ask("DELETE", "/v2/mute/p2p").with("TT-X-Sender-Token: " + bob).json("{\"type\":\"x\"}"), 204);
        accepted("a preflight for everything", Request.of("OPTIONS", "*").with("Origin: http://localhost"), 204);
        accepted("an e-mail in a path, encoded", world.ask("GET", "/v2/user/" + email(world.bob()).replace("@", "%40")),
                200);
        accepted("an e-mail in a path, as it is", world.ask("GET", "/v2/user/" + email(world.bob())), 200);
    }

    private static String email(Credentials somebody) {
        return TheServer.as(somebody).me().expect(200).reply().required("emails").required(0).required("address")
                .asString();
    }

    /** Ids in any form (trap 12), unknown ones, and what is done already. */
    private void ids() {
        accepted("acknowledging ids in one text", world.ask("POST", "/v2/events/ack/")
                .json("{\"events\":\"" + World.nobody() + ", ,x,00000000-0000-0000-0000-000000000001\"}"), 204);
        accepted("acknowledging what is no id",
                world.ask("POST", "/v2/events/ack").json("{\"events\":[\"x\",\"\",\"" + "y".repeat(1_000) + "\"]}"),
                204);
        accepted("acknowledging nothing", world.ask("POST", "/v2/events/ack").json("{}"), 204);
        accepted("reading what nobody sent",
                world.ask("POST", "/v2/message/status").json("{\"read\":[\"" + World.nobody() + "\",\"x\"]}"), 200);
        accepted("deleting a group that is not there", world.ask("DELETE", "/v2/group/" + World.nobody()), 204);
        accepted("deleting a group that is no token", world.ask("DELETE", "/v2/group/x"), 204);
        accepted("a stream that resumes after nothing known",
                world.ask("GET", "/v2/events?features=close-after-messages&lastEventId=%25")
                        .with("Last-Event-ID: x"),
                200);
        String requestId = UUID.randomUUID().toString();
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            rows.add(new Row("the same request id, time " + (i + 1), send("").with("Request-ID: " + requestId),
                    new Expected.Accepted(reply -> {
                        sent.add(reply.expect(200).messageId());
                        assertThat(sent.stream().distinct()).hasSize(1);
                    })));
        }
        String recalled = TheServer.as(world.alice()).send(Draft.to(bob, "to be recalled")).expect(200).messageId();
        accepted("recalling", world.ask("DELETE", "/v2/message/" + recalled), 204);
        accepted("recalling again", world.ask("DELETE", "/v2/message/" + recalled), 204);
    }

    private void http() {
        accepted("HTTP/1.0", world.ask("GET", "/v2/user").withLine("GET /v2/user HTTP/1.0"), 200);
        accepted("a whole address as target", world.ask("GET", "http://localhost/v2/user"), 200);
        accepted("Expect: 100-continue", send("").with("Expect: 100-continue"), 200);
        String body = "{\"recipient\":\"" + bob + "\",\"body\":\"hi\"}";
        accepted("a body in chunks",
                world.ask("POST", "/v2/message").with("Content-Type: application/json")
                        .with("Transfer-Encoding: chunked")
                        .behind("1\r\n{\r\n%x;a=b\r\n%s\r\n0\r\nX-Trailer: x\r\n\r\n".formatted(body.length() - 1,
                                body.substring(1))),
                204);
        accepted("a header twice, the first counts", world.ask("GET", "/v2/user").with("Authorization: Basic !!!"),
                200);
        accepted("a header of 60 KB", world.ask("GET", "/v2/user").with("X-Header: " + "x".repeat(60_000)), 200);
        accepted("nothing behind the path", world.ask("GET", "/v2/user?"), 200);
        accepted("only separators in the query", world.ask("GET", "/v2/user?&&==&=x&"), 200);
    }

    /**
     * What a client tells about itself when it signs in counts for nothing (section 1.2), and neither does a body when
     * it signs out.
     */
    private void sessions() {
        for (String body : List.of(
                "{\"device_id\":7,\"metadata\":[],\"push_routing\":{},\"version\":null,\"want_processing_events\":2}",
                "{\"metadata\":\"{\\\"a\\\":\"}", "{}", "")) {
            rows.add(new Row("POST /v2/login with " + body, world.ask("POST", "/v2/login").json(body),
                    new Expected.Accepted(this::signsOut)));
        }
    }

    private void signsOut(Reply login) {
        JsonNode auth = login.expect(200).reply().required("auth");
        TheServer.anybody().as(auth.required("key").asString(), auth.required("secret").asString()).logout()
                .expect(204);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
