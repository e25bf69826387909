package ephemera.server.http;

import ephemera.core.Failure;
import ephemera.core.Refused;
import ephemera.core.talk.Attachment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Everything that a request says by name, wherever it says it: JSON body, form, multipart, query, and {@code TT-X-}
 * headers, in that order (TigerConnect contract, section 2.7).
 *
 * <p>Forms and queries know texts only; so a number or a truth value may be written as text everywhere, and a list as
 * text with commas. A value of a wrong type is refused, never guessed.
 */
public final class Parameters {

    private final Optional<ObjectNode> sent;
    private final ObjectNode json;
    private final Map<String, List<String>> texts;
    private final List<Part> parts;
    private final Optional<Attachment> file;
    private final Set<String> queried;
    private boolean fileTaken;
    private byte[] fileDigest = {};

    /**
     * A text part of a multipart body with the headers that belong to it.
     *
     * @param name its name
     * @param headers its headers, by lower-case name
     * @param text its content
     */
    public record Part(String name, Map<String, String> headers, String text) {}

    /**
     * Makes the parameters of a request.
     *
     * @param sent the JSON body
     * @param texts values from form, query and headers, by name in any case
     * @param parts the parts of a multipart body, in order
     * @param file the uploaded file
     * @param queried the names of those that stand in the query or in headers
     */
    Parameters(
            Optional<ObjectNode> sent,
            Map<String, List<String>> texts,
            List<Part> parts,
            Optional<Attachment> file,
            Set<String> queried) {
        this.queried = Set.copyOf(queried);
        this.sent = sent;
        this.json = sent.orElseGet(JsonText::object);
        this.texts = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        this.texts.putAll(texts);
        this.parts = parts;
        this.file = file;
    }

    /** The same, with the SHA-256 of what is in the uploaded file. */
    Parameters withFileDigest(byte[] digest) {
        fileDigest = digest;
        return this;
    }

