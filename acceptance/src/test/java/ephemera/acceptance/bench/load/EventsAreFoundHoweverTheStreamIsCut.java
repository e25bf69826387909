package ephemera.acceptance.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventsAreFoundHoweverTheStreamIsCut {
    private static final String HEAD = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n";
    private static final String TOKEN = "0f8fad5b-d9cb-469f-a165-70867728950e";
    private static final String MESSAGE = "{\"event_id\":\"e1\",\"event\":{\"tigertext:iq:message\":{"
            + "\"sender_display_name\":\"\\\"message_id\\\":\\\"x\\\" \\\\\",\"data\":[{\"payload\":"
            + "\"{\\\"body\\\":1}\"}],\"message_id\":\"" + TOKEN + "\",\"dor\":false,\"body\" : \"say \\\"hi\\\"\"}}}";
    private static final String STOP =
            "{\"event\":{\"tigertext:iq:client_advisory\":{\"advisory\":{\"name\":\"replay_stop\"}}},"
                    + "\"event_id\":\"e2\"}";
    private static final String EVENTS = ": comment\n\nid: 7\ndata: " + MESSAGE + "\n\ndata:" + STOP + "\r\n\r\n"
            + "data: {\"event_id\":\"e3\",\"event\":{\"tigertext:iq:sse:heartbeat\":{}}}\n\n";

    private final List<String> found = new ArrayList<>();
    private final EventScan scan = new EventScan();
    private final EventParser parser = new EventParser(scan, this::note);

    private void note(EventScan event) {
        String text = event.eventId() + " " + event.kind() + " " + event.isAcknowledged();
        if (event.hasMessage()) {
            text += " " + new UUID(event.messageIdHigh(), event.messageIdLow()) + " "
                    + new String(event.bytes(), event.bodyFrom(), event.bodyTo() - event.bodyFrom(),
                            StandardCharsets.UTF_8);
        }
        found.add(text);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "3, 7", "50, 2", "10000, 13", "64, 10000", "10000, 10000"})
    void intoChunksAndReads(int chunk, int read) {
        byte[] bytes = (HEAD + "Transfer-Encoding: chunked\r\n\r\n" + chunked(EVENTS, chunk)).getBytes(
                StandardCharsets.UTF_8);
        for (int from = 0; from < bytes.length; from += read) {
            parser.feed(bytes, from, Math.min(bytes.length, from + read));
        }
        assertEverythingFound();
        assertThat(parser.isOpen()).isTrue();
        parser.feed("0\r\n\r\n".getBytes(StandardCharsets.UTF_8), 0, 5);
        assertThat(parser.isEnded()).isTrue();
    }

    @Test
    void orNotChunkedAtAll() {
        byte[] bytes = (HEAD + "\r\n" + EVENTS).getBytes(StandardCharsets.UTF_8);
        parser.feed(bytes, 0, bytes.length);
        assertEverythingFound();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 401 Unauthorized\r\nContent-Type: text/event-stream\r\n\r\n",
        HEAD + "\r\ndata: hello\n\n",
        HEAD + "\r\ndata: {\"event\":{\"tigertext:iq:sse:heartbeat\":{}}}\n\n",
        HEAD + "\r\ndata: {\"event_id\":\"e1\",\"event\":{}}\n\n",
        HEAD + "\r\ndata: {\"event_id\":\"e1\",\"event\":{\"tigertext:iq:mess\n\n",
    })
    void andWhatEndsAPublishedClientsStreamIsRefused(String stream) {
        byte[] bytes = stream.getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> parser.feed(bytes, 0, bytes.length)).isInstanceOf(ReplyParser.MalformedReply.class);
    }

    private void assertEverythingFound() {
        assertThat(found).containsExactly("e1 MESSAGE true " + TOKEN + " say \\\"hi\\\"", "e2 REPLAY_STOP true",
                "e3 HEARTBEAT false");
    }

    private static String chunked(String text, int size) {
        StringBuilder chunks = new StringBuilder();
        for (int from = 0; from < text.length(); from += size) {
            String chunk = text.substring(from, Math.min(text.length(), from + size));
            chunks.append(Integer.toHexString(chunk.length())).append("\r\n").append(chunk).append("\r\n");
        }
        return chunks.toString();
    }
}
