package ephemera.acceptance.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.client.Credentials;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SentBytesCarryTheirNumbers {
    private final SendRequest request = new SendRequest(InetSocketAddress.createUnresolved("127.0.0.1", 8080),
            new Credentials("me", "key", "secret"), "you");

    @Test
    void inTheBodyAndInTheRequestId() {
        text(1, 2, 3);
        String[] parts = text(0xdeadbeef, 63, 1_234_567_890).split("\r\n\r\n");
        JsonNode json = JsonMapper.builder().build().readTree(parts[1]);
        String body = json.required("body").asString();
        assertThat(json.required("recipient").asString()).isEqualTo("you");
        assertThat(body).hasSize(SendRequest.BODY).startsWith("deadbeef 0063 1234567890 ..");
        assertThat(parts[0]).startsWith("POST /v2/message HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n")
                .contains("\r\nAuthorization: Basic a2V5OnNlY3JldA==\r\n")
                .contains("\r\nContent-Length: " + parts[1].length() + "\r\n");
        String id = parts[0].lines().filter(line -> line.startsWith("Request-ID: ")).findFirst()
                .orElseThrow().substring(12);
        assertThat(UUID.fromString(id)).hasToString("deadbeef-0063-4000-8000-001234567890");
    }

    @Test
    void whichTheEventGivesBack() {
        String json = text(-2, 9_999, 77).split("\r\n\r\n")[1];
        String body = json.substring(9, 9 + SendRequest.BODY);
        byte[] event = ("{\"event_id\":\"e\",\"event\":{\"tigertext:iq:message\":{\"message_id\":\"" + UUID.randomUUID()
                + "\",\"body\":\"" + body + "\"}}}").getBytes(StandardCharsets.UTF_8);
        EventScan scan = new EventScan();
        assertThat(scan.scan(event, 0, event.length)).isTrue();
        assertThat(SendRequest.isOf(-2, scan)).isTrue();
        assertThat(SendRequest.isOf(-1, scan)).isFalse();
        assertThat(SendRequest.sender(scan)).isEqualTo(9_999);
        assertThat(SendRequest.number(scan)).isEqualTo(77);
    }

    private String text(int run, int sender, int number) {
        ByteBuffer buffer = request.of(run, sender, number);
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return new String(bytes, StandardCharsets.US_ASCII);
    }
}
