package ephemera.acceptance.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Processor time of client, server and database at one instant, in microseconds, as Linux accounts for it.
 *
 * <p>Server and database are counted with all their child processes, those that have ended included; the database's are
 * not counted to the server even where it is the server's child. The resolution is 10 ms. On a system without
 * {@code /proc} everything is 0.
 *
 * @param client this process
 * @param server the server's processes
 * @param database the database's processes
 */
record ProcessTimes(long client, long server, long database) {
    private static final Path PROC = Path.of("/proc");

    /** Linux counts in ticks of 10 ms towards user space on every architecture that it runs servers on. */
    private static final long MICROS_PER_TICK = 10_000;

    private static final int PARENT = 1;
    private static final int FIRST_TIME = 11;
    private static final int TIMES = 4;

    private record Entry(long parent, long ownMicros, long withEndedChildrenMicros) {
    }

    /** Reads the times now. */
    static ProcessTimes now(Optional<Long> server, Optional<Long> database) {
        Map<Long, Entry> table = table();
        long self = ProcessHandle.current().pid();
        long client = table.containsKey(self) ? table.get(self).ownMicros() : 0;
        Set<Long> databaseFamily = database.map(pid -> family(table, pid, Set.of())).orElse(Set.of());
        Set<Long> serverFamily = server.map(pid -> family(table, pid, databaseFamily)).orElse(Set.of());
        return new ProcessTimes(client, sum(table, serverFamily), sum(table, databaseFamily));
    }

    /** Gives what was spent since an earlier instant. */
    ProcessTimes since(ProcessTimes earlier) {
        return new ProcessTimes(client - earlier.client, server - earlier.server, database - earlier.database);
    }

    /** Gives the sum of the three. */
    long total() {
        return client + server + database;
    }

    /** Gives the resident memory of a process in KiB, if it can be read. */
    static Optional<Long> residentKib(long pid) {
        try {
            return Files.readAllLines(PROC.resolve(pid + "/status")).stream().filter(line -> line.startsWith("VmRSS:"))
                    .map(line -> Long.valueOf(line.replaceAll("\\D", ""))).findFirst();
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    private static Set<Long> family(Map<Long, Entry> table, long root, Set<Long> others) {
        Set<Long> family = new HashSet<>(Set.of(root));
        boolean grown = true;
        while (grown) {
            grown = false;
            for (Map.Entry<Long, Entry> entry : table.entrySet()) {
                if (family.contains(entry.getValue().parent()) && !others.contains(entry.getKey())) {
                    grown |= family.add(entry.getKey());
                }
            }
        }
        return family;
    }

    private static long sum(Map<Long, Entry> table, Set<Long> family) {
        return family.stream().filter(table::containsKey).map(table::get).mapToLong(Entry::withEndedChildrenMicros)
                .sum();
    }

    private static Map<Long, Entry> table() {
        Map<Long, Entry> table = new HashMap<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path folder : folders) {
                entry(folder).ifPresent(entry -> table.put(Long.valueOf(folder.getFileName().toString()), entry));
            }
        } catch (IOException _) {
            return Map.of();
        }
        return table;
    }

    private static Optional<Entry> entry(Path folder) {
        try {
            return parse(Files.readString(folder.resolve("stat"), StandardCharsets.ISO_8859_1));
        } catch (IOException _) {
            // The process ended while the table was read.
            return Optional.empty();
        }
    }

    /** Reads a line of {@code /proc/PID/stat}; the command in parentheses may contain anything, parentheses too. */
    private static Optional<Entry> parse(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
        if (fields.length < FIRST_TIME + TIMES) {
            return Optional.empty();
        }
        long own = Long.parseLong(fields[FIRST_TIME]) + Long.parseLong(fields[FIRST_TIME + 1]);
        long ended = Long.parseLong(fields[FIRST_TIME + 2]) + Long.parseLong(fields[FIRST_TIME + 3]);
        return Optional.of(new Entry(Long.parseLong(fields[PARENT]), own * MICROS_PER_TICK,
                (own + ended) * MICROS_PER_TICK));
    }
}
