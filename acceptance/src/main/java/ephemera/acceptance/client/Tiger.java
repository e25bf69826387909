package ephemera.acceptance.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Somebody's view of the TigerConnect v2 door: a server, a way to sign in, an organization, and the calls.
 *
 * <p>Calls are those of the published JS client 13 unless a method says otherwise; they give the {@link Reply} whatever
 * its status. A connection that breaks or a reply that takes longer than a minute is an {@link UncheckedIOException}.
 * Immutable and thread-safe: {@link #as}, {@link #in} and their kind give another view.
 */
public final class Tiger {
    private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Deadline.LONGEST).followRedirects(HttpClient.Redirect.NEVER).build();
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** After so long without status and headers of an event stream, JS 13 gives up. */
    private static final Duration LONGEST_HEAD = Duration.ofSeconds(6);

    private final HttpClient http;
    private final URI server;
    private final Optional<String> authorization;
    private final Optional<String> organization;
    private final Consumer<Reply> witness;

    private Tiger(HttpClient http, URI server, Optional<String> authorization, Optional<String> organization,
            Consumer<Reply> witness) {
        this.http = http;
        this.server = server;
        this.authorization = authorization;
        this.organization = organization;
        this.witness = witness;
    }

    // ---- views ----

    /** Gives the view of somebody who is not signed in. */
    public static Tiger at(URI server) {
        return new Tiger(HTTP, server, Optional.empty(), Optional.empty(), _ -> {});
    }

    /** Gives the view through another HTTP client, for example one that trusts a test's certificate. */
    public Tiger through(HttpClient client) {
        return new Tiger(client, server, authorization, organization, witness);
    }

    /** Gives the view of which a witness sees every reply before the caller does, and may object to it. */
    public Tiger witnessedBy(Consumer<Reply> other) {
        return new Tiger(http, server, authorization, organization, other);
    }

    /** Gives the view of somebody with an API key. */
    public Tiger as(Credentials credentials) {
        return withAuthorization(credentials.basic());
    }

    /** Gives the view of somebody with an API key and its secret. */
    public Tiger as(String key, String secret) {
        return as(new Credentials("", key, secret));
    }

    /** Gives the view with any {@code Authorization} header. */
    public Tiger withAuthorization(String header) {
        return new Tiger(http, server, Optional.of(header), organization, witness);
    }

    /** Gives the view inside an organization: {@code TT-X-Organization-Key} and a message's organizations. */
    public Tiger in(String organizationToken) {
        return new Tiger(http, server, authorization, Optional.of(organizationToken), witness);
    }

    /** Gives the server's address. */
    public URI server() {
        return server;
    }

    // ---- signing in ----

    /** Signs in with a password as JS 13 does, on {@code /v5/login}. */
    public Reply login(String login, String password) {
        return withAuthorization(xmppSimple(login, password)).post("/v5/login", Map.of(
                "device_id", UUID.randomUUID().toString(),
                "metadata", Map.of("device_type", "js_sdk", "device_version", "13.7.0", "tt_product_version",
                        "acceptance", "user_agent", "acceptance"),
                "push_routing", "consumer", "version", "1.0", "want_condensed_replays", true,
                "want_processing_events", true));
    }

    /** Signs in with a password as JS 3 does, on {@code /v2/login}. */
    public Reply loginV2(String login, String password) {
        return withAuthorization(xmppSimple(login, password)).post("/v2/login", Map.of("push_routing", "consumer",
                "version", "1.0", "device_id", UUID.randomUUID().toString(),
                "metadata", Map.of("tt_product_version", "acceptance")));
    }

    /** Signs in with a password and gives the view of the session's key; anything but success is an error. */
    public Tiger signedIn(String login, String password) {
        JsonNode auth = login(login, password).expect(200).reply().required("auth");
        return as(auth.required("key").asString(), auth.required("secret").asString());
    }

    /** Signs out: the key and secret of this view stop working. */
    public Reply logout() {
        return call("POST", "/v2/logout", Map.of("Content-Type", "application/json"), new byte[0]);
    }

    /** Signs out all devices of a person. */
    public Reply wipe(String userToken) {
        return post("/v2/wipe?token=" + encoded(userToken), Map.of());
    }

    // ---- people ----

    /** Reads the own user. */
    public Reply me() {
        return get("/v2/user");
    }

    /** Reads a user by token, e-mail, phone or username. */
    public Reply user(String address) {
        return get("/v2/user/" + encoded(address) + "?render_metadata=true");
    }

    /** Searches people by a part of their name. */
    public Reply search(String displayName) {
        return post("/v2/search", Map.of("directory", organization.stream().toList(), "type", List.of("account"),
                "include_disabled", false, "render_metadata", true, "results_format", "entities", "sort", List.of(),
                "bool", Map.of("must", Map.of("display_name", displayName))));
    }

    // ---- messages ----

    /** Sends a message and asks for its JSON; with a file as multipart. */
    public Reply send(Draft draft) {
        Map<String, String> headers = new LinkedHashMap<>(Map.of("Request-ID", draft.requestId()));
        if (draft.attachment().isEmpty()) {
            headers.put("Content-Type", "application/json");
            return call("POST", "/v2/message?response_format=message", headers, json(draft.json(organization)));
        }
        Multipart multipart = draft.multipart(organization);
        headers.put("Content-Type", multipart.contentType());
        return call("POST", "/v2/message?response_format=message", headers, multipart.bytes());
    }

    /** Sends a text and asks for the message's JSON. */
    public Reply send(String recipient, String body) {
        return send(Draft.to(recipient, body));
    }

    /** Sends a text as the Java SDK and tigertext-node do: they take nothing but 204 with {@code TT-X-Message-Id}. */
    public Reply sendPlain(String recipient, String body) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("body", body);
        fields.put("recipient", recipient);
        return post("/v2/message/", fields);
    }

    /** Sends a text as a form, {@code recipient=…&ttl=…&body=…}. */
    public Reply sendForm(String recipient, String body, int ttl) {
        String form = "recipient=" + encoded(recipient) + "&ttl=" + ttl + "&body=" + encoded(body);
        return call("POST", "/v2/message", Map.of("Content-Type", "application/x-www-form-urlencoded"),
                form.getBytes(StandardCharsets.US_ASCII));
    }

    /** Reads a message. */
    public Reply message(String messageToken) {
        return get("/v2/message/" + encoded(messageToken));
    }

    /** Reads a message's attachment. */
    public Reply attachment(String messageToken) {
        return get("/v2/message/" + encoded(messageToken) + "/attachment/1");
    }

    /** Recalls a message. */
    public Reply recall(String messageToken) {
        return delete("/v2/message/" + encoded(messageToken));
    }

    /** Forwards a message; the reply has the new one's token in its header. */
    public Reply forward(String messageToken, String recipient) {
        Map<String, Object> fields = new LinkedHashMap<>(Map.of("recipient", recipient));
        organization.ifPresent(token -> {
            fields.put("sender_organization", token);
            fields.put("recipient_organization", token);
        });
        return call("POST", "/v2/message/" + encoded(messageToken) + "/forward",
                Map.of("Content-Type", "application/json", "Request-ID", UUID.randomUUID().toString()), json(fields));
    }

    /** Reports messages as delivered. */
    public Reply delivered(String... messageTokens) {
        return post("/v2/message/status", Map.of("delivered", List.of(messageTokens)));
    }

    /** Reports messages as read. */
    public Reply read(String... messageTokens) {
        return post("/v2/message/status", Map.of("read", List.of(messageTokens)));
    }

    /** Reads who received and read a message. */
    public Reply messageStatus(String messageToken) {
        return get("/v2/message/" + encoded(messageToken) + "/status");
    }

    /** Reads who received and read several messages. */
    public Reply messageStatuses(String... messageTokens) {
        return post("/v2/get_bulk_message_status", Map.of("messages", List.of(messageTokens)));
    }

    /** Says that this person is typing. */
    public Reply typing(String recipient) {
        return post("/v2/message/typing", Map.of("recipient", recipient));
    }

    /** Says that this person stopped typing, in the form with one path segment. */
    public Reply typingStopped(String recipient) {
        return delete("/v2/message/typing/" + encoded(recipient));
    }

    // ---- groups ----

    /** Creates a group of these people and the caller. */
    public Reply createGroup(String name, String... members) {
        return createGroup(name, false, List.of(members));
    }

    /** Creates a group, with or without earlier messages for members who join later. */
    public Reply createGroup(String name, boolean replayHistory, List<String> members) {
        return post("/v2/group?exclude_creator=false&render_entity=true", Map.of("is_public", false, "members",
                String.join(",", members), "metadata", Map.of(), "name", name, "replay_history", replayHistory));
    }

    /** Reads a group. */
    public Reply group(String groupToken) {
        return get("/v2/group/" + encoded(groupToken) + "?render_metadata=true");
    }

    /** Changes fields of a group. */
    public Reply updateGroup(String groupToken, Map<String, ?> fields) {
        return post("/v2/group/" + encoded(groupToken), fields);
    }

    /** Deletes a group. */
    public Reply deleteGroup(String groupToken) {
        return delete("/v2/group/" + encoded(groupToken));
    }

    /** Reads the tokens of a group's members. */
    public Reply members(String groupToken) {
        return get("/v2/group/" + encoded(groupToken) + "/members");
    }

    /** Adds members to a group. */
    public Reply addMembers(String groupToken, String... members) {
        return post("/v2/group/" + encoded(groupToken) + "/members", Map.of("members", List.of(members)));
    }

    /** Removes members from a group. */
    public Reply removeMembers(String groupToken, String... members) {
        return post("/v2/group/" + encoded(groupToken) + "/members/remove", Map.of("members", List.of(members)));
    }

    // ---- roster and metadata ----

    /** Reads the conversations of this person. */
    public Reply roster() {
        return get("/v2/roster?render_metadata=true");
    }

    /** Adds a conversation; {@code kind} is {@code account}, {@code group} or {@code list}. */
    public Reply addToRoster(String token, String kind) {
        return post("/v2/roster", Map.of("entity", token, "type", "tigertext:entity:" + kind));
    }

    /** Leaves a conversation; {@code kind} is {@code account}, {@code group} or {@code list}. */
    public Reply leave(String address, String kind) {
        String type = "tigertext:entity:" + kind;
        return call("DELETE", "/v2/roster/" + encoded(address),
                Map.of("TT-X-Type", type, "Content-Type", "application/json"), json(Map.of("type", type)));
    }

    /** Reads the metadata of a person or group. */
    public Reply metadata(String address) {
        return get("/v2/metadata/" + encoded(address));
    }

    /** Replaces the metadata of a person or group. */
    public Reply setMetadata(String address, Map<String, String> values) {
        return post("/v2/metadata/" + encoded(address), values);
    }

    /** Clears the metadata of a person or group. */
    public Reply clearMetadata(String address) {
        return delete("/v2/metadata/" + encoded(address));
    }

    // ---- events ----

    /** Opens an event stream that acknowledges nothing by itself. */
    public EventStream events(String... features) {
        return EventStream.open(this, List.of(features));
    }

    /** Acknowledges events by their tokens. */
    public Reply acknowledge(List<String> eventIds) {
        return post("/v2/events/ack", Map.of("events", eventIds));
    }

    /** Closes all event streams of this person. */
    public Reply closeStreams() {
        return delete("/v2/events/");
    }

    // ---- any call ----

    /** Sends a GET. */
    public Reply get(String path) {
        return call("GET", path, Map.of(), new byte[0]);
    }

    /** Sends a POST with a JSON body. */
    public Reply post(String path, Object body) {
        return call("POST", path, Map.of("Content-Type", "application/json"), json(body));
    }

    /** Sends a PUT with a JSON body. */
    public Reply put(String path, Object body) {
        return call("PUT", path, Map.of("Content-Type", "application/json"), json(body));
    }

    /** Sends a DELETE without a body. */
    public Reply delete(String path) {
        return call("DELETE", path, Map.of(), new byte[0]);
    }

    /** Sends anything; the headers of this view come in addition to the given ones, unless those name them too. */
    public Reply call(String method, String path, Map<String, String> headers, byte[] body) {
        HttpRequest request = request(method, path, headers, body).timeout(Deadline.LONGEST).build();
        try {
            Reply reply = Reply.of(method + " " + path, http.send(request, BodyHandlers.ofByteArray()));
            witness.accept(reply);
            return reply;
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + path + " was not answered: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for the server", e);
        }
    }

    /**
     * Starts a GET whose body is read as it comes; the reply's head must come within {@link #LONGEST_HEAD}, of which a
     * pause of the machine takes a second.
     */
    HttpResponse<InputStream> open(String path, Map<String, String> headers) throws IOException, InterruptedException {
        // A timeout of the request itself covers the body too, from JDK 26 on.
        CompletableFuture<HttpResponse<InputStream>> answer =
                http.sendAsync(request("GET", path, headers, new byte[0]).build(), BodyHandlers.ofInputStream());
        try {
            Deadline deadline = Deadline.in(LONGEST_HEAD);
            while (true) {
                try {
                    return answer.get(deadline.step(), TimeUnit.NANOSECONDS);
                } catch (TimeoutException e) {
                    if (deadline.isOver()) {
                        answer.cancel(true);
                        throw new IOException("no status and headers within " + LONGEST_HEAD.toSeconds() + " s", e);
                    }
                }
            }
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
    }

    /** Encodes one path segment or form value as {@code encodeURIComponent} does. */
    public static String encoded(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private HttpRequest.Builder request(String method, String path, Map<String, String> headers, byte[] body) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("Accept", "application/json");
        authorization.ifPresent(value -> all.put("Authorization", value));
        organization.ifPresent(value -> all.put("TT-X-Organization-Key", value));
        all.putAll(headers);
        List<String> flat = new ArrayList<>();
        all.forEach((name, value) -> flat.addAll(List.of(name, value)));
        HttpRequest.BodyPublisher publisher =
                body.length == 0 && !method.equals("POST") ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body);
        return HttpRequest.newBuilder(server.resolve(path)).method(method, publisher)
                .headers(flat.toArray(String[]::new));
    }

    private static byte[] json(Object body) {
        return JSON.writeValueAsBytes(body);
    }

    private static String xmppSimple(String login, String password) {
        byte[] plain = ("acceptance:" + login + ":" + password).getBytes(StandardCharsets.UTF_8);
        return "XMPP-Simple " + Base64.getEncoder().encodeToString(plain);
    }
}
