package ephemera.server.http.pages;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds an example of what a schema describes, or makes one up from it.
 */
final class Sample {

    private static final int DEEPEST = 8;

    private final ApiDocument document;

    Sample(ApiDocument document) {
        this.document = document;
    }

    /** The example of a body: its own, or else that of its schema. */
    Node ofContent(Node mediaType) {
        Node own = mediaType.at("example");
        for (Node named : mediaType.at("examples").entries().values()) {
            own = own.or(document.resolve(named).at("value"));
        }
        return own.isPresent() ? own : of(mediaType.at("schema"));
    }

    /** The example of a parameter or header: its own, or else that of its schema. */
    Node ofParameter(Node parameter) {
        return parameter.has("example") ? parameter.at("example") : of(parameter.at("schema"));
    }

    /** The example of a schema. */
    Node of(Node schema) {
        return make(schema, 0);
    }

    private Node make(Node reference, int depth) {
        Node schema = document.resolve(reference);
        Node given = schema.at("examples").items().stream().findFirst().orElseGet(Node::missing);
        given = given.or(schema.at("example")).or(schema.at("const")).or(schema.at("default"));
        given = given.or(schema.at("enum").items().stream().findFirst().orElseGet(Node::missing));
        if (given.isPresent() || depth > DEEPEST) {
            return given;
        }
        for (String choice : List.of("oneOf", "anyOf")) {
            if (schema.has(choice)) {
                return make(schema.at(choice).items().getFirst(), depth + 1);
            }
        }
        Node type = schema.at("type").items().stream().findFirst().orElse(schema.at("type"));
        return switch (type.text().orElse("object")) {
            case "string" -> Node.of("text");
            case "integer", "number" -> schema.at("minimum").or(Node.of(1));
            case "boolean" -> Node.of(true);
            case "array" -> Node.of(list(schema, depth));
            default -> Node.of(object(schema, depth));
        };
    }

    private List<Object> list(Node schema, int depth) {
        List<Object> items = new ArrayList<>();
        make(schema.at("items"), depth + 1).value().ifPresent(items::add);
        return items;
    }

    private Map<String, Object> object(Node schema, int depth) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (Node part : schema.at("allOf").items()) {
            make(part, depth + 1).entries().forEach((key, held) -> held.value().ifPresent(it -> fields.put(key, it)));
        }
        schema.at("properties").entries().forEach((key, property) -> make(property, depth + 1)
                .value()
                .ifPresent(held -> fields.put(key, held)));
        return fields;
    }
}
