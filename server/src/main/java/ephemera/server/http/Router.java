package ephemera.server.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds the route of a path: a tree of segments, in which a literal goes before a parameter.
 *
 * <p>A slash at the end makes no difference. Immutable once made.
 */
public final class Router {

    private final Node root = new Node();
    private final List<Route> routes;
    private final Map<String, Refusal> forms;

    private static final class Node {
        private final Map<String, Node> literals = new HashMap<>();
        private @Nullable Node parameter;
        private final Map<String, Route> methods = new HashMap<>();
    }

    /** Makes a router for those routes; two for the same method and path are a programming error. */
    public Router(List<Route> routes) {
        this(routes, Map.of());
    }

    /**
     * Makes a router for those routes.
     *
     * @param forms how is said no below a first segment, whether there is a route or not; elsewhere as the TigerConnect
     *     door does
     */
    public Router(List<Route> routes, Map<String, Refusal> forms) {
        this.routes = List.copyOf(routes);
        this.forms = Map.copyOf(forms);
        routes.forEach(this::add);
    }

    private void add(Route route) {
        Node node = root;
        for (String segment : route.segments()) {
            if (segment.startsWith("{")) {
                node.parameter = node.parameter == null ? new Node() : node.parameter;
                node = node.parameter;
            } else {
                node = node.literals.computeIfAbsent(segment, _ -> new Node());
            }
        }
        if (node.methods.putIfAbsent(route.method(), route) != null) {
            throw new IllegalArgumentException("two routes for " + route.method() + " " + route.template());
        }
    }

    /** All routes, in the order in which they were given. */
    public List<Route> routes() {
        return routes;
    }

    /** What a path leads to. */
    public sealed interface Found {

        /**
         * A route.
         *
         * @param parameters the decoded values of the template's parameters
         */
        record Match(Route route, Map<String, String> parameters) implements Found {}

        /** The path exists, for other methods. */
        record OtherMethods(Set<String> methods) implements Found {}

        /** There is nothing here. */
        record Nothing() implements Found {}
    }

    /** How is said no to whoever asks for that path and reaches no route. */
    public Refusal refusal(String path) {
        return segments(path).stream()
                .findFirst()
                .flatMap(first -> Optional.ofNullable(forms.get(first)))
                .orElse(Reply::refusal);
    }

    /** How a route says no. */
    public Refusal refusal(Route route) {
        return route.refusal().orElseGet(() -> refusal(route.template()));
    }

    /** Finds the route of a method and an undecoded path. */
    public Found find(String method, String path) {
        List<String> segments = segments(path);
        Optional<Node> found = find(root, segments, 0, method);
        if (found.isEmpty()) {
            return new Found.Nothing();
        }
        Route route = found.get().methods.get(method);
        if (route == null) {
            return new Found.OtherMethods(new TreeSet<>(found.get().methods.keySet()));
        }
        return new Found.Match(route, parameters(route.segments(), segments));
    }

    /** The node of the segments: one that has the method if there is any, otherwise one that has other methods. */
    private static Optional<Node> find(Node node, List<String> segments, int at, String method) {
        if (at == segments.size()) {
            return node.methods.isEmpty() ? Optional.empty() : Optional.of(node);
        }
        Node literal = node.literals.get(segments.get(at));
        Optional<Node> exact = literal == null ? Optional.empty() : find(literal, segments, at + 1, method);
        if (exact.filter(each -> each.methods.containsKey(method)).isPresent() || node.parameter == null) {
            return exact;
        }
        return find(node.parameter, segments, at + 1, method).or(() -> exact);
    }

    private static Map<String, String> parameters(List<String> template, List<String> segments) {
        Map<String, String> parameters = new HashMap<>(4);
        for (int i = 0; i < template.size(); i++) {
            String name = template.get(i);
            if (name.startsWith("{")) {
                parameters.put(name.substring(1, name.length() - 1), decode(segments.get(i)));
            }
        }
        return parameters;
    }

    /** The text of a percent-encoded segment, in which a plus sign is itself; undecodable text stays as it is. */
    private static String decode(String segment) {
        if (segment.indexOf('%') < 0) {
            return segment;
        }
        try {
            return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException _) {
            return segment;
        }
    }

    /** The segments of a path, without empty ones at its ends. */
    static List<String> segments(String path) {
        List<String> segments = new ArrayList<>(8);
        int from = path.startsWith("/") ? 1 : 0;
        while (from < path.length()) {
            int slash = path.indexOf('/', from);
            int to = slash < 0 ? path.length() : slash;
            segments.add(path.substring(from, to));
            from = to + 1;
        }
        return segments;
    }
}
