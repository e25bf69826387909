package ephemera.server.door.tight;

import ephemera.core.Limits;
import ephemera.core.Refused;
import ephemera.core.directory.Address;
import ephemera.server.door.tight.Envelope.Problem;
import ephemera.server.http.JsonText;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;

/**
 * Reads the fields of one JSON object and notes all that is wrong with them, instead of ending at the first. For one
 * thread.
 */
final class Fields {

    private static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59Z");

    private final JsonNode object;
    private final String path;
    private final List<Problem> problems;
    private boolean unknown;

    /** The fields of an item; what is no object has none, and that is wrong with it. */
    static Fields of(JsonNode item) {
        List<Problem> problems = new ArrayList<>();
        if (!item.isObject()) {
            problems.add(Problem.of(Problem.Type.INVALID_FORMAT, "This must be an object."));
        }
        return new Fields(item, "", problems);
    }

    private Fields(JsonNode object, String path, List<Problem> problems) {
        this.object = object;
        this.path = path;
        this.problems = problems;
    }

    /** All that is wrong so far. */
    List<Problem> problems() {
        return List.copyOf(problems);
    }

    /** Whether nothing is wrong so far. */
    boolean isFine() {
        return problems.isEmpty();
    }

    /** A text; blank text and null are none. */
    Optional<String> text(String name) {
        JsonNode value = object.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isString()) {
            add(Problem.Type.INVALID_FORMAT, name, "This must be a text.");
            return Optional.empty();
        }
        try {
            return Optional.of(JsonText.wellFormed(value.asString())).filter(text -> !text.isBlank());
        } catch (Refused _) {
            add(Problem.Type.INVALID_FORMAT, name, "This holds half a character or NUL.");
            return Optional.empty();
        }
    }

    /** A text of at most so many characters. */
    Optional<String> text(String name, int most) {
        Optional<String> text = text(name);
        if (text.filter(each -> each.length() > most).isPresent()) {
            wrong(name, "This has at most " + most + " characters.");
        }
        return text;
    }

    /** The text of a message, as long as it may be. */
    Optional<String> body(String name, Limits limits) {
        Optional<String> text = text(name);
        if (text.filter(each -> each.getBytes(StandardCharsets.UTF_8).length > limits.bodyBytes()).isPresent()) {
            wrong(name, "This has at most " + limits.bodyBytes() + " bytes in UTF-8.");
        }
        return text;
    }

    /** Whether there is such a field, and it is not null. */
    boolean has(String name) {
        return !object.path(name).isMissingNode() && !object.path(name).isNull();
    }

    /** An e-mail address. */
    Optional<String> email(String name) {
        Optional<String> text = text(name);
        if (text.isPresent() && text.flatMap(Address::parse).filter(Address.Email.class::isInstance).isEmpty()) {
            wrong(name, "This must be an e-mail address.");
        }
        return text;
    }

    /** Notes all fields but these: a filter that is not understood would let everything through. */
    void only(Collection<String> names) {
        object.propertyNames().stream().filter(each -> !names.contains(each))
                .forEach(each -> wrong(each, "There is no such filter."));
    }

    /** An id of that kind. */
    Optional<UUID> id(String name, String prefix) {
        Optional<String> text = text(name);
        Optional<UUID> id = text.flatMap(each -> TightIds.parse(prefix, each));
        if (text.isPresent() && id.isEmpty()) {
            add(Problem.Type.INVALID_VALUE, name, "There is nothing with this id.");
        }
        return id;
    }

    /** The objects of a list, each of which tells its place in the name of what is wrong with it. */
    List<Fields> objects(String name) {
        JsonNode value = object.path(name);
        List<Fields> items = new ArrayList<>();
        if (value.isMissingNode() || value.isNull()) {
            return items;
        }
        if (!value.isArray()) {
            add(Problem.Type.INVALID_FORMAT, name, "This must be a list.");
            return items;
        }
        for (JsonNode item : value) {
            String place = name + "[" + items.size() + "]";
            if (!item.isObject()) {
                add(Problem.Type.INVALID_FORMAT, place, "This must be an object.");
            }
            items.add(new Fields(item, path + place + ".", problems));
        }
        return items;
    }

    /** One of some words, in any case. */
    Optional<String> word(String name, List<String> words) {
        Optional<String> text = text(name).map(each -> each.toUpperCase(Locale.ROOT));
        if (text.isPresent() && !words.contains(text.get())) {
            wrong(name, "This must be one of " + String.join(", ", words) + ".");
            return Optional.empty();
        }
        return text;
    }

    /** The fields of an object in a field; of none if there is none. */
    Optional<Fields> object(String name) {
        JsonNode value = object.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isObject()) {
            add(Problem.Type.INVALID_FORMAT, name, "This must be an object.");
            return Optional.empty();
        }
        return Optional.of(new Fields(value, path + name + ".", problems));
    }

    /** The fields of an object in a field, or of the first of a list of them. */
    Optional<Fields> objectOrFirst(String name) {
        if (!object.path(name).isArray()) {
            return object(name);
        }
        return objects(name).stream().findFirst();
    }

    /** Some of these words, in any case, in a list; empty if there is no such field. */
    Optional<List<String>> words(String name, List<String> words) {
        Optional<List<String>> found =
                texts(name).map(all -> all.stream().map(each -> each.toUpperCase(Locale.ROOT)).toList());
        if (found.isPresent() && !words.containsAll(found.get())) {
            wrong(name, "This must hold nothing but " + String.join(", ", words) + ".");
            return Optional.empty();
        }
        return found;
    }

    /** A whole number. */
    Optional<Long> number(String name) {
        JsonNode value = object.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            add(Problem.Type.INVALID_FORMAT, name, "This must be a whole number.");
            return Optional.empty();
        }
        return Optional.of(value.asLong());
    }

    /** An instant, or the day that begins with it in UTC (contract B.1). */
    Optional<Instant> instant(String name) {
        Optional<String> text = text(name);
        try {
            Optional<Instant> instant = text.map(each -> each.matches("\\d{4}-\\d\\d-\\d\\d") ? LocalDate.parse(each)
                    .atStartOfDay(ZoneOffset.UTC).toInstant() : OffsetDateTime.parse(each).toInstant());
            if (instant.filter(at -> at.isBefore(FIRST) || at.isAfter(LAST)).isPresent()) {
                wrong(name, "This must be between the years 1 and 9999.");
            }
            return instant;
        } catch (DateTimeException _) {
            add(Problem.Type.INVALID_FORMAT, name, "This must be an instant like 2026-11-21T03:40:00Z, or a day.");
            return Optional.empty();
        }
    }

    /** What stands in a field, whatever it is; a missing node if there is none. */
    JsonNode value(String name) {
        return object.path(name);
    }

    /** The texts of a list; empty if there is no such field. */
    Optional<List<String>> texts(String name) {
        JsonNode value = object.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isArray() || !value.valueStream().allMatch(JsonNode::isString)) {
            add(Problem.Type.INVALID_FORMAT, name, "This must be a list of texts.");
            return Optional.empty();
        }
        try {
            return Optional.of(value.valueStream().map(each -> JsonText.wellFormed(each.asString())).toList());
        } catch (Refused _) {
            add(Problem.Type.INVALID_FORMAT, name, "This holds half a character or NUL.");
            return Optional.empty();
        }
    }

    /** Some texts: one by itself, one under {@code equal}, or several under {@code in}; none if there is no field. */
    List<String> choice(String name) {
        JsonNode value = object.path(name);
        if (value.isObject()) {
            Fields operators = object(name).orElseThrow();
            return operators.has("in") ? operators.several("in") : operators.text("equal").stream().toList();
        }
        return value.isArray() ? several(name) : text(name).stream().toList();
    }

    /** The texts of a list that must have some: of none, nobody would know whether it means all or nothing. */
    private List<String> several(String name) {
        List<String> texts = texts(name).orElse(List.of());
        if (object.path(name).isArray() && (object.path(name).isEmpty() || object.path(name).size() > Paging.MOST)) {
            wrong(name, "This must be a list of 1 to " + Paging.MOST + ".");
        }
        return texts;
    }

    /** The JSON of an object in a field, as text of at most so many characters. */
    Optional<String> json(String name, int most) {
        Optional<String> json = object(name).map(each -> JsonText.text(each.object));
        if (json.filter(each -> each.length() > most).isPresent()) {
            wrong(name, "This has at most " + most + " characters.");
        }
        return json;
    }

    /** Notes that a field is missing. */
    void missing(String name) {
        add(Problem.Type.REQUIRED, name, "This is required.");
    }

    /** Notes that a field names nothing that the caller may see. */
    void unknown(String name) {
        unknown = true;
        add(Problem.Type.INVALID_VALUE, name, "There is nothing with this id.");
    }

    /** The status that the item alone is answered with: 404 if all that is wrong is that something is not there. */
    int status() {
        return unknown && problems.size() == 1 ? 404 : 400;
    }

    /** Notes that a field cannot be changed. */
    void fixed(String name) {
        add(Problem.Type.NOT_MODIFIABLE, name, "This cannot be changed.");
    }

    /** Notes that a field is of another kind. */
    void malformed(String name, String message) {
        add(Problem.Type.INVALID_FORMAT, name, message);
    }

    /** Notes that a field cannot be so. */
    void wrong(String name, String message) {
        add(Problem.Type.INVALID_VALUE, name, message);
    }

    /** What is wrong with a field is told once: one of the wrong kind is not missing, too. */
    private void add(Problem.Type type, String name, String message) {
        String param = path + name;
        if (object.isObject() && problems.stream().noneMatch(each -> each.param().equals(Optional.of(param)))) {
            problems.add(Problem.of(type, param, message));
        }
    }

    /** What comes of an item: what is given if nothing is wrong with it, and otherwise what is. */
    Batch.Saved item(Supplier<Optional<Batch.Saved>> work) {
        try {
            Optional<Batch.Saved> done = isFine() ? work.get() : Optional.empty();
            return done.filter(_ -> isFine()).orElseGet(() -> Batch.Saved.failed(status(), problems()));
        } catch (Refused refused) {
            if (refused.failure().retryable()) {
                throw refused;
            }
            return Batch.Saved.failed(refused.failure().status(), List.of(Refusals.problem(refused)));
        }
    }
}
