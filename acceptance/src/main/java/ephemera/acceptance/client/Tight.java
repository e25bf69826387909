package ephemera.acceptance.client;

import java.math.BigInteger;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An application's view of the Tight v6 door: a server and an access token.
 *
 * <p>Calls give the {@link Reply} whatever its status, unless they say that they expect success. Immutable and
 * thread-safe.
 */
public final class Tight {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Tiger http;
    private final Optional<String> token;

    private Tight(Tiger http, Optional<String> token) {
        this.http = http;
        this.token = token;
    }

    /** Gives the view of an application that has no token yet. */
    public static Tight at(URI server) {
        return new Tight(Tiger.at(server), Optional.empty());
    }

    /** Gives the view of which a witness sees every reply before the caller does, and may object to it. */
    public Tight witnessedBy(Consumer<Reply> witness) {
        return new Tight(http.witnessedBy(witness), token);
    }

    /** Gives the view with any token. */
    public Tight withToken(String other) {
        return new Tight(http.withAuthorization("Bearer " + other), Optional.of(other));
    }

    /** Gives the view with a fresh token of a client; for that user, or for the application itself. */
    public Tight signedIn(String clientId, String clientSecret, Optional<String> userId, String scope) {
        Map<String, String> form = new LinkedHashMap<>(Map.of("grant_type", "client_credentials", "scope", scope));
        userId.ifPresent(id -> form.put("userId", id));
        return withToken(
                token(clientId, clientSecret, form).expect(200).json().required("access_token").asString());
    }

    /** Asks for a token. */
    public Reply token(String clientId, String clientSecret, Map<String, String> form) {
        StringBuilder text = new StringBuilder();
        form.forEach((name, value) -> text.append(text.isEmpty() ? "" : "&").append(Tiger.encoded(name)).append('=')
                .append(Tiger.encoded(value)));
        String basic = Base64.getEncoder()
                .encodeToString((clientId + ":" + clientSecret).getBytes(StandardCharsets.UTF_8));
        return call("POST", "/v6/auth/token", Map.of("Authorization", "Basic " + basic, "Content-Type",
                "application/x-www-form-urlencoded"), text.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** The token itself. */
    public String token() {
        return token.orElseThrow();
    }

    // ---- conversations and messages ----

    /** Opens a conversation with a first message and gives its id. */
    public String open(String subject, String text) {
        return data(post("/v6/conversations",
                Map.of("data", List.of(Map.of("subject", subject, "message", Map.of("text", text))))))
                .get(0).required("data").required("id").asString();
    }

    /** Changes a conversation and gives what it is now. */
    public JsonNode change(String conversation, Map<String, Object> fields) {
        Map<String, Object> item = new LinkedHashMap<>(fields);
        item.put("id", conversation);
        return data(post("/v6/conversations", Map.of("data", List.of(item)))).get(0).required("data");
    }

    /** Saves messages and gives their ids. */
    public List<String> save(String conversation, String... texts) {
        return data(post("/v6/messages", Map.of("data", Arrays.stream(texts)
                .map(text -> Map.of("conversationId", conversation, "text", text)).toList())))
                .valueStream().map(item -> item.required("data").required("id").asString()).toList();
    }

    /** Gives a conversation as this view's person sees it. */
    public JsonNode conversation(String id) {
        return data(get("/v6/conversations/" + id));
    }

    /** Gives the first page of the messages of a conversation. */
    public JsonNode messages(String conversation) {
        return data(get("/v6/conversations/" + conversation + "/messages"));
    }

    /** Gives a message. */
    public JsonNode message(String id) {
        return data(get("/v6/messages/" + id));
    }

    /** Opens the stream of events and waits until it is live. */
    public TightStream events() {
        return TightStream.open(http, Optional.empty());
    }

    /** Opens the stream of events behind one of them. */
    public TightStream eventsAfter(String lastEventId) {
        return TightStream.open(http, Optional.of(lastEventId));
    }

    // ---- any call ----

    /** Sends a GET. */
    public Reply get(String path) {
        return http.get(path);
    }

    /** Sends a POST with a JSON body. */
    public Reply post(String path, Object body) {
        return http.post(path, body);
    }

    /** Sends a POST with a JSON body and an {@code Idempotency-Key}. */
    public Reply postOnce(String key, String path, Object body) {
        return call("POST", path, Map.of("Content-Type", "application/json", "Idempotency-Key", key),
                JSON.writeValueAsBytes(body));
    }

    /** Sends a DELETE. */
    public Reply delete(String path) {
        return http.delete(path);
    }

    /** Sends anything. */
    public Reply call(String method, String path, Map<String, String> headers, byte[] body) {
        return http.call(method, path, headers, body);
    }

    /** What a reply that must be a success holds. */
    public static JsonNode data(Reply reply) {
        JsonNode json = reply.expect(200).json();
        if (!json.required("result").asString().equals("SUCCESS")) {
            throw new AssertionError("no success: " + reply);
        }
        return json.required("data");
    }

    // ---- ids ----

    /** What the other door calls a thing with that id: the number after the prefix is a UUID's bits. */
    public static String uuid(String id) {
        BigInteger number = new BigInteger(id.substring(id.indexOf('_') + 1));
        return new UUID(number.shiftRight(64).longValue(), number.longValue()).toString();
    }

    /** What this door calls a thing of the other door. */
    public static String id(String prefix, String uuid) {
        return prefix + new BigInteger(uuid.replace("-", ""), 16);
    }
}
