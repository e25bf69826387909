package ephemera.server.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Somebody with a key, at a server's door.
 *
 * @param url where the server is
 * @param keys an object with key and secret, as {@code key create} prints it
 */
record Visitor(String url, JsonNode keys) {

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    /** The status with which the server answers who this is: 200, or 401 if the key opens nothing. */
    int status() throws Exception {
        return CLIENT.send(request("/v2/user").build(), BodyHandlers.discarding()).statusCode();
    }

    /** The same person in a session that is opened with this key. */
    Visitor session() throws Exception {
        HttpRequest login = request("/v5/login").POST(BodyPublishers.noBody()).build();
        String reply = CLIENT.send(login, BodyHandlers.ofString()).body();
        return new Visitor(url, JsonMapper.shared().readTree(reply).required("reply").required("auth"));
    }

    /** Sends a message to an address; gives the status. */
    int send(String recipient, String organization) throws Exception {
        return CLIENT.send(message(recipient, organization), BodyHandlers.discarding()).statusCode();
    }

    private HttpRequest message(String recipient, String organization) {
        return request("/v2/message")
                .header("TT-X-Organization-Key", organization)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"recipient\":\"" + recipient + "\",\"body\":\"hello\"}"))
                .build();
    }

    /** Sends a message to an address; gives its id. */
    String sent(String recipient, String organization) throws Exception {
        return CLIENT.send(message(recipient, organization), BodyHandlers.discarding())
                .headers()
                .firstValue("TT-X-Message-Id")
                .orElseThrow();
    }

    /** What the server tells about a message, as text. */
    String read(String message) throws Exception {
        return CLIENT.send(request("/v2/message/" + message).build(), BodyHandlers.ofString()).body();
    }

    /** Opens an event stream; what is given completes when the server ends it. */
    CompletableFuture<Void> stream() throws Exception {
        var stream = CLIENT.send(
                request("/v2/events").header("Accept", "text/event-stream").build(), BodyHandlers.ofInputStream());
        if (stream.statusCode() != 200) {
            throw new AssertionError(stream);
        }
        return CompletableFuture.runAsync(() -> {
            try (InputStream body = stream.body()) {
                body.transferTo(OutputStream.nullOutputStream());
            } catch (IOException _) {
                // Cut rather than finished: ended all the same.
            }
        });
    }

    private HttpRequest.Builder request(String path) {
        String credentials = keys.required("key").asString() + ":" + keys.required("secret").asString();
        return HttpRequest.newBuilder(URI.create(url + path))
                .timeout(Duration.ofSeconds(60))
                .header(
                        "Authorization",
                        "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8)));
    }
}