    /**
     * Adds all that was sent to a digest: the same for two requests that ask for the same, however they are spelled.
     *
     * @param digest gets the names and values, with their lengths
     */
    public void digest(MessageDigest digest) {
        add(digest, JsonText.bytes(json));
        texts.forEach((name, values) -> {
            add(digest, name.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8));
            values.forEach(value -> add(digest, value.getBytes(StandardCharsets.UTF_8)));
        });
        for (Part part : parts) {
            add(digest, part.name().getBytes(StandardCharsets.UTF_8));
            add(digest, part.text().getBytes(StandardCharsets.UTF_8));
        }
        file.ifPresent(each -> {
            add(digest, each.name().getBytes(StandardCharsets.UTF_8));
            add(digest, each.type().getBytes(StandardCharsets.UTF_8));
            add(digest, fileDigest);
        });
    }

    private static void add(MessageDigest digest, byte[] bytes) {
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
        digest.update(bytes);
    }

    /** The whole JSON body; without fields if there was none. */
    public ObjectNode json() {
        return json;
    }

    /**
     * The body as an object, of whatever form: of fields with the same name the first. What also stands in the query or
     * in a header is not among the fields of a form.
     *
     * @throws Refused with {@code MALFORMED} if there is no body
     */
    public ObjectNode body() {
        ObjectNode form = JsonText.object();
        texts.forEach((name, values) -> {
            if (!queried.contains(name)) {
                form.put(name, values.getFirst());
            }
        });
        parts.reversed().forEach(part -> form.put(part.name(), part.text()));
        if (sent.isEmpty() && form.isEmpty()) {
            throw Failure.MALFORMED.refused("The body is missing.");
        }
        return sent.orElse(form);
    }

    /** The parts of a multipart body with that name, in order. */
    public List<Part> parts(String name) {
        return parts.stream().filter(part -> part.name().equals(name)).toList();
    }

    /** Whether there is an uploaded file; whoever asks does not take it. */
    public boolean hasFile() {
        return file.isPresent();
    }

    /** The uploaded file, which from now on is the business of whoever asks. */
    public Optional<Attachment> file() {
        fileTaken = true;
        return file;
    }

    /** The uploaded file if nobody has asked for it. */
    Optional<Attachment> untakenFile() {
        return fileTaken ? Optional.empty() : file;
    }

    /** Whether the parameter stands in the query, and so in the logs of proxies. */
    public boolean isInQuery(String name) {
        return queried.contains(name);
    }

    /** Whether the parameter was sent more than once in the body's form, or the query's. */
    public boolean isRepeated(String name) {
        return texts.getOrDefault(name, List.of()).size() > 1;
    }

    /** Whether the parameter was sent, even if empty. */
    public boolean has(String name) {
        return json.has(name) || texts.containsKey(name) || !parts(name).isEmpty();
    }

    /**
     * A text.
     *
     * @throws Refused with {@code INVALID} if it is no text
     */
    public Optional<String> text(String name) {
        JsonNode node = json.path(name);
        if (node.isString()) {
            return Optional.of(JsonText.wellFormed(node.asString()));
        }
        if (!node.isMissingNode() && !node.isNull()) {
            throw wrong(name, "a text");
        }
        return written(name);
    }

    /**
     * A text that must be there and not be empty.
     *
     * @throws Refused with {@code MISSING} if it is not
     */
    public String required(String name) {
        return text(name).filter(text -> !text.isBlank()).orElseThrow(() -> missing(name));
    }

    /** A text under one of several names. */
    public Optional<String> anyText(String... names) {
        for (String name : names) {
            Optional<String> text = text(name).filter(each -> !each.isBlank());
            if (text.isPresent()) {
                return text;
            }
        }
        return Optional.empty();
    }

    /**
     * A truth value: {@code true}, {@code false}, 1 or 0, as themselves or as text.
     *
     * @throws Refused with {@code INVALID} if it is anything else
     */
    public Optional<Boolean> bool(String name) {
        JsonNode node = json.path(name);
        if (node.isBoolean()) {
            return Optional.of(node.asBoolean());
        }
        return scalar(name).filter(text -> !text.isBlank()).map(text -> switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "true", "1", "yes" -> true;
            case "false", "0", "no" -> false;
            default -> throw wrong(name, "true or false");
        });
    }

    /**
     * A whole number, as itself or as text.
     *
     * @throws Refused with {@code INVALID} if it is anything else
     */
    public Optional<Long> number(String name) {
        return scalar(name).filter(text -> !text.isBlank()).map(text -> {
            try {
                return Long.parseLong(text.strip());
            } catch (NumberFormatException _) {
                throw wrong(name, "a whole number");
            }
        });
    }

    /**
     * A list of texts: an array, several values of one name, or one text with commas, of which blanks around items and
     * empty items are dropped.
     *
     * @throws Refused with {@code INVALID} if it is anything else
     */
    public List<String> list(String name) {
        JsonNode node = json.path(name);
        List<String> items = new ArrayList<>();
        if (node.isArray()) {
            addItems(items, name, node);
            return items;
        }
        if (node.isString()) {
            addItems(items, name, node.asString());
        } else if (!node.isMissingNode() && !node.isNull()) {
            throw wrong(name, "a list of texts");
        } else {
            texts.getOrDefault(name, List.of()).forEach(text -> addItems(items, name, text));
            parts(name).forEach(part -> addItems(items, name, part.text()));
        }
        return items;
    }

    private static void addItems(List<String> items, String name, JsonNode array) {
        for (JsonNode item : array) {
            if (!item.isString()) {
                throw wrong(name, "a list of texts");
            }
            items.add(JsonText.wellFormed(item.asString()));
        }
    }

    private static void addItems(List<String> items, String name, String text) {
        String inner = text.strip();
        if (inner.startsWith("[") && inner.endsWith("]")) {
            addItems(items, name, JsonText.read(inner));
            return;
        }
        for (String item : JsonText.wellFormed(inner).split(",")) {
            if (!item.isBlank()) {
                items.add(item.strip());
            }
        }
    }

    /**
     * Refuses the request if one of those parameters is there and is no text: what a client says has to make sense even
     * where nothing follows from it.
     */
    public void requireTexts(String... names) {
        for (String name : names) {
            text(name);
        }
    }

    private Optional<String> scalar(String name) {
        JsonNode node = json.path(name);
        if (node.isContainer() || (node.isNumber() && !node.isIntegralNumber())) {
            throw wrong(name, "a single value");
        }
        return node.isMissingNode() || node.isNull() ? written(name) : Optional.of(node.asString());
    }

    /** The first value of a form, multipart, query or header. */
    private Optional<String> written(String name) {
        for (Part part : parts) {
            if (part.name().equals(name)) {
                return Optional.of(JsonText.wellFormed(part.text()));
            }
        }
        return texts.getOrDefault(name, List.of()).stream().findFirst().map(JsonText::wellFormed);
    }

    /** The refusal of a parameter that is not there. */
    public static Refused missing(String name) {
        return Failure.MISSING.refused("The parameter " + name + " is missing.");
    }

    /** The refusal of a parameter of the wrong kind. */
    public static Refused wrong(String name, String expected) {
        return Failure.INVALID.refused("The parameter " + name + " must be " + expected + ".");
    }
}
