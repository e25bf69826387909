package ephemera.server.http.pages;

import ephemera.server.http.pages.ApiDocument.Operation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.StringNode;

/** The document of a door as a witness of what a server answers: it objects to all that it does not describe. */
public final class DocumentedAnswers {

    private static final JsonMapper MAPPER = JsonMapper.shared();
    private static final String JSON = "application/json";

    /** Of HTTP itself, and of browsers; everything else is the door's, and described. */
    private static final Set<String> COMMON = Set.of(
            "allow", "connection", "content-length", "content-type", "date", "transfer-encoding", "vary");

    private final ApiDocument document;
    private final List<Operation> operations;
    private final SchemaCheck check;

    /**
     * What a server answered.
     *
     * @param headers by name, of which the first value counts
     * @param body empty for a stream that goes on
     */
    public record Seen(String method, String path, int status, Map<String, List<String>> headers, String body) {

        private Optional<String> header(String name) {
            TreeMap<String, List<String>> all = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            all.putAll(headers);
            return Optional.ofNullable(all.get(name)).map(List::getFirst);
        }
    }

    DocumentedAnswers(String yaml) {
        this.document = ApiDocument.parse(yaml);
        this.operations = document.operations();
        this.check = new SchemaCheck(document);
    }

    /** The document of a door, as it is part of the build. */
    public static DocumentedAnswers of(String door) {
        return new DocumentedAnswers(ApiPages.fromClasspath(door).document(door).orElseThrow());
    }

    /**
     * What the document says that one can do.
     *
     * @param example a JSON body; empty text if there is none
     */
    public record Described(String method, String template, boolean isByToken, String example) {}

    /** All operations, in the order of the document. */
    public List<Described> described() {
        return operations.stream()
                .map(operation -> new Described(
                        operation.method(),
                        operation.path(),
                        operation.security().items().stream().anyMatch(way -> way.has("token")),
                        example(operation)))
                .toList();
    }

    private static String example(Operation operation) {
        Node example = operation.node().at("requestBody").at("content").at(JSON).at("example");
        return example.isPresent() ? SchemaCheck.json(example).toString() : "";
    }

    /** Everything that is wrong with a value that is said to be of a schema. */
    public List<String> wrong(String schema, JsonNode value) {
        return check.wrong(Objects.requireNonNull(document.components("schemas").get(schema), schema), value);
    }

    /** Fails if the document does not describe this answer. */
    public void witness(Seen seen) {
        List<String> wrong = find(seen)
                .map(operation -> wrong(operation, seen))
                .orElseGet(() -> wrongWithNothing(seen));
        if (!wrong.isEmpty()) {
            throw new AssertionError("not as the document says: " + wrong + "; " + seen);
        }
    }

    /** The operation that is meant: of several templates the one with the fewest parameters. */
    private Optional<Operation> find(Seen seen) {
        int query = seen.path().indexOf('?');
        String path = (query < 0 ? seen.path() : seen.path().substring(0, query)).replaceAll("/+$", "");
        return operations.stream()
                .filter(operation -> operation.method().equals(seen.method()))
                .filter(operation -> path.matches(operation.path().replaceAll("\\{[^}]+}", "[^/]+")))
                .min(Comparator.comparingLong(operation -> operation.path().chars().filter(c -> c == '{').count()));
    }

    /** What there is not is said to be not there, in the form of all failures. */
    private List<String> wrongWithNothing(Seen seen) {
        List<String> wrong = new ArrayList<>();
        if (seen.status() != 404 && seen.status() != 405) {
            wrong.add("there is no such operation");
            return wrong;
        }
        if (seen.status() == 405 && seen.header("Allow").isEmpty()) {
            wrong.add("nothing is told to be allowed");
        }
        Node failure = Objects.requireNonNull(document.components("schemas").get("Failure"), "the schema of failures");
        wrong.addAll(check.wrong(failure, MAPPER.readTree(seen.body())));
        return wrong;
    }

    private List<String> wrong(Operation operation, Seen seen) {
        Node response =
                document.resolve(operation.node().at("responses").at(Integer.toString(seen.status())));
        if (!response.isPresent()) {
            return List.of("there is no such status");
        }
        List<String> wrong = new ArrayList<>();
        headers(response.at("headers").entries(), seen, wrong);
        body(response.at("content").entries(), seen, wrong);
        return wrong;
    }

    private void headers(Map<String, Node> described, Seen seen, List<String> wrong) {
        Set<String> known = new HashSet<>(COMMON);
        described.forEach((name, reference) -> {
            known.add(name.toLowerCase(Locale.ROOT));
            Node header = document.resolve(reference);
            Optional<String> value = seen.header(name);
            if (value.isEmpty() && header.at("required").is(true)) {
                wrong.add(name + " is missing");
            }
            value.map(text -> header.at("schema").textAt("type").equals("integer")
                    ? MAPPER.readTree(text) : StringNode.valueOf(text))
                    .ifPresent(json -> check.wrong(header.at("schema"), json).forEach(
                            each -> wrong.add(name + ": " + each)));
        });
        seen.headers().keySet().stream()
                .map(name -> name.toLowerCase(Locale.ROOT))
                .filter(name -> !known.contains(name) && !name.startsWith(":") && !name.startsWith("access-control-"))
                .forEach(name -> wrong.add("the header " + name + " is not in the document"));
    }

    private void body(Map<String, Node> content, Seen seen, List<String> wrong) {
        if (content.isEmpty()) {
            if (!seen.body().isEmpty()) {
                wrong.add("there is a body");
            }
            return;
        }
        String type = seen.header("Content-Type").orElse("");
        boolean any = content.containsKey("application/octet-stream");
        if (!any && !content.containsKey(type)) {
            wrong.add("the type is " + type);
        } else if (type.equals(JSON) && content.containsKey(JSON)) {
            JsonNode body = MAPPER.readTree(seen.body());
            wrong.addAll(check.wrong(Objects.requireNonNull(content.get(JSON)).at("schema"), body));
        }
    }
}
