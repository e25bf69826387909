package ephemera.server.http.pages;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Writes schemas: the type in a few words with links to named schemas, and the list of an object's fields.
 */
final class SchemaView {

    private static final int DEEPEST = 6;

    private final ApiDocument document;
    private final Html html;

    SchemaView(ApiDocument document, Html html) {
        this.document = document;
        this.html = html;
    }

    /** Writes what kind of value a schema describes. */
    void type(Node schema) {
        Optional<String> name = ApiDocument.referenced(schema);
        if (name.isPresent()) {
            document.resolve(schema);
            html.element("a", name.get(), "href", "#" + ApiDocument.anchor("schema", name.get()));
            return;
        }
        for (String combination : List.of("allOf", "oneOf", "anyOf")) {
            if (schema.has(combination)) {
                joined(schema.at(combination).items(), combination.equals("allOf"));
                return;
            }
        }
        if (schema.has("const")) {
            html.text("always ").element("code", PrintedJson.of(schema.at("const")));
        } else if (schema.has("enum")) {
            values(schema.at("enum").items());
        } else {
            plainType(schema);
        }
    }

    private void plainType(Node schema) {
        List<Node> types = schema.at("type").isList() ? schema.at("type").items() : List.of(schema.at("type"));
        String separator = "";
        for (Node type : types) {
            html.text(separator);
            separator = " or ";
            switch (type.isNull() ? "null" : type.text().orElse(schema.has("properties") ? "object" : "anything")) {
                case "array" -> {
                    html.text("list of ");
                    type(schema.at("items"));
                }
                case "object" -> object(schema);
                case "string" -> string(schema);
                case String other -> html.text(other);
            }
        }
    }

    private void object(Node schema) {
        html.text("object");
        Node others = schema.at("additionalProperties");
        if (others.isObject() && !schema.has("properties")) {
            html.text(" of ");
            type(others);
        }
    }

    private void string(Node schema) {
        String format = schema.textAt("format");
        html.text("text" + (format.isEmpty() ? "" : " (" + format + ")"));
        if (schema.has("contentSchema")) {
            html.text(", each ").element("code", "data:").text(" line holds ");
            type(schema.at("contentSchema"));
        } else if (schema.has("contentMediaType")) {
            html.text(", ").element("code", schema.textAt("contentMediaType"));
        }
    }

    private void joined(List<Node> parts, boolean all) {
        for (int i = 0; i < parts.size(); i++) {
            html.text(i == 0 ? "" : all ? " and " : " or ");
            if (all && parts.get(i).has("properties")) {
                html.text("more fields");
            } else {
                type(parts.get(i));
            }
        }
    }

    private void values(List<Node> values) {
        html.text(values.size() == 1 ? "always " : "one of ");
        for (int i = 0; i < values.size(); i++) {
            html.text(i == 0 ? "" : ", ").element("code", PrintedJson.of(values.get(i)));
        }
    }

    /** Writes the type of a value, what the value means, and its bounds. */
    void explained(Node schema, String description) {
        html.open("span", "class", "type");
        type(schema);
        html.close("span");
        List<String> bounds = bounds(schema);
        if (!description.isBlank() || !bounds.isEmpty() || schema.has("pattern")) {
            html.text(" \u00b7 ");
        }
        Prose.inline(description, html);
        bounds.forEach(bound -> html.text(" " + bound));
        if (schema.has("pattern")) {
            html.text(" Looks like ").element("code", schema.textAt("pattern")).text(".");
        }
    }

    private static List<String> bounds(Node schema) {
        List<String> parts = new ArrayList<>();
        bound(schema, "minimum", "At least %s.", parts);
        bound(schema, "maximum", "At most %s.", parts);
        bound(schema, "minLength", "At least %s characters.", parts);
        bound(schema, "maxLength", "At most %s characters.", parts);
        bound(schema, "minItems", "At least %s in the list.", parts);
        bound(schema, "maxItems", "At most %s in the list.", parts);
        bound(schema, "maxProperties", "At most %s keys.", parts);
        return parts;
    }

    private static void bound(Node schema, String key, String sentence, List<String> parts) {
        schema.at(key).text().filter(value -> !(key.equals("minLength") && value.equals("1")))
                .ifPresent(value -> parts.add(sentence.formatted(value)));
    }

    /** Whether {@link #fields} would write something. */
    boolean hasFields(Node schema) {
        Node resolved = document.resolve(schema);
        return resolved.has("properties")
                || resolved.at("allOf").items().stream().anyMatch(this::hasFields);
    }

    /**
     * Writes the list of an object's fields, those of nested objects with their path.
     *
     * @param told references to schemas whose fields the reader has seen; they are left out
     */
    void fields(Node schema, Collection<Node> told) {
        html.open("dl", "class", "fields");
        fields(schema, "", 0, Set.of(), told);
        html.close("dl");
    }

    private void fields(Node reference, String prefix, int depth, Set<String> required, Collection<Node> told) {
        Node schema = document.resolve(reference);
        Set<String> names = new LinkedHashSet<>(required);
        schema.at("required").items().forEach(name -> name.text().ifPresent(names::add));
        for (Node part : schema.at("allOf").items()) {
            if (!told.contains(part)) {
                fields(part, prefix, depth, names, told);
            }
        }
        for (Map.Entry<String, Node> field : schema.at("properties").entries().entrySet()) {
            Node value = field.getValue();
            row(prefix + field.getKey(), value, names.contains(field.getKey()));
            Node items = value.at("items");
            boolean list = items.has("properties");
            Node nested = list ? items : value;
            if (!nested.has("$ref") && nested.has("properties") && depth < DEEPEST) {
                fields(nested, prefix + field.getKey() + (list ? "[]." : "."), depth + 1, Set.of(), told);
            }
        }
    }

    private void row(String name, Node schema, boolean required) {
        html.open("div").open("dt").element("code", name);
        if (required) {
            html.text(" ").element("span", "required", "class", "required");
        }
        html.close("dt").open("dd");
        explained(schema, schema.textAt("description"));
        html.close("dd").close("div");
    }
}
