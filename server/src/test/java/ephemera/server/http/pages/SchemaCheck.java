package ephemera.server.http.pages;

import java.net.URI;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.NullNode;

/**
 * Holds JSON against the schemas of a document.
 *
 * <p>It knows the keywords that this product's documents use, and fails for others, so that none is passed over. It is
 * stricter than JSON Schema in one thing: a field that an object's schema does not name is wrong unless the schema
 * tells what others there may be, since a document that says nothing of a field does not describe it. Immutable.
 */
final class SchemaCheck {

    private static final JsonMapper MAPPER = JsonMapper.shared();
    private static final Set<String> KEYWORDS = Set.of(
            "$ref", "type", "description", "properties", "required", "additionalProperties", "enum", "const", "pattern",
            "format", "items", "minItems", "maxItems", "minLength", "maxLength", "minimum", "maximum", "oneOf",
            "default", "examples", "contentMediaType", "contentSchema");

    private final ApiDocument document;

    SchemaCheck(ApiDocument document) {
        this.document = document;
    }

    /** A value of the document as JSON. */
    static JsonNode json(Node node) {
        return node.isNull() ? NullNode.getInstance() : MAPPER.valueToTree(node.value().orElseThrow());
    }

    /** Everything that is wrong with a value, each with its place; nothing if it is what the schema describes. */
    List<String> wrong(Node schema, JsonNode value) {
        List<String> wrong = new ArrayList<>();
        check(document.resolve(schema), value, "$", wrong);
        return wrong;
    }

    private void check(Node schema, JsonNode value, String place, List<String> wrong) {
        Set<String> unknown = new HashSet<>(schema.entries().keySet());
        unknown.removeAll(KEYWORDS);
        if (!unknown.isEmpty()) {
            throw new AssertionError("this check does not know " + unknown);
        }
        if (schema.has("oneOf")) {
            choice(schema.at("oneOf").items(), value, place, wrong);
        }
        if (schema.has("const") && !json(schema.at("const")).equals(value)) {
            wrong.add(place + " is not " + json(schema.at("const")));
        }
        if (schema.has("enum") && schema.at("enum").items().stream().noneMatch(each -> json(each).equals(value))) {
            wrong.add(place + " is none of " + json(schema.at("enum")));
        }
        if (schema.has("type") && types(schema.at("type")).stream().noneMatch(type -> isOf(type, value))) {
            wrong.add(place + " is no " + types(schema.at("type")));
            return;
        }
        if (value.isString()) {
            text(schema, value.asString(), place, wrong);
        } else if (value.isNumber()) {
            within(schema, "minimum", "maximum", value.asLong(), place, wrong);
        } else if (value.isArray()) {
            list(schema, value, place, wrong);
        } else if (value.isObject()) {
            object(schema, value, place, wrong);
        }
    }

    private void choice(List<Node> choices, JsonNode value, String place, List<String> wrong) {
        List<List<String>> reasons = new ArrayList<>();
        int fits = 0;
        for (Node choice : choices) {
            List<String> reason = new ArrayList<>();
            check(document.resolve(choice), value, place, reason);
            reasons.add(reason);
            fits += reason.isEmpty() ? 1 : 0;
        }
        if (fits != 1) {
            wrong.add(place + " fits " + fits + " of " + choices.size() + ": " + reasons);
        }
    }

    private static List<String> types(Node type) {
        return type.isList() ? type.items().stream().map(each -> each.text().orElseThrow()).toList()
                : List.of(type.text().orElseThrow());
    }

    private static boolean isOf(String type, JsonNode value) {
        return switch (type) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isString();
            case "integer" -> value.isIntegralNumber();
            case "number" -> value.isNumber();
            case "boolean" -> value.isBoolean();
            case "null" -> value.isNull();
            default -> throw new AssertionError("there is no type " + type);
        };
    }

    private static void text(Node schema, String text, String place, List<String> wrong) {
        within(schema, "minLength", "maxLength", text.codePointCount(0, text.length()), place, wrong);
        if (schema.has("pattern") && !Pattern.compile(schema.textAt("pattern")).matcher(text).find()) {
            wrong.add(place + " does not look like " + schema.textAt("pattern") + ": " + text);
        }
        if (schema.has("format") && !hasFormat(schema.textAt("format"), text)) {
            wrong.add(place + " is no " + schema.textAt("format") + ": " + text);
        }
    }

    private static boolean hasFormat(String format, String text) {
        try {
            return switch (format) {
                case "date-time" -> Instant.parse(text).isBefore(Instant.MAX);
                case "uuid" -> UUID.fromString(text).toString().equals(text);
                case "uri" -> URI.create(text).isAbsolute();
                case "email" -> text.indexOf('@') > 0;
                default -> throw new AssertionError("this check does not know the format " + format);
            };
        } catch (DateTimeException | IllegalArgumentException _) {
            return false;
        }
    }

    private static void within(
            Node schema, String least, String most, long value, String place, List<String> wrong) {
        schema.at(least).text().map(Long::valueOf).filter(bound -> value < bound)
                .ifPresent(bound -> wrong.add(place + " is less than " + bound));
        schema.at(most).text().map(Long::valueOf).filter(bound -> value > bound)
                .ifPresent(bound -> wrong.add(place + " is more than " + bound));
    }

    private void list(Node schema, JsonNode value, String place, List<String> wrong) {
        within(schema, "minItems", "maxItems", value.size(), place, wrong);
        if (schema.has("items")) {
            for (int i = 0; i < value.size(); i++) {
                check(document.resolve(schema.at("items")), value.get(i), place + "[" + i + "]", wrong);
            }
        }
    }

    private void object(Node schema, JsonNode value, String place, List<String> wrong) {
        Map<String, Node> fields = schema.at("properties").entries();
        schema.at("required").items().stream().map(each -> each.text().orElseThrow())
                .filter(name -> !value.has(name))
                .forEach(name -> wrong.add(place + "." + name + " is missing"));
        value.forEachEntry((name, held) -> {
            Node field = fields.getOrDefault(name, Node.missing());
            if (field.isPresent()) {
                check(document.resolve(field), held, place + "." + name, wrong);
            } else if (!fields.isEmpty() && !schema.has("additionalProperties")) {
                wrong.add(place + "." + name + " is not in the document");
            }
        });
    }
}
