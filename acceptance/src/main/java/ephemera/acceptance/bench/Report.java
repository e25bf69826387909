package ephemera.acceptance.bench;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The figures of a run, as a table for people and as JSON for scripts. Not thread-safe. */
final class Report {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Map<String, Figure> figures = new LinkedHashMap<>();
    private final Map<String, Object> machine = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();

    /**
     * One measured quantity.
     *
     * @param name part and quantity with its unit, for example {@code send.acknowledged_per_s}
     * @param reach what is to be reached
     * @param rounds the value of each round
     */
    record Figure(String name, Reach reach, double[] rounds) {
        double median() {
            return Report.median(rounds);
        }

        double least() {
            return Arrays.stream(rounds).min().orElseThrow();
        }

        double greatest() {
            return Arrays.stream(rounds).max().orElseThrow();
        }
    }

    /** What a figure is to reach. */
    sealed interface Reach {
        /** The figure informs, nothing is demanded of it. */
        record Nothing() implements Reach {
        }

        /** More is better, from this value on. */
        record AtLeast(double value) implements Reach {
        }

        /** Less is better, up to this value. */
        record AtMost(double value) implements Reach {
        }

        /** Says in two words whether a value reaches it. */
        default String judge(double value) {
            return switch (this) {
                case Nothing _ -> "";
                case AtLeast(double least) -> (value >= least ? "reached: >= " : "MISSED: >= ") + number(least);
                case AtMost(double most) -> (value <= most ? "reached: <= " : "MISSED: <= ") + number(most);
            };
        }
    }

    /** Gives the median of at least one value. */
    static double median(double... values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** Adds a figure of which nothing is demanded. */
    void add(String name, List<Double> rounds) {
        add(name, new Reach.Nothing(), rounds);
    }

    /** Adds a figure; a part that had no round adds nothing. */
    void add(String name, Reach reach, List<Double> rounds) {
        if (!rounds.isEmpty()) {
            figures.put(name, new Figure(name, reach, rounds.stream().mapToDouble(Double::doubleValue).toArray()));
        }
    }

    /** Adds a fact about the machine or the set-up. */
    void machine(String name, Object value) {
        machine.put(name, value);
    }

    /** Adds a remark that is printed below the table and kept in the JSON. */
    void note(String text) {
        notes.add(text);
    }

    /** Prints everything as a table, or nothing if nothing was measured. */
    void print(PrintStream out) {
        if (figures.isEmpty()) {
            return;
        }
        machine.forEach((name, value) -> out.printf(Locale.ROOT, "%-24s %s%n", name, value));
        out.println();
        out.printf(Locale.ROOT, "%-42s %12s %12s %12s  %s%n", "figure", "median", "least", "greatest", "target");
        for (Figure figure : figures.values()) {
            out.printf(Locale.ROOT, "%-42s %12s %12s %12s  %s%n", figure.name(), number(figure.median()),
                    number(figure.least()), number(figure.greatest()), figure.reach().judge(figure.median()));
        }
        out.println();
        notes.forEach(note -> out.println("- " + note));
    }

    /** Gives everything as JSON: {@code part.quantity} as nested objects, under {@code rounds} how they came about. */
    String json() {
        ObjectNode root = JSON.createObjectNode();
        ObjectNode rounds = JSON.createObjectNode();
        for (Figure figure : figures.values()) {
            int dot = figure.name().indexOf('.');
            root.withObjectProperty(figure.name().substring(0, dot)).put(figure.name().substring(dot + 1),
                    rounded(figure.median()));
            ObjectNode detail = rounds.putObject(figure.name());
            detail.put("min", rounded(figure.least())).put("max", rounded(figure.greatest()));
            detail.set("rounds", JSON.valueToTree(Arrays.stream(figure.rounds()).map(Report::rounded).toArray()));
        }
        root.set("rounds", rounds);
        root.set("machine", JSON.valueToTree(machine));
        root.set("notes", JSON.valueToTree(notes));
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
    }

    private static double rounded(double value) {
        return Math.abs(value) >= 1_000 ? Math.rint(value) : Math.rint(value * 1_000) / 1_000;
    }

    private static String number(double value) {
        double size = Math.abs(value);
        if (size >= 1_000 || size == Math.rint(size)) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        return String.format(Locale.ROOT, size >= 100 ? "%.1f" : size >= 10 ? "%.2f" : "%.3f", value);
    }
}
