package ephemera.acceptance.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RequestsLookLikeThoseOfThePublishedClients {
    private final ScriptedServer server;
    private final Tiger tiger;

    RequestsLookLikeThoseOfThePublishedClients() throws IOException {
        server = new ScriptedServer("HTTP/1.1 200 OK\r\nTT-X-Message-Id: m1\r\nContent-Length: 32\r\n\r\n"
                + "{\"status\":\"success\",\"reply\":[1]}", false);
        tiger = server.tiger().as("k", "s");
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @Test
    void whenTheJsClientSends() throws InterruptedException {
        Draft draft = Draft.to("bob@example.com", "hi").withTtl(60).withDeleteOnRead(true).withPriority(1)
                .withData("ns:x", "{\"a\":1}").withRequestId("r-1");
        Reply reply = tiger.in("org1").send(draft);
        assertThat(reply.messageId()).isEqualTo("m1");
        assertThat(reply.reply().get(0).asInt()).isEqualTo(1);
        assertThat(server.request()).startsWith("POST /v2/message?response_format=message HTTP/1.1\r\n")
                .contains("\r\nAccept: application/json\r\n", "\r\nAuthorization: Basic azpz\r\n",
                        "\r\nTT-X-Organization-Key: org1\r\n", "\r\nContent-Type: application/json\r\n",
                        "\r\nRequest-ID: r-1\r\n")
                .endsWith("\r\n\r\n{\"body\":\"hi\",\"recipient\":\"bob@example.com\",\"sender_organization\":\"org1\","
                        + "\"recipient_organization\":\"org1\",\"data\":[{\"mimetype\":\"application/json\","
                        + "\"namespace\":\"ns:x\","
                        + "\"payload\":\"{\\\"a\\\":1}\"}],\"dor\":true,\"priority\":1,\"ttl\":60}");
    }

    @Test
    void whenTheJavaAndNodeClientsSend() throws InterruptedException {
        tiger.sendPlain("u2", "hi");
        assertThat(server.request()).startsWith("POST /v2/message/ HTTP/1.1\r\n")
                .endsWith("\r\n\r\n{\"body\":\"hi\",\"recipient\":\"u2\"}");
    }

    @Test
    void whenTheJsClientSendsAFile() throws InterruptedException {
        tiger.in("org1").send(Draft.to("u2", "see").withData("ns:x", "{\"a\":1}").withAttachment("a b.txt",
                "text/plain", "file".getBytes(StandardCharsets.US_ASCII)));
        String request = server.request();
        String boundary = request.replaceAll("(?s).*Content-Type: multipart/form-data; boundary=([-\\w]+)\r\n.*", "$1");
        String part = "--" + boundary + "\r\nContent-Disposition: form-data; name=";
        String plain = "\r\nContent-type: text/plain; charset=\"utf-8\"\r\n\r\n";
        assertThat(request).endsWith("\r\n\r\n" + part + "\"body\"" + plain + "see\r\n"
                + part + "\"recipient\"" + plain + "u2\r\n"
                + part + "\"sender_organization\"" + plain + "org1\r\n"
                + part + "\"recipient_organization\"" + plain + "org1\r\n"
                + part + "\"priority\"" + plain + "0\r\n"
                + part + "\"data\"\r\nContent-Type: application/json\r\nTT-X-Namespace: ns:x\r\n\r\n{\"a\":1}\r\n"
                + part + "\"metadata\"" + plain + "\r\n"
                + part + "\"attachment\"; filename=\"a b.txt\"\r\nContent-Type: text/plain\r\n\r\nfile\r\n"
                + "--" + boundary + "--\r\n");
    }

    @Test
    void whenSomebodySignsIn() throws InterruptedException {
        tiger.login("bob@example.com", "pass:word");
        String token = Base64.getEncoder().encodeToString("acceptance:bob@example.com:pass:word".getBytes(
                StandardCharsets.UTF_8));
        assertThat(server.request()).startsWith("POST /v5/login HTTP/1.1\r\n")
                .contains("\r\nAuthorization: XMPP-Simple " + token + "\r\n")
                .contains("\"want_condensed_replays\":true");
    }

    @Test
    void withAddressesEncodedInThePath() throws InterruptedException {
        tiger.user("bob+x@example.com");
        assertThat(server.request()).startsWith("GET /v2/user/bob%2Bx%40example.com?render_metadata=true HTTP/1.1\r\n");
    }

    @Test
    void andAnUnexpectedStatusSaysWhatWasAnswered() {
        assertThatThrownBy(() -> tiger.me().expect(204)).isInstanceOf(AssertionError.class)
                .hasMessage("GET /v2/user was answered with 200 instead of [204]: "
                        + "{\"status\":\"success\",\"reply\":[1]}");
    }
}
