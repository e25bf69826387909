package ephemera.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.client.Deadline;
import ephemera.acceptance.client.Draft;
import ephemera.acceptance.client.Event;
import ephemera.acceptance.client.EventStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What connections do to a stream: it goes on where it was, whenever it breaks and however slowly it is read. */
class StreamResumesWithoutGapOrRepeat {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Somebody reader = Somebody.fresh();

    /** Sends so many messages from so many people at once and gives the tokens of all. */
    private List<String> sent(int senders, int each, Callable<Draft> draft) throws Exception {
        try (ExecutorService sending = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<String>>> all = Somebody.fresh(senders).stream().map(sender -> sending.submit(() -> {
                List<String> ids = new ArrayList<>();
                for (int i = 0; i < each; i++) {
                    ids.add(sender.tiger().send(draft.call()).expect(200).messageId());
                }
                return ids;
            })).toList();
            List<String> ids = new ArrayList<>();
            for (Future<List<String>> some : all) {
                ids.addAll(some.get());
            }
            return ids;
        }
    }

    @Test
    void reconnectingAtRandomPointsAmidSendingTellsEverythingOnce() throws Exception {
        Random random = new Random(1);
        int count = 2_000;
        try (ExecutorService sending = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<List<String>> sends = sending.submit(() -> sent(4, count / 4,
                    () -> Draft.to(reader.token(), "on and on")));
            List<Event> all = new ArrayList<>();
            int connections = 0;
            while (all.stream().filter(Event::isMessage).count() < count) {
                int wanted = 1 + random.nextInt(120);
                all.addAll(someMore(last(all), Math.min(wanted, count - (int) all.stream().filter(Event::isMessage)
                        .count()), connections++ % 2 == 0));
            }
            assertThat(connections).isGreaterThan(15);
            assertThat(all.stream().filter(Event::isMessage).map(Event::messageId))
                    .containsExactlyInAnyOrderElementsOf(sends.get());
            assertThat(all.stream().filter(Event::isMessage).toList())
                    .isSortedAccordingTo(
                            Comparator.comparingLong(event -> event.payload().path("sort_number").asLong()));
            assertThat(new HashSet<>(all)).hasSameSizeAs(all);
            assertThat(someMore(last(all), 0, true)).isEmpty();
        }
    }

    private static Optional<String> last(List<Event> events) {
        return events.isEmpty() ? Optional.empty() : Optional.of(events.getLast().lastEventId());
    }

    /**
     * Resumes behind an event, waits for so many messages, breaks off and gives the stored events up to the last of
     * them.
     */
    private List<Event> someMore(Optional<String> after, int messages, boolean byHeader) {
        String query = byHeader ? "" : after.orElse("");
        Map<String, String> headers = byHeader && after.isPresent() ? Map.of("Last-Event-ID", after.get()) : Map.of();
        EventStream stream = EventStream.open(reader.tiger(), "/v2/events?lastEventId=" + query, headers);
        try (stream) {
            if (messages == 0) {
                stream.untilLive();
            } else {
                stream.await(messages, Event::isMessage);
            }
        }
        List<Event> stored = stream.received().stream().filter(event -> !event.lastEventId().isEmpty()).toList();
        return messages == 0 ? stored
                : stored.subList(0, stored.indexOf(stream.messages().get(messages - 1)) + 1);
    }

    @Test
    void resumingTellsWhatIsAcknowledgedTooAndNothingElseChanges() {
        Somebody sender = Somebody.fresh();
        IntStream.range(0, 6).forEach(i -> sender.says(reader, "m" + i));
        List<Event> all = reader.replay();
        reader.tiger().acknowledge(all.stream().map(Event::id).toList()).expect(204);
        assertThat(reader.replay()).isEmpty();
        assertThat(someMore(Optional.of(all.get(3).lastEventId()), 0, true)).isEqualTo(all.subList(4, all.size()));
        assertThat(someMore(Optional.of(all.getLast().lastEventId()), 0, false)).isEmpty();
        // What is no position here names nothing: a plain replay.
        for (String id : List.of("", "1041", "00000000-0000-0000-0000-000000000001", "nonsense")) {
            assertThat(someMore(Optional.of(id), 0, false)).isEmpty();
        }
        assertThat(reader.replay()).isEmpty();
    }

    @Test
    void aReaderWhoStopsForAWhileGetsEverythingInOrder() throws Exception {
        String body = "x".repeat(4_000);
        int count = 3_000;
        try (SlowReader slow = new SlowReader(reader); EventStream quick = reader.live()) {
            slow.next("client_advisory");
            // Twelve megabytes: more than sockets and mailbox hold, so the server must stop writing. Sent by many at
            // once, since it ends a stream of which nothing is taken for half a minute.
            List<String> sent = sent(60, count / 60, () -> Draft.to(reader.token(), body));
            quick.await(count, Event::isMessage);
            List<String> told = new ArrayList<>();
            long before = 0;
            while (told.size() < count) {
                JsonNode message = slow.next("message");
                assertThat(message.path("sort_number").asLong()).isGreaterThan(before);
                before = message.path("sort_number").asLong();
                told.add(message.path("message_id").asString());
            }
            assertThat(told).containsExactlyInAnyOrderElementsOf(sent);
            String late = Somebody.fresh().says(reader, "live again");
            assertThat(slow.next("message").path("message_id").asString()).isEqualTo(late);
        }
    }

    /** A stream on a socket with hardly any buffer, read only when the test asks. */
    private static final class SlowReader implements AutoCloseable {
        private final Socket socket = new Socket();
        private final BufferedReader lines;

        SlowReader(Somebody reader) throws IOException {
            URI server = reader.tiger().server();
            socket.setReceiveBufferSize(4_096);
            socket.setSoTimeout((int) Deadline.LONGEST.toMillis());
            socket.connect(new InetSocketAddress(server.getHost(), server.getPort()));
            socket.getOutputStream().write(("GET /v2/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: "
                    + reader.credentials().basic() + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            lines = new BufferedReader(new InputStreamReader(new Chunks(socket.getInputStream()),
                    StandardCharsets.UTF_8), 1_024);
        }

        /** Reads up to the next event with that name and gives what it says. */
        JsonNode next(String name) throws IOException {
            while (true) {
                String line = lines.readLine();
                assertThat(line).as("the stream goes on").isNotNull();
                if (line.startsWith("data: ")) {
                    JsonNode payload = JSON.readTree(line.substring(6)).path("event").path("tigertext:iq:" + name);
                    if (!payload.isMissingNode()) {
                        return payload;
                    }
                }
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /** The bytes of a chunked body, whose head is passed over. */
    private static final class Chunks extends InputStream {
        private final InputStream in;
        private int left;

        Chunks(InputStream in) throws IOException {
            this.in = in;
            String line = line();
            while (!line.isEmpty()) {
                // The head says nothing that matters here.
                line = line();
            }
        }

        @Override
        public int read() throws IOException {
            if (left == 0) {
                String size = line();
                left = Integer.parseInt(size.isEmpty() ? line() : size, 16);
            }
            return left-- == 0 ? -1 : in.read();
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int first = read();
            if (first < 0) {
                return -1;
            }
            into[offset] = (byte) first;
            if (left == 0 || length == 1) {
                return 1;
            }
            int more = Math.max(0, in.read(into, offset + 1, Math.min(left, length - 1)));
            left -= more;
            return 1 + more;
        }

        private String line() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
                if (c != '\r') {
                    line.append((char) c);
                }
            }
            return line.toString();
        }
    }
}
