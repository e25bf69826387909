package ephemera.acceptance.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RawBytesAreSentAsTheyAre {
    private static final String REQUEST = "GET /§ HTTP/1.1\r\nno colon here\r\n\r\n";

    @ParameterizedTest
    @ValueSource(strings = {
        "HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\nX-A: 1\r\nx-a: 2\r\n\r\nno",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 400 Bad Request\r\nX-a: 1\r\nX-a: 2\r\n\r\nno",
        "HTTP/1.1 400 Bad\r\nX-A: 1\r\nX-a: 2\r\nTransfer-Encoding: chunked\r\n\r\n1;a=b\r\nn\r\n1\r\no\r\n0\r\n\r\n",
    })
    void andTheReplyIsReadInAnyFraming(String answer) throws IOException, InterruptedException {
        try (ScriptedServer server = new ScriptedServer(answer, true)) {
            Reply reply = RawHttp.exchange(server.tiger().server(), REQUEST);
            assertThat(server.request().length()).isGreaterThanOrEqualTo(REQUEST.length());
            assertThat(reply.status()).isEqualTo(400);
            assertThat(reply.text()).isEqualTo("no");
            assertThat(reply.headers().get("x-a")).containsExactly("1", "2");
        }
    }

    @Test
    void andAServerThatClosesWithoutAnAnswerIsAnError() throws IOException {
        try (ScriptedServer server = new ScriptedServer("", true)) {
            assertThatThrownBy(() -> RawHttp.exchange(server.tiger().server(), REQUEST)).isInstanceOf(
                    UncheckedIOException.class).hasMessageContaining("closed the connection");
        }
    }
}
