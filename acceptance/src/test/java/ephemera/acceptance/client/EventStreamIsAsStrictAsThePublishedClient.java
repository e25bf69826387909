package ephemera.acceptance.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventStreamIsAsStrictAsThePublishedClient {
    private static final String HEAD =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";

    @Test
    void andHandsOverWhatIsRight() throws IOException, InterruptedException {
        String events = """
                data: {"event_id":"1","event":{"tigertext:iq:client_advisory":{"advisory":{"name":"replay_start"}}}}

                : a comment
                id: 17
                data: {"event_id":"2","event":{"tigertext:iq:message":{"message_id":"m","body":"ä\\n"}}}

                data:{"event_id":"1","event":{"tigertext:iq:client_advisory":{"advisory":{"name":"replay_stop"}}}}

                event: message
                data: {"event_id":"3","event":{"tigertext:iq:message:status":{"client_id":"m","status":"Read"}}}

                """;
        try (ScriptedServer server = new ScriptedServer(HEAD + events, false);
                EventStream stream = server.tiger().as("k", "s").events("heartbeat_5", "is-typing").untilLive()) {
            Event message = stream.next("message");
            assertThat(message.text("body")).isEqualTo("ä\n");
            assertThat(message.lastEventId()).isEqualTo("17");
            assertThat(stream.next(event -> event.is("message:status")).messageId()).isEqualTo("m");
            assertThat(stream.messages()).containsExactly(message);
            assertThat(stream.received()).hasSize(4);
            assertThat(stream.end()).isEmpty();
            assertThat(server.request()).startsWith("GET /v2/events?lastEventId= HTTP/1.1\r\n")
                    .contains("\r\nAccept: text/event-stream\r\n", "\r\nAuthorization: Basic azpz\r\n",
                            "\r\nTT-X-Features: heartbeat_5,is-typing\r\n");
        }
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', value = {
        "hello | not JSON",
        "{\"event\":{\"tigertext:iq:presence\":{}}} | without event_id",
        "{\"event_id\":\"1\",\"event\":{}} | exactly one key",
        "{\"event_id\":\"1\",\"event\":{\"tigertext:iq:presence\":{},\"x\":1}} | exactly one key",
        "{\"event_id\":\"1\",\"event\":{\"message\":{}}} | without the prefix",
        "{\"event_id\":\"1\",\"event\":{\"tigertext:iq:message\":[]}} | not an object",
        "{\"event_id\":\"1\",@data: \"event\":{\"tigertext:iq:presence\":{}}} | two data lines",
        "{}@event: ping | a named event",
    })
    void andEndsOverWhatWouldKillIt(String data, String reason) throws IOException {
        try (ScriptedServer server = new ScriptedServer(HEAD + "data: " + data.replace('@', '\n') + "\n\n", false);
                EventStream stream = server.tiger().events()) {
            assertThat(stream.awaitEnd()).contains(reason);
            assertThatThrownBy(stream::next).isInstanceOf(AssertionError.class).hasMessageContaining(reason);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "200 OK\r\nContent-Type: text/event-stream; charset=utf-8",
        "200 OK\r\nContent-Type: application/json",
        "201 Created\r\nContent-Type: text/event-stream",
        "401 Unauthorized\r\nContent-Type: text/event-stream",
    })
    void andDoesNotTakeAnotherAnswer(String answer) throws IOException {
        try (ScriptedServer server = new ScriptedServer("HTTP/1.1 " + answer + "\r\nContent-Length: 0\r\n\r\n", true)) {
            Tiger tiger = server.tiger();
            assertThatThrownBy(tiger::events).isInstanceOf(AssertionError.class)
                    .hasMessageContaining(answer.substring(0, 3));
        }
    }

    @Test
    void andSaysWhenTheServerCloses() throws IOException {
        try (ScriptedServer server = new ScriptedServer(HEAD, true); EventStream stream = server.tiger().events()) {
            assertThat(stream.awaitEnd()).isEqualTo("closed by the server");
        }
    }

    @Test
    void andAcknowledgesWhatThePublishedClientAcknowledges() throws IOException, InterruptedException {
        StringBuilder events = new StringBuilder();
        for (String name : List.of("message", "sse:heartbeat", "presence", "never_heard_of")) {
            events.append("data: {\"event_id\":\"id-%1$s\",\"event\":{\"tigertext:iq:%1$s\":{}}}\n\n".formatted(name));
        }
        try (ScriptedServer server = new ScriptedServer(HEAD + events, false);
                EventStream stream = server.tiger().events()) {
            stream.await(4, _ -> true);
            server.request();
            stream.acknowledging();
            assertThat(server.request()).startsWith("POST /v2/events/ack HTTP/1.1\r\n")
                    .endsWith("\r\n\r\n{\"events\":[\"id-message\",\"id-never_heard_of\"]}");
        }
    }
}
