package ephemera.acceptance.client;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One person's token with an API key and its secret.
 *
 * @param token the person's token
 * @param key the API key
 * @param secret the key's secret; never printed
 */
public record Credentials(String token, String key, String secret) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** Reads the JSON lines that {@code bin/ephemera user import --keys} prints; other lines are skipped. */
    public static List<Credentials> ofJsonLines(List<String> lines) {
        return lines.stream().filter(line -> line.startsWith("{")).map(line -> of(JSON.readTree(line))).toList();
    }

    /** Reads an object with {@code token}, {@code key} and {@code secret}. */
    static Credentials of(JsonNode object) {
        return new Credentials(object.required("token").asString(), object.required("key").asString(),
                object.required("secret").asString());
    }

    /** Gives the value of an {@code Authorization} header. */
    public String basic() {
        return "Basic " + Base64.getEncoder().encodeToString((key + ":" + secret).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return "Credentials[token=" + token + ", key=***, secret=***]";
    }
}
