package ephemera.server;

import ephemera.server.http.pages.DocumentedAnswers;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A call on its way to a server: immutable, and sent as often as it is asked to. */
public final class Request {

    private static final JsonMapper MAPPER = JsonMapper.shared();
    private static final DocumentedAnswers TIGHT = DocumentedAnswers.of("tight");
    private static final String BOUNDARY = "------------------------0123456789abcdef";

    private final HttpClient client;
    private final String server;
    private final String method;
    private final String path;
    private final List<String> headers;
    private final byte[] body;

    Request(HttpClient client, String server, String method, String path) {
        this(client, server, method, path, List.of(), new byte[0]);
    }

    private Request(
            HttpClient client, String server, String method, String path, List<String> headers, byte[] body) {
        this.client = client;
        this.server = server;
        this.method = method;
        this.path = path;
        this.headers = headers;
        this.body = body;
    }

    /** The same with a further header. */
    public Request with(String name, String value) {
        List<String> more = new ArrayList<>(headers);
        more.add(name);
        more.add(value);
        return new Request(client, server, method, path, more, body);
    }

    /** The same, signed in as a member. */
    public Request as(OneServer.Member member) {
        return with("Authorization", member.authorization());
    }

    /** The same with a JSON body. */
    public Request json(String json) {
        return body("application/json", json);
    }

    /** The same with a body of that type. */
    public Request body(String type, String text) {
        return new Request(client, server, method, path, headers, text.getBytes(StandardCharsets.UTF_8))
                .with("Content-Type", type);
    }

    /** The same with a form of names and values in turn. */
    public Request form(String... fields) {
        List<String> pairs = new ArrayList<>();
        for (int i = 0; i < fields.length; i += 2) {
            pairs.add(URLEncoder.encode(fields[i], StandardCharsets.UTF_8) + "="
                    + URLEncoder.encode(fields[i + 1], StandardCharsets.UTF_8));
        }
        byte[] text = String.join("&", pairs).getBytes(StandardCharsets.UTF_8);
        return new Request(client, server, method, path, headers, text)
                .with("Content-Type", "application/x-www-form-urlencoded");
    }

    /** The same with a multipart body of one text field and one file. */
    public Request upload(String field, String value, String file, String content) {
        String text = "--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"" + field + "\"\r\n\r\n" + value
                + "\r\n--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"" + file
                + "\"; filename=\"file.txt\"\r\nContent-Type: text/plain\r\n\r\n" + content
                + "\r\n--" + BOUNDARY + "--\r\n";
        return new Request(client, server, method, path, headers, text.getBytes(StandardCharsets.UTF_8))
                .with("Content-Type", "multipart/form-data; boundary=" + BOUNDARY);
    }

    /**
     * What a server answered.
     *
     * @param status the HTTP status
     * @param body what it said; empty for a stream that goes on
     */
    public record Answer(int status, String body, HttpResponse<?> response) {

        /** The first header of that name. */
        public Optional<String> header(String name) {
            return response.headers().firstValue(name);
        }

        /** The whole of what it said. */
        public JsonNode json() {
            return MAPPER.readTree(body);
        }

        /** The {@code reply} of the envelope. */
        public JsonNode reply() {
            return MAPPER.readTree(body).path("reply");
        }
    }

    /**
     * Sends it; of an event stream, only the beginning is waited for. An answer of the Tight door that its document
     * does not describe is a failure.
     */
    public Answer send() {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server + path))
                .method(method, HttpRequest.BodyPublishers.ofByteArray(body));
        if (!headers.isEmpty()) {
            request.headers(headers.toArray(String[]::new));
        }
        try {
            HttpResponse<InputStream> response =
                    client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream content = response.body()) {
                boolean endless =
                        response.headers().firstValue("Content-Type").equals(Optional.of("text/event-stream"));
                byte[] bytes = endless ? new byte[0] : content.readAllBytes();
                String said = new String(bytes, StandardCharsets.UTF_8);
                if (path.startsWith("/v6/")) {
                    TIGHT.witness(new DocumentedAnswers.Seen(
                            method, path, response.statusCode(), response.headers().map(), said));
                }
                return new Answer(response.statusCode(), said, response);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
