package ephemera.acceptance.bench;

import ephemera.acceptance.ServerProcess;
import ephemera.acceptance.bench.load.Histogram;
import ephemera.acceptance.bench.load.LoadFailure;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;

/**
 * Part {@code pages}: how long it takes to read pages of conversations out of very many messages in all living epochs,
 * beside one table without partitions and beside narrow envelopes, each with the same messages.
 *
 * <p>The layouts are made, read and removed one after the other, on a server of its own on which nothing else happens;
 * each was read into the system's memory before it is measured.
 */
final class PagesPart {
    private static final Report.Reach REACH = new Report.Reach.AtMost(10);

    /** Pages begin in the first part in so many of the messages, so that enough follow in every conversation. */
    private static final int EARLY = 8;

    private final Path data;
    private final StoredMessages messages;
    private final Size size;
    private final Report report;

    /**
     * How much is stored and read.
     *
     * @param messages how many messages there are, {@value StoredMessages#FEWEST} at least
     * @param pages how many pages of a kind are read in a round; a tenth as many warm up
     * @param rounds how many rounds are measured of each layout
     */
    record Size(int messages, int pages, int rounds) {
    }

    /** Which pages are read. */
    private record Kind(String name, boolean big, int size) {
        static final List<Kind> ALL = List.of(new Kind("ordinary_50", false, 50), new Kind("ordinary_250", false, 250),
                new Kind("big_50", true, 50), new Kind("big_250", true, 250));
    }

    /** Pages that were read, and a number that tells other messages or another order. */
    private record Pages(Histogram times, long messages, long fingerprint) {
    }

    /** Prepares the part; the data folder is made at the given path. */
    PagesPart(Path data, Size size, Report report) {
        if (size.messages() < StoredMessages.FEWEST) {
            throw new LoadFailure("Pages of 250 are read from every conversation: that takes --messages %d or more."
                    .formatted(StoredMessages.FEWEST));
        }
        this.data = data;
        this.messages = new StoredMessages(size.messages(), Instant.now().getEpochSecond());
        this.size = size;
        this.report = report;
    }

    /** Runs the part and adds its figures. */
    void run() {
        try (ServerProcess server = ServerProcess.start(data)) {
            report.add("pages.messages", List.of((double) messages.count()));
            Map<Kind, List<Pages>> expected = run(server, PageLayout.PARTITIONED, REACH);
            for (PageLayout other : List.of(PageLayout.ONE_TABLE, PageLayout.NARROW)) {
                compare(other, expected, run(server, other, new Report.Reach.Nothing()));
            }
        }
    }

    private Map<Kind, List<Pages>> run(ServerProcess server, PageLayout layout, Report.Reach reach) {
        System.err.println("  " + layout + " …");
        List<String> tables = layout.tables(messages);
        Map<Kind, List<Pages>> found;
        // A connection of its own for each layout: planned for tables that are full.
        try (BundledDatabase filling = new BundledDatabase(server.data());
                BundledDatabase reading = new BundledDatabase(server.data())) {
            filling.execute(layout.making(messages));
            long begin = System.nanoTime();
            layout.fill(filling, messages);
            double seconds = (System.nanoTime() - begin) / 1e9;
            filling.execute(tables.stream().map(table -> "VACUUM ANALYZE " + table).toList());
            report.add("pages." + layout.prefix() + "filled_per_s", List.of(messages.count() / seconds));
            report.add("pages." + layout.prefix() + "mb", List.of(filling.bytes(tables) / 1e6));
            filling.warm(tables);
            found = read(reading, layout);
            filling.execute(layout.removing());
        }
        found.forEach((kind, pages) -> add("pages." + layout.prefix() + kind.name(), reach, pages));
        return found;
    }

    private Map<Kind, List<Pages>> read(BundledDatabase database, PageLayout layout) {
        Map<Kind, List<Pages>> found = new LinkedHashMap<>();
        for (Kind kind : Kind.ALL) {
            read(database, layout, kind, size.pages() / 10, -1);
        }
        for (int round = 0; round < size.rounds(); round++) {
            for (Kind kind : Kind.ALL) {
                found.computeIfAbsent(kind, _ -> new ArrayList<>())
                        .add(read(database, layout, kind, size.pages(), round));
            }
        }
        return found;
    }

    /** Reads pages that depend on the seed only. */
    private Pages read(BundledDatabase database, PageLayout layout, Kind kind, int pages, int seed) {
        return database.run(connection -> {
            SplittableRandom random = new SplittableRandom(seed);
            Histogram times = new Histogram();
            long[] sums = new long[2];
            try (PreparedStatement statement = connection.prepareStatement(layout.statement())) {
                for (int i = 0; i < pages; i++) {
                    UUID conversation = kind.big() ? messages.bigConversation(random)
                            : messages.ordinaryConversation(random);
                    statement.setObject(1, conversation);
                    statement.setLong(2, random.nextInt(messages.count() / EARLY));
                    statement.setLong(3, messages.count());
                    statement.setObject(layout.limitFirst() ? 5 : 4, messages.reader());
                    statement.setInt(layout.limitFirst() ? 4 : 5, kind.size());
                    long begin = System.nanoTime();
                    read(statement, sums);
                    times.record(System.nanoTime() - begin);
                }
            }
            if (sums[0] < 0.99 * pages * kind.size()) {
                throw new LoadFailure("%,d pages of %s had only %,d messages.".formatted(pages, kind.name(), sums[0]));
            }
            return new Pages(times, sums[0], sums[1]);
        });
    }

    private static void read(PreparedStatement statement, long[] sums) throws SQLException {
        try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                sums[0]++;
                sums[1] = sums[1] * 31 + row.getLong("position") + row.getBytes("content").length;
            }
        }
    }

    private void add(String name, Report.Reach reach, List<Pages> pages) {
        report.add(name + "_p50_ms", SendPart.all(pages, each -> each.times().percentileMillis(50)));
        report.add(name + "_p99_ms", reach, SendPart.all(pages, each -> each.times().percentileMillis(99)));
    }

    /** Figures of layouts that answer differently say nothing about each other. */
    private static void compare(PageLayout layout, Map<Kind, List<Pages>> expected, Map<Kind, List<Pages>> found) {
        expected.forEach((kind, pages) -> {
            List<Pages> others = found.getOrDefault(kind, List.of());
            for (int i = 0; i < pages.size(); i++) {
                Pages one = pages.get(i);
                Pages other = others.get(i);
                if (one.fingerprint() != other.fingerprint() || one.messages() != other.messages()) {
                    throw new LoadFailure("%s read other pages of %s than the server's own layout.".formatted(layout,
                            kind.name()));
                }
            }
        });
    }
}
