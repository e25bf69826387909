package ephemera.acceptance.client;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the server answered, as it came.
 *
 * @param request method and path, for messages
 * @param status the HTTP status
 * @param headers the headers by their names in lower case
 * @param body the body's bytes, empty if there was none
 */
public record Reply(String request, int status, Map<String, List<String>> headers, byte[] body) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** Copies a reply of the JDK's client. */
    static Reply of(String request, HttpResponse<byte[]> response) {
        Map<String, List<String>> headers = response.headers().map().entrySet().stream().collect(Collectors.toMap(
                entry -> entry.getKey().toLowerCase(Locale.ROOT), Map.Entry::getValue, (first, _) -> first,
                TreeMap::new));
        return new Reply(request, response.statusCode(), headers, response.body());
    }

    /** Gives the reply itself if its status is one of these, so that calls can be chained. */
    public Reply expect(int... statuses) {
        if (Arrays.stream(statuses).noneMatch(expected -> expected == status)) {
            throw new AssertionError("%s was answered with %d instead of %s: %s".formatted(request, status,
                    Arrays.toString(statuses), shortText()));
        }
        return this;
    }

    /** Says whether the status is of the success class, which is all that many published clients look at. */
    public boolean isSuccess() {
        return status / 100 == 2;
    }

    /** Gives the first value of a header, whatever the case of its name. */
    public Optional<String> header(String name) {
        return headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of()).stream().findFirst();
    }

    /** Gives the token in {@code TT-X-Message-Id}; a reply without it is a failure for the published clients. */
    public String messageId() {
        return header("TT-X-Message-Id").orElseThrow(() -> lacks("the header TT-X-Message-Id"));
    }

    /** Gives the token in {@code TT-X-Group-Token}. */
    public String groupToken() {
        return header("TT-X-Group-Token").orElseThrow(() -> lacks("the header TT-X-Group-Token"));
    }

    /** Gives the body as text. */
    public String text() {
        return new String(body, StandardCharsets.UTF_8);
    }

    /** Gives the whole body as a JSON tree; a body that is not JSON is an error of the server. */
    public JsonNode json() {
        try {
            return JSON.readTree(body);
        } catch (JacksonException _) {
            throw new AssertionError("%s was answered with %d and a body that is not JSON: %s".formatted(request,
                    status, shortText()));
        }
    }

    /** Gives what {@code reply} holds, as the clients that demand the envelope read it. */
    public JsonNode reply() {
        JsonNode reply = json().get("reply");
        if (reply == null) {
            throw lacks("the envelope's reply");
        }
        return reply;
    }

    /** Gives {@code error.message}, which the published clients show to people. */
    public String errorMessage() {
        return json().path("error").path("message").asString("");
    }

    @Override
    public String toString() {
        return request + " -> " + status + " " + shortText();
    }

    private AssertionError lacks(String what) {
        return new AssertionError("%s was answered with %d, but without %s: %s".formatted(request, status, what,
                shortText()));
    }

    private String shortText() {
        String text = text();
        return text.length() <= 500 ? text : text.substring(0, 500) + "…";
    }
}
