package ephemera.server.http.pages;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * An OpenAPI 3.1 document, read and ready to be asked.
 *
 * <p>References are followed within the document only; one that leads nowhere is an error, since a page with holes
 * would be published otherwise. Immutable.
 */
final class ApiDocument {

    private static final Set<String> METHODS =
            Set.of("get", "post", "put", "patch", "delete", "head", "options", "trace");
    private static final Pattern NOT_FOR_IDS = Pattern.compile("[^A-Za-z0-9_-]+");
    private static final int LONGEST_CHAIN = 20;

    private final Node root;

    private ApiDocument(Node root) {
        this.root = root;
    }

    /**
     * Reads a document.
     *
     * @throws IllegalArgumentException if the text is not YAML or not an OpenAPI 3 document
     */
    static ApiDocument parse(String yaml) {
        LoadSettings settings = LoadSettings.builder().setLabel("API document").build();
        Node root;
        try {
            root = Node.of(new Load(settings).loadFromString(yaml));
        } catch (YamlEngineException e) {
            throw new IllegalArgumentException("the API document is not valid YAML: " + e.getMessage(), e);
        }
        if (!root.textAt("openapi").startsWith("3.") || !root.has("paths")) {
            throw new IllegalArgumentException("the API document is not an OpenAPI 3 document with paths");
        }
        return new ApiDocument(root);
    }

    Node info() {
        return root.at("info");
    }

    /** The entries of one kind of component, such as {@code schemas}. */
    Map<String, Node> components(String kind) {
        return root.at("components").at(kind).entries();
    }

    /**
     * The value that a reference leads to; the value itself if it is no reference.
     *
     * @throws IllegalArgumentException if a reference leads nowhere, out of the document, or in a circle
     */
    Node resolve(Node node) {
        Node current = node;
        for (int i = 0; i < LONGEST_CHAIN; i++) {
            Optional<String> reference = current.at("$ref").text();
            if (reference.isEmpty()) {
                return current;
            }
            current = follow(reference.get());
        }
        throw new IllegalArgumentException("a reference leads in a circle: " + node.textAt("$ref"));
    }

    private Node follow(String reference) {
        if (!reference.startsWith("#/")) {
            throw new IllegalArgumentException("a reference leads out of the document: " + reference);
        }
        Node current = root;
        for (String step : reference.substring(2).split("/")) {
            current = current.at(step.replace("~1", "/").replace("~0", "~"));
        }
        if (!current.isPresent()) {
            throw new IllegalArgumentException("a reference leads nowhere: " + reference);
        }
        return current;
    }

    /** The last segment of a reference; empty if the node is no reference. */
    static Optional<String> referenced(Node node) {
        return node.at("$ref").text().map(reference -> reference.substring(reference.lastIndexOf('/') + 1));
    }

    /** The tags in their order with the operations of each; operations without a tag come last under an own heading. */
    List<Tag> tags() {
        Map<String, Tag> tags = new LinkedHashMap<>();
        for (Node tag : root.at("tags").items()) {
            tags.put(tag.textAt("name"), new Tag(tag.textAt("name"), tag.textAt("description"), new ArrayList<>()));
        }
        for (Operation operation : operations()) {
            String name = operation.node().at("tags").items().stream()
                    .findFirst()
                    .flatMap(Node::text)
                    .orElse("Other");
            tags.computeIfAbsent(name, key -> new Tag(key, "", new ArrayList<>()))
                    .operations()
                    .add(operation);
        }
        return tags.values().stream().filter(tag -> !tag.operations().isEmpty()).toList();
    }

    /** All operations in the order of the document. */
    List<Operation> operations() {
        List<Operation> operations = new ArrayList<>();
        root.at("paths").entries().forEach((path, item) -> {
            for (String method : item.entries().keySet()) {
                if (METHODS.contains(method)) {
                    operations.add(operation(path, method, item));
                }
            }
        });
        return operations;
    }

    private Operation operation(String path, String method, Node item) {
        Node node = item.at(method);
        Map<String, Node> parameters = new LinkedHashMap<>();
        for (Node holder : List.of(item, node)) {
            for (Node parameter : holder.at("parameters").items()) {
                Node resolved = resolve(parameter);
                parameters.put(resolved.textAt("in") + " " + resolved.textAt("name"), resolved);
            }
        }
        Node security = node.at("security").or(root.at("security"));
        return new Operation(path, method.toUpperCase(Locale.ROOT), node, List.copyOf(parameters.values()), security);
    }

    /** The text made fit for the {@code id} of an element and for a link to it. */
    static String anchor(String kind, String name) {
        return kind + "-" + NOT_FOR_IDS.matcher(name).replaceAll("-");
    }

    /** A group of operations. */
    record Tag(String name, String description, List<Operation> operations) {
        String anchor() {
            return ApiDocument.anchor("tag", name);
        }
    }

    /**
     * One method of one path.
     *
     * @param method in capitals
     * @param node what the document says about it
     * @param parameters those of the path and its own, resolved
     * @param security the ways to authenticate, each an object whose keys name schemes
     */
    record Operation(String path, String method, Node node, List<Node> parameters, Node security) {
        String anchor() {
            String id = node.textAt("operationId");
            return ApiDocument.anchor("op", id.isEmpty() ? method + path : id);
        }

        String summary() {
            return node.at("summary").text().orElse(method + " " + path);
        }
    }
}
