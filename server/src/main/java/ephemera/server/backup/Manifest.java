package ephemera.server.backup;

import ephemera.core.vault.Epoch;
import ephemera.server.StartFailure;
import ephemera.server.store.CopiedTable;
import ephemera.server.store.Snapshot;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;

/**
 * What an archive says about itself.
 *
 * @param takenAt when the backup was begun, by the clock of the machine that made it
 * @param facts what is known of the rows as a whole
 * @param tables what is known of the rows of each table
 * @param files how many files there are
 */
record Manifest(Instant takenAt, Snapshot.Facts facts, Map<CopiedTable, Rows> tables, long files) {

    static final String NAME = "manifest.properties";

    /** The form of the archive. */
    private static final String FORMAT = "1";

    /**
     * What is known of the rows of a table.
     *
     * @param columns of what each consists
     */
    record Rows(long count, String columns) {}

    /** The text in which it stands in the archive. */
    byte[] text() {
        StringBuilder text = new StringBuilder("# A backup of Ephemera: rows and files, no keys.\n");
        line(text, "format", FORMAT);
        line(text, "taken-at", takenAt);
        line(text, "schema", facts.schema());
        line(text, "journal.generation", facts.generation());
        line(text, "journal.head", facts.head());
        line(
                text,
                "epochs",
                facts.epochs().stream().map(epoch -> Long.toString(epoch.code())).collect(Collectors.joining(" ")));
        line(text, "files", files);
        tables.forEach((table, rows) -> {
            line(text, "table." + table.table() + ".rows", rows.count());
            line(text, "table." + table.table() + ".columns", rows.columns());
        });
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void line(StringBuilder text, String key, Object value) {
        text.append(key).append('=').append(value).append('\n');
    }

    /**
     * Reads the text.
     *
     * @param name what the archive is called in a failure
     * @throws StartFailure if this release does not know the form
     */
    static Manifest read(InputStream in, String name) throws IOException {
        Properties lines = new Properties();
        try (Reader reader = new InputStreamReader(in, StandardCharsets.UTF_8)) {
            lines.load(reader);
        }
        if (!FORMAT.equals(lines.getProperty("format"))) {
            throw new StartFailure("The backup " + name + " has a form that this release does not know: restore it"
                    + " with the release that made it, or a later one.");
        }
        Map<CopiedTable, Rows> tables = new EnumMap<>(CopiedTable.class);
        for (CopiedTable table : CopiedTable.values()) {
            Optional.ofNullable(lines.getProperty("table." + table.table() + ".rows"))
                    .ifPresent(rows -> tables.put(
                            table,
                            new Rows(Long.parseLong(rows), lines.getProperty("table." + table.table() + ".columns"))));
        }
        requireKnown(lines, name);
        return new Manifest(
                Instant.parse(lines.getProperty("taken-at")),
                new Snapshot.Facts(
                        lines.getProperty("schema"),
                        Integer.parseInt(lines.getProperty("journal.generation")),
                        Long.parseLong(lines.getProperty("journal.head")),
                        epochs(lines.getProperty("epochs"))),
                tables,
                Long.parseLong(lines.getProperty("files")));
    }

    /** A table that this release would leave out is no backup that it may restore. */
    private static void requireKnown(Properties lines, String name) {
        for (String key : lines.stringPropertyNames()) {
            String[] words = key.toLowerCase(Locale.ROOT).split("\\.");
            if (words.length == 3 && words[0].equals("table") && CopiedTable.named(words[1]).isEmpty()) {
                throw new StartFailure("The backup " + name + " holds a table " + words[1]
                        + " that this release does not know: restore it with a later release.");
            }
        }
    }

    private static List<Epoch> epochs(String codes) {
        return Arrays.stream(codes.split(" "))
                .filter(code -> !code.isEmpty())
                .map(code -> Epoch.ofCode(Long.parseLong(code)))
                .toList();
    }
}
