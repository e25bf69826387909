package ephemera.acceptance.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** Facts about the machine that a figure cannot be judged without. */
final class Machine {
    private static final int APPEND_BYTES = 512;

    private Machine() {
    }

    /** Notes processor, memory, kernel, limits and the file system of a folder. */
    static void describe(Report report, Path folder) {
        report.machine("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        report.machine("cores", Runtime.getRuntime().availableProcessors());
        report.machine("processor", field(Path.of("/proc/cpuinfo"), "model name"));
        report.machine("memory", field(Path.of("/proc/meminfo"), "MemTotal"));
        report.machine("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        report.machine("client's JDK", Runtime.version().toString());
        report.machine("open files", field(Path.of("/proc/self/limits"), "Max open files"));
        report.machine("load before", loadBefore(report));
        report.machine("data folder on", fileSystem(folder));
    }

    /** Measures how many small appends per second the disk under a folder makes durable, one after the other. */
    static double syncsPerSecond(Path folder, Duration time) {
        try {
            Path file = Files.createTempFile(folder, "fdatasync", ".tmp");
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.allocateDirect(APPEND_BYTES);
                long begin = System.nanoTime();
                long syncs = 0;
                while (System.nanoTime() - begin < time.toNanos()) {
                    channel.write(bytes.clear());
                    channel.force(false);
                    syncs++;
                }
                return syncs * 1e9 / (System.nanoTime() - begin);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The disk under " + folder + " could not be measured", e);
        }
    }

    /** Gives the load of the last minute; on a machine that is busy with something else, figures are worth little. */
    private static String loadBefore(Report report) {
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        if (load > Runtime.getRuntime().availableProcessors() / 2.0) {
            report.note("the machine was busy before the run began (load %.1f): do not compare these figures"
                    .formatted(load));
        }
        return "%.1f".formatted(load);
    }

    private static String fileSystem(Path folder) {
        try {
            String type = Files.getFileStore(folder).type();
            return type + (type.equals("tmpfs") ? " (in memory: nothing here is durable)" : "");
        } catch (IOException e) {
            return "unknown: " + e.getMessage();
        }
    }

    private static String field(Path file, String name) {
        try {
            List<String> lines = Files.readAllLines(file);
            return lines.stream().filter(line -> line.startsWith(name))
                    .map(line -> line.substring(name.length()).replaceFirst("^[\\s:]+", ""))
                    .map(value -> value.replaceAll("\\s+", " ").strip())
                    .findFirst().orElse("unknown");
        } catch (IOException _) {
            return "unknown";
        }
    }
}
