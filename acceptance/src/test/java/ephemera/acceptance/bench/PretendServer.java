package ephemera.acceptance.bench;

import ephemera.acceptance.client.Credentials;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * A few hundred lines' worth of nothing behind the wire format that the load client speaks, to try the client alone.
 *
 * <p>It keeps no message, and it can be told to make each of the faults that the client must notice.
 */
final class PretendServer implements AutoCloseable {
    /** What it does wrong with every tenth message. */
    enum Fault { NONE, LOSES, REPEATS, RENAMES, MISDIRECTS, REFUSES }

    private final ServerSocket socket;
    private final Fault fault;
    private final Map<String, List<Stream>> streams = new ConcurrentHashMap<>();
    private final Map<String, List<String>> groups = new ConcurrentHashMap<>();
    private final AtomicInteger messages = new AtomicInteger();
    private final AtomicInteger acknowledged = new AtomicInteger();

    private record Request(String method, String path, Map<String, String> headers, String body) {
        String person() {
            String given = Objects.requireNonNull(headers.get("authorization"), "a request without credentials");
            byte[] basic = Base64.getDecoder().decode(given.substring("Basic ".length()));
            return new String(basic, StandardCharsets.US_ASCII).split(":")[0];
        }

        String field(String name) {
            int from = body.indexOf("\"" + name + "\":\"") + name.length() + 4;
            return body.substring(from, body.indexOf('"', from));
        }
    }

    private record Stream(OutputStream out) {
        synchronized void data(String json) throws IOException {
            String event = "data: " + json + "\n\n";
            String chunk = Integer.toHexString(event.length()) + "\r\n" + event + "\r\n";
            out.write(chunk.getBytes(StandardCharsets.US_ASCII));
            out.flush();
        }
    }

    PretendServer(int port, Fault fault) throws IOException {
        this.fault = fault;
        socket = new ServerSocket(port, 1_000, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
        Thread.ofVirtual().start(this::beat);
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + socket.getLocalPort());
    }

    int acknowledgedEvents() {
        return acknowledged.get();
    }

