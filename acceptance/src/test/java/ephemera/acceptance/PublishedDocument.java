package ephemera.acceptance;

import ephemera.acceptance.client.Reply;
import ephemera.acceptance.client.Tiger;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a server publishes about one of its doors: every operation with the statuses that it may be answered with.
 *
 * <p>Only the outline of the YAML text is read, by its indentation. Immutable, one for each door of each server.
 *
 * @param operations in the order of the document
 */
record PublishedDocument(List<Operation> operations) {
    private static final Pattern PATH = Pattern.compile("  (/\\S*):");
    private static final Pattern METHOD = Pattern.compile("    (get|post|put|delete|patch|head|options):");
    private static final Pattern STATUS = Pattern.compile("        \"(\\d{3})\":.*");
    private static final Map<URI, PublishedDocument> KNOWN = new ConcurrentHashMap<>();

    /**
     * One method of one path.
     *
     * @param method in capitals
     * @param template the path with its parameters in braces
     * @param statuses what it may be answered with
     */
    record Operation(String method, String template, Set<Integer> statuses) {
        /** Says whether a path without a slash at its end is one of the template's. */
        boolean matches(String path) {
            return path.matches(template.replaceAll("\\{[^}]+}", "[^/]+"));
        }

        /** Gives a path of the template, the same text for every parameter. */
        String filledWith(String value) {
            return template.replaceAll("\\{[^}]+}", Matcher.quoteReplacement(value));
        }

        /** Counts the parameters: where two templates match, the one with fewer is meant. */
        private long parameters() {
            return template.chars().filter(c -> c == '{').count();
        }
    }

    /** Reads the document of a server's TigerConnect door, once. */
    static PublishedDocument of(URI server) {
        return of(server, "tigerconnect");
    }

    /** Reads the document of a server's Tight door, once. */
    static PublishedDocument ofTight(URI server) {
        return of(server, "tight");
    }

    private static PublishedDocument of(URI server, String door) {
        return KNOWN.computeIfAbsent(server.resolve("/openapi/" + door + ".yaml"), url -> new PublishedDocument(
                read(Tiger.at(server).get(url.getPath()).expect(200).text())));
    }

    private static List<Operation> read(String yaml) {
        List<Operation> operations = new ArrayList<>();
        String path = "";
        for (String line : yaml.lines().dropWhile(each -> !each.equals("paths:")).skip(1)
                .takeWhile(each -> each.isEmpty() || each.startsWith(" ")).toList()) {
            Matcher paths = PATH.matcher(line);
            Matcher methods = METHOD.matcher(line);
            Matcher statuses = STATUS.matcher(line);
            if (paths.matches()) {
                path = paths.group(1);
            } else if (methods.matches()) {
                operations.add(new Operation(methods.group(1).toUpperCase(Locale.ROOT), path, new TreeSet<>()));
            } else if (statuses.matches()) {
                operations.getLast().statuses().add(Integer.valueOf(statuses.group(1)));
            }
        }
        return operations;
    }

    /** Objects to a reply that the document does not know. */
    void witness(Reply reply) {
        String[] request = reply.request().split("[ ?]");
        Operation operation = find(request[0], request[1]).orElseThrow(() -> new AssertionError(
                "The document knows no %s %s.".formatted(request[0], request[1])));
        if (!operation.statuses().contains(reply.status())) {
            throw new AssertionError("The document knows only %s for %s %s: %s".formatted(operation.statuses(),
                    operation.method(), operation.template(), reply));
        }
    }

    /** Objects like {@link #witness}, but not to the refusal of what is neither there nor in the document. */
    void witnessWhatIsThere(Reply reply) {
        String[] request = reply.request().split("[ ?]");
        boolean isNowhere = find(request[0], request[1]).isEmpty();
        if (!isNowhere || (reply.status() != 404 && reply.status() != 405)) {
            witness(reply);
        }
    }

    /** Finds the operation of a method and an undecoded path. */
    private Optional<Operation> find(String method, String path) {
        String bare = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        return operations.stream().filter(each -> each.method().equals(method) && each.matches(bare))
                .min((one, other) -> Long.compare(one.parameters(), other.parameters()));
    }
}
