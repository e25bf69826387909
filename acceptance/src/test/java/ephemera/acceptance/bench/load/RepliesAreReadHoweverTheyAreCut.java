package ephemera.acceptance.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RepliesAreReadHoweverTheyAreCut {
    private static final UUID TOKEN = UUID.fromString("0f8fad5b-d9cb-469f-a165-70867728950e");

    private final ReplyParser parser = new ReplyParser();

    @ParameterizedTest
    @ValueSource(strings = {
        "HTTP/1.1 204 No Content\r\ntt-x-message-id: 0f8fad5b-d9cb-469f-a165-70867728950e\r\nTT-X-Msg-Ttl: 60\r\n\r\n",
        "HTTP/1.1 204 No Content\r\nTT-X-Message-Id:0F8FAD5B-D9CB-469F-A165-70867728950E\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTT-X-Message-Id: 0f8fad5b-d9cb-469f-a165-70867728950e\r\nContent-Length: 5\r\n\r\n12345",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTT-X-Message-Id: 0f8fad5b-d9cb-469f-a165-70867728950e\r\n\r\n"
                + "3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n",
    })
    void atEveryByte(String reply) {
        byte[] bytes = ("##" + reply + "next").getBytes(StandardCharsets.US_ASCII);
        int end = 2 + reply.length();
        for (int cut = 3; cut < end; cut++) {
            assertThat(parser.parse(bytes, 2, cut)).as("cut at %d", cut).isEqualTo(ReplyParser.INCOMPLETE);
        }
        assertThat(parser.parse(bytes, 2, bytes.length)).isEqualTo(end);
        assertThat(parser.status()).isIn(200, 204);
        assertThat(parser.hasMessageId()).isTrue();
        assertThat(new UUID(parser.messageIdHigh(), parser.messageIdLow())).isEqualTo(TOKEN);
    }

    @Test
    void withTheBodyForTheReportOfAFailure() {
        byte[] bytes = bytes("HTTP/1.1 403 Forbidden\r\nContent-Length: 17\r\n\r\n{\"status\":\"fail\"}");
        assertThat(parser.parse(bytes, 0, bytes.length)).isEqualTo(bytes.length);
        assertThat(parser.status()).isEqualTo(403);
        assertThat(parser.hasMessageId()).isFalse();
        assertThat(parser.bodyStart(bytes)).isEqualTo("{\"status\":\"fail\"}");
    }

    @Test
    void andATokenThatIsNoUuidDoesNotCount() {
        byte[] bytes = bytes("HTTP/1.1 204 No Content\r\n"
                + "TT-X-Message-Id: 0f8fad5b-d9cb-469f-a165+70867728950e\r\n\r\n");
        parser.parse(bytes, 0, bytes.length);
        assertThat(parser.hasMessageId()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "SMTP ready and waiting\r\n\r\n",
        "HTTP/1.1 2x4 No\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nDate: today\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    })
    void andWhatIsNoReplyIsRefused(String reply) {
        byte[] bytes = bytes(reply);
        assertThatThrownBy(() -> parser.parse(bytes, 0, bytes.length)).isInstanceOf(ReplyParser.MalformedReply.class);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