    /** Gives people that this server knows: the key is the token. */
    static List<Credentials> people(int count) {
        return IntStream.range(0, count).mapToObj("p%07d"::formatted).map(t -> new Credentials(t, t, "s")).toList();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket client = socket.accept();
                client.setTcpNoDelay(true);
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException _) {
                return;
            }
        }
    }

    private void beat() {
        while (!socket.isClosed()) {
            LockSupport.parkNanos(5_000_000_000L);
            streams.forEach((_, all) -> all.forEach(stream -> deliver(stream, event("sse:heartbeat", "{}"), 1, all)));
        }
    }

    private void serve(Socket client) {
        try (client) {
            InputStream in = new BufferedInputStream(client.getInputStream(), 2_048);
            OutputStream out = client.getOutputStream();
            while (true) {
                answer(read(in), out);
            }
        } catch (IOException _) {
            // The client went away.
        }
    }

    private void answer(Request request, OutputStream out) throws IOException {
        switch (request.method() + " " + request.path().split("\\?")[0]) {
            case "POST /v2/message" -> message(request, out);
            case "POST /v2/events/ack" -> {
                acknowledged.addAndGet(request.body().split(",").length);
                write(out, "HTTP/1.1 204 No Content\r\n\r\n");
            }
            case "POST /v2/group" -> {
                String token = UUID.randomUUID().toString();
                groups.put(token, List.of(request.field("members").split(",")));
                String json = "{\"status\":\"success\",\"reply\":{\"token\":\"" + token + "\"}}";
                write(out, "HTTP/1.1 200 OK\r\nTT-X-Group-Token: " + token + "\r\nContent-Length: " + json.length()
                        + "\r\n\r\n" + json);
            }
            case "GET /v2/events" -> stream(request.person(), out);
            default -> write(out, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
        }
    }

    private void stream(String person, OutputStream out) throws IOException {
        write(out, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
        Stream stream = new Stream(out);
        stream.data(event("client_advisory", "{\"advisory\":{\"name\":\"replay_start\",\"replay_message_count\":0}}"));
        stream.data(event("client_advisory", "{\"advisory\":{\"name\":\"replay_stop\"}}"));
        stream.data(event("sse:heartbeat", "{}"));
        streams.computeIfAbsent(person, _ -> new CopyOnWriteArrayList<>()).add(stream);
    }

    private void message(Request request, OutputStream out) throws IOException {
        String token = UUID.randomUUID().toString();
        Fault now = messages.incrementAndGet() % 10 == 0 ? fault : Fault.NONE;
        if (now == Fault.REFUSES) {
            write(out, "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
            return;
        }
        write(out, "HTTP/1.1 204 No Content\r\nTT-X-Message-Id: " + token + "\r\nTT-X-Msg-Ttl: 43200\r\n\r\n");
        String recipient = request.field("recipient");
        String told = now == Fault.RENAMES ? UUID.randomUUID().toString() : token;
        String json = event(groups.containsKey(recipient) ? "group_message" : "message", "{\"message_id\":\"" + told
                + "\",\"client_id\":\"" + told + "\",\"sender_token\":\"" + request.person()
                + "\",\"recipient_token\":\"" + recipient + "\",\"sender_organization\":\"org\","
                + "\"recipient_organization\":\"org\",\"sender_display_name\":\"A \\\"quoted\\\" name\","
                + "\"created_time\":\"2026-01-02T03:04:05.678Z\",\"body\":\"" + request.field("body")
                + "\",\"ttl\":43200,\"expire_in\":2592000,\"dor\":false,\"status\":\"New\",\"priority\":0,"
                + "\"attachments\":[],\"data\":[],\"sort_number\":1001,\"is_forwarded\":false}");
        List<String> readers = new ArrayList<>(groups.getOrDefault(recipient, List.of(recipient)));
        int repeats = now == Fault.LOSES ? 0 : now == Fault.REPEATS ? 2 : 1;
        if (now == Fault.MISDIRECTS) {
            readers = streams.keySet().stream().filter(person -> !person.equals(recipient)).limit(1).toList();
        }
        for (String reader : readers) {
            List<Stream> all = streams.getOrDefault(reader, List.of());
            for (Stream stream : all) {
                deliver(stream, json, repeats, all);
            }
        }
    }

    private static void deliver(Stream stream, String json, int times, List<Stream> all) {
        try {
            for (int i = 0; i < times; i++) {
                stream.data(json);
            }
        } catch (IOException _) {
            all.remove(stream);
        }
    }

    private static String event(String name, String payload) {
        return "{\"event_id\":\"" + UUID.randomUUID() + "\",\"event\":{\"tigertext:iq:" + name + "\":" + payload + "}}";
    }

    private static Request read(InputStream in) throws IOException {
        String[] first = line(in).split(" ");
        Map<String, String> headers = new LinkedHashMap<>();
        String header;
        while (!(header = line(in)).isEmpty()) {
            int colon = header.indexOf(':');
            headers.put(header.substring(0, colon).toLowerCase(Locale.ROOT), header.substring(colon + 1).strip());
        }
        byte[] body = in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
        return new Request(first[0], first[1], headers, new String(body, StandardCharsets.UTF_8));
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        int b;
        while ((b = in.read()) != '\n') {
            if (b < 0) {
                throw new EOFException();
            }
            line.append((char) b);
        }
        line.setLength(line.length() - 1);
        return line.toString();
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    /** Serves until it is killed; arguments: port, number of people, file for their keys. */
    @SuppressWarnings("try")
    public static void main(String... arguments) throws IOException, InterruptedException {
        List<String> lines = people(Integer.parseInt(arguments[1])).stream()
                .map(person -> "{\"token\":\"%1$s\",\"key\":\"%1$s\",\"secret\":\"s\"}".formatted(person.token()))
                .toList();
        Files.write(Path.of(arguments[2]), lines);
        try (PretendServer _ = new PretendServer(Integer.parseInt(arguments[0]), Fault.NONE)) {
            Thread.currentThread().join();
        }
    }
}
