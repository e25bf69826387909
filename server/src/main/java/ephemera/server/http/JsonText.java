package ephemera.server.http;

import ephemera.core.Failure;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * How JSON of strangers is read, and ours written.
 *
 * <p>Reading refuses duplicate keys, nesting deeper than 32, text after the document, invalid UTF-8, and lone
 * surrogates. Thread-safe.
 */
public final class JsonText {

    private static final int DEEPEST = 32;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEEPEST)
                    .maxNumberLength(30)
                    .maxNameLength(1_000)
                    .build())
            .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private JsonText() {}

    /**
     * The document in those bytes.
     *
     * @throws ephemera.core.Refused with {@code MALFORMED} if it is not valid JSON
     */
    public static JsonNode read(byte[] bytes) {
        requireUtf8(bytes);
        try {
            return MAPPER.readTree(bytes);
        } catch (JacksonException _) {
            throw Failure.MALFORMED.refused("The body is not valid JSON.");
        }
    }

    /**
     * The document in that text.
     *
     * @throws ephemera.core.Refused with {@code MALFORMED} if it is not valid JSON
     */
    public static JsonNode read(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (JacksonException _) {
            throw Failure.MALFORMED.refused("A parameter is not valid JSON.");
        }
    }

    /**
     * The text whose UTF-8 form those bytes are.
     *
     * @throws ephemera.core.Refused with {@code MALFORMED} if they are not UTF-8
     */
    public static String utf8(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException _) {
            throw Failure.MALFORMED.refused("A text is not UTF-8.");
        }
    }

    /** The parser itself takes needlessly long forms of characters for the characters. */
    private static void requireUtf8(byte[] bytes) {
        for (byte one : bytes) {
            if (one < 0) {
                utf8(bytes);
                return;
            }
        }
    }

    /** The document as bytes. */
    public static byte[] bytes(JsonNode document) {
        return MAPPER.writeValueAsBytes(document);
    }

    /** The document as text. */
    public static String text(JsonNode document) {
        return MAPPER.writeValueAsString(document);
    }

    /** A new, empty object. */
    public static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    /** A new, empty array. */
    public static ArrayNode array() {
        return MAPPER.createArrayNode();
    }

    /**
     * The text itself, if it can be stored and sent: whole characters and no NUL.
     *
     * @throws ephemera.core.Refused with {@code MALFORMED} otherwise
     */
    public static String wellFormed(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean pair = Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1));
            if (c == 0 || (Character.isSurrogate(c) && !pair)) {
                throw Failure.MALFORMED.refused("A text holds half a character or NUL.");
            }
            i += pair ? 1 : 0;
        }
        return text;
    }
}
