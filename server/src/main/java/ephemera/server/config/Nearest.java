package ephemera.server.config;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;

/** Finds the known name that someone most likely meant. */
final class Nearest {

    private Nearest() {}

    /**
     * Returns the known name with the fewest edits between it and the given one.
     *
     * <p>A part of a name counts nearly as much as the whole ({@code port} means {@code http.port}); among equals the
     * first one wins. Names are cut after 100 characters, so a huge one costs little.
     */
    static String to(String given, Collection<String> known) {
        String wanted = folded(given.substring(0, Math.min(given.length(), 100)));
        return known.stream()
                .min(Comparator.comparingInt(name -> distance(wanted, folded(name))))
                .orElseThrow(() -> new IllegalArgumentException("no names to choose from"));
    }

    private static int distance(String wanted, String name) {
        int best = 2 * edits(wanted, name);
        String[] parts = name.split("\\.");
        for (int from = 0; from < parts.length; from++) {
            for (int to = from + 1; to <= parts.length; to++) {
                String part = String.join(".", Arrays.asList(parts).subList(from, to));
                best = Math.min(best, 2 * edits(wanted, part) + 1);
            }
        }
        return best;
    }

    private static String folded(String name) {
        return name.toLowerCase(Locale.ROOT).replace('_', '.').replace('-', '.');
    }

    /** Counts insertions, deletions, replacements and swaps of neighbours that turn one text into the other. */
    static int edits(String a, String b) {
        int[] beforeLast = new int[b.length() + 1];
        int[] last = new int[b.length() + 1];
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            last[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, 1 + Math.min(last[j], row[j - 1]));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
                }
            }
            int[] free = beforeLast;
            beforeLast = last;
            last = row;
            row = free;
        }
        return last[b.length()];
    }
}
