package ephemera.server.http.pages;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A value somewhere in a document: an object, a list, a text, a number, a boolean, JSON null, or nothing at all.
 *
 * <p>Asking a value for something that it does not have gives nothing, so that a document's optional parts need no
 * checks.
 *
 * @param value what the YAML reader gave
 */
record Node(Optional<Object> value) {

    private static final Object JSON_NULL = new Object() {
        @Override
        public String toString() {
            return "null";
        }
    };

    /** A node of something that is there; {@code null} is JSON's null here. */
    static Node of(@Nullable Object value) {
        return new Node(Optional.of(value == null ? JSON_NULL : value));
    }

    /** The node of something that is not there. */
    static Node missing() {
        return new Node(Optional.empty());
    }

    boolean isPresent() {
        return value.isPresent();
    }

    boolean isObject() {
        return value.filter(Map.class::isInstance).isPresent();
    }

    boolean isList() {
        return value.filter(List.class::isInstance).isPresent();
    }

    boolean isNull() {
        return value.filter(JSON_NULL::equals).isPresent();
    }

    boolean is(Object other) {
        return value.filter(other::equals).isPresent();
    }

    /** The value of that key; nothing if there is none or this is no object. */
    Node at(String key) {
        return value.filter(Map.class::isInstance)
                .map(held -> (Map<?, ?>) held)
                .filter(held -> held.containsKey(key))
                .map(held -> of(held.get(key)))
                .orElseGet(Node::missing);
    }

    /** Whether this is an object with that key. */
    boolean has(String key) {
        return at(key).isPresent();
    }

    /** The text of a text, number or boolean; empty for everything else. */
    Optional<String> text() {
        return value.filter(held -> !isObject() && !isList() && !JSON_NULL.equals(held)).map(Object::toString);
    }

    /** The text under that key, or empty text. */
    String textAt(String key) {
        return at(key).text().orElse("");
    }

    /** The items of a list; none if this is no list. */
    List<Node> items() {
        return value.filter(List.class::isInstance)
                .map(held -> ((List<?>) held).stream().map(Node::of).toList())
                .orElse(List.of());
    }

    /** The entries of an object in their order; none if this is no object. */
    Map<String, Node> entries() {
        Map<String, Node> entries = new LinkedHashMap<>();
        if (value.isPresent() && value.get() instanceof Map<?, ?> map) {
            map.forEach((key, held) -> entries.put(String.valueOf(key), of(held)));
        }
        return entries;
    }

    /** The first of these nodes that is there; nothing if none is. */
    Node or(Node other) {
        return isPresent() ? this : other;
    }
}
