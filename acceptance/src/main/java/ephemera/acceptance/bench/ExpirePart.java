package ephemera.acceptance.bench;

import ephemera.acceptance.ServerProcess;
import ephemera.acceptance.bench.load.Histogram;
import ephemera.acceptance.bench.load.Ledger;
import ephemera.acceptance.bench.load.LoadFailure;
import ephemera.acceptance.bench.load.Pacer;
import ephemera.acceptance.bench.load.SendRequest;
import ephemera.acceptance.client.Credentials;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Part {@code expire}: what it costs that very many messages end together, beside an epoch that has few, and beside
 * {@code DELETE} and {@code VACUUM} of a table as large.
 *
 * <p>Epochs end one after the other: some with few messages, then the one with many, while people go on sending. Runs
 * once, on a server of its own whose epochs are narrow.
 */
final class ExpirePart {
    /** Epochs with few messages: the first one's end only warms up. */
    private static final int SMALL_EPOCHS = 4;

    private static final int PROBE = 20_000;
    /** The shortest time for sending, in seconds: lifespans are whole minutes. */
    private static final long EARLIEST = 90;

    private static final int PAIRS = 16;
    private static final int RATE = 200;
    /** How long after an epoch's end at the latest it is to be gone. */
    private static final Duration PROMISE = Duration.ofSeconds(10);

    private static final Duration LONGEST_CLOSING = Duration.ofSeconds(60);

    private final Path data;
    private final Size size;
    private final Report report;

    /**
     * How much ends, and in how narrow epochs.
     *
     * @param many messages of the large epoch
     * @param few messages of each small epoch
     * @param epoch how wide epochs and slices are; divides an hour
     */
    record Size(int many, int few, Duration epoch) {
        /** Gives the whole run's size for so many messages: they expire in the same minute. */
        static Size whole(int many) {
            return new Size(many, 1_000, Duration.ofMinutes(1));
        }

        /** Gives the size of a short run, in which they expire within ten seconds. */
        static Size quick(int many) {
            return new Size(many, 1_000, Duration.ofSeconds(10));
        }
    }

    /** Prepares the part; the data folder is made at the given path. */
    ExpirePart(Path data, Size size, Report report) {
        this.data = data;
        this.size = size;
        this.report = report;
    }

    /** Runs the part and adds its figures. */
    void run() {
        String width = size.epoch().toSeconds() + "s";
        try (ServerProcess server = ServerProcess.Launch.on(data).with("--set", "vault.slice.short=" + width,
                "--set", "vault.epoch.narrowest=" + width).start()) {
            String organization = server.commands().createOrganization("Benchmark");
            List<Credentials> people = server.commands().importPeople(organization, "expire", 4 * PAIRS);
            try (DyingMessages dying = new DyingMessages(server.url(), people.subList(0, 2 * PAIRS), size.epoch())) {
                run(server, dying, people.subList(2 * PAIRS, 4 * PAIRS));
            }
        }
    }

    private void run(ServerProcess server, DyingMessages dying, List<Credentials> others) {
        List<Instant> ends = plan(dying);
        Instant end = ends.getLast();
        ends.subList(0, SMALL_EPOCHS).forEach(each -> dying.send(size.few(), each));
        DyingMessages.Sent many = dying.send(size.many(), end);
        report.add("expire.messages", List.of((double) many.acknowledged()));
        report.add("expire.filled_per_s", List.of(many.perSecond()));
        SampledReads reads = new SampledReads(server.url(), dying.readers(), many.sample());
        ExpiryWatch watch = new ExpiryWatch(server.managementUrl(), ends, LONGEST_CLOSING);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<List<ExpiryWatch.Closing>> closings = threads.submit(watch::run);
            Future<SampledReads.Verdict> verdict = threads.submit(reads::run);
            SendPart.sleepUntil(nanosOf(ends.get(1).minusSeconds(5)));
            keepSending(server, others, end);
            add(await(verdict));
            add(await(closings));
        }
        compare(server, others, many.acknowledged());
    }

    private void keepSending(ServerProcess server, List<Credentials> others, Instant end) {
        // Not opened earlier: the server closes connections on which nothing happens.
        try (DirectTalk talk = talk(server, others)) {
            Histogram before = steady(talk, end.minus(size.epoch()));
            Histogram during = steady(talk, end.plus(PROMISE));
            report.add("expire.send_before_p99_ms", List.of(before.percentileMillis(99)));
            report.add("expire.send_p99_ms", new Report.Reach.AtMost(100), List.of(during.percentileMillis(99)));
            report.add("expire.send_max_ms", List.of(during.percentileMillis(100)));
        }
    }

    private static DirectTalk talk(ServerProcess server, List<Credentials> people) {
        List<Credentials> listeners = people.subList(PAIRS, 2 * PAIRS);
        return new DirectTalk(new InetSocketAddress(server.url().getHost(), server.url().getPort()),
                people.subList(0, PAIRS), listeners.stream().map(Credentials::token).toList(), listeners, "",
                DirectTalk.LONGEST_DELIVERY);
    }

    private void add(SampledReads.Verdict verdict) {
        report.add("expire.reads_served_late", new Report.Reach.AtMost(0), List.of((double) verdict.late()));
        report.add("expire.reads_missed_early", new Report.Reach.AtMost(0), List.of((double) verdict.early()));
        report.note("expire: %,d reads of %,d messages around the instants at which these expired".formatted(
                verdict.reads(), verdict.messages()));
        if (verdict.messages() == 0) {
            throw new LoadFailure("No message could be read before it expired: nothing is known about late reads.");
        }
    }

    private void add(List<ExpiryWatch.Closing> closings) {
        if (closings.size() <= SMALL_EPOCHS) {
            throw new LoadFailure("Only %d of %d epochs were gone %d s after their ends.".formatted(closings.size(),
                    SMALL_EPOCHS + 1, LONGEST_CLOSING.toSeconds()));
        }
        List<ExpiryWatch.Closing> small = closings.subList(1, SMALL_EPOCHS);
        List<ExpiryWatch.Closing> large = List.of(closings.getLast());
        Report.Reach promise = new Report.Reach.AtMost(PROMISE.toSeconds());
        report.add("expire.keys_gone_s", promise, SendPart.all(large, ExpiryWatch.Closing::keysGone));
        report.add("expire.rows_gone_s", promise, SendPart.all(large, ExpiryWatch.Closing::rowsGone));
        List<Double> few = SendPart.all(small, ExpiryWatch.Closing::took);
        double typical = few.stream().sorted().skip(few.size() / 2).findFirst().orElseThrow();
        double many = large.getFirst().took();
        report.add("expire.closing_%d_messages_ms".formatted(size.few()), few);
        report.add("expire.closing_all_messages_ms", List.of(many));
        report.add("expire.closing_ratio", new Report.Reach.AtMost(2), List.of(many / typical));
    }

    /** Removes as many messages from another table, while people go on sending. */
    private void compare(ServerProcess server, List<Credentials> others, int messages) {
        try (DeleteAndVacuum table = new DeleteAndVacuum(server.data());
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            report.add("expire.rows_left", new Report.Reach.AtMost(0), List.of((double) table.expiredRows()));
            table.prepare(messages);
            Histogram sends = new Histogram();
            DeleteAndVacuum.Cost cost;
            try (DirectTalk talk = talk(server, others)) {
                Future<DeleteAndVacuum.Cost> running = threads.submit(table::run);
                while (!running.isDone()) {
                    sends.add(steady(talk, RATE));
                }
                cost = await(running);
            }
            report.add("expire.compared_delete_s", List.of(cost.deleteSeconds()));
            report.add("expire.compared_vacuum_s", List.of(cost.vacuumSeconds()));
            report.add("expire.compared_wal_mb", List.of(cost.walMegabytes()));
            report.add("expire.compared_kept_mb", List.of(cost.keptMegabytes()));
            report.add("expire.compared_send_p99_ms", List.of(sends.percentileMillis(99)));
        }
    }

    /**
     * Chooses when epochs end, the large one last: late enough for everything to be sent before the first one ends.
     */
    private List<Instant> plan(DyingMessages dying) {
        int probe = Math.min(PROBE, size.many());
        // The first one warms up: judged by it, everybody would wait long for the ends.
        dying.send(probe, dying.earliestEnd());
        double perSecond = dying.send(probe, dying.earliestEnd()).perSecond();
        long width = size.epoch().toSeconds();
        long longest = Math.max(EARLIEST, (long) (size.many() / perSecond * 1.3));
        long earliest = Instant.now().getEpochSecond() + longest + (SMALL_EPOCHS + 1) * width;
        long end = Math.ceilDiv(earliest, width) * width;
        List<Instant> ends = new ArrayList<>();
        for (int before = SMALL_EPOCHS; before >= 0; before--) {
            ends.add(Instant.ofEpochSecond(end - before * width));
        }
        return ends;
    }

    private static Histogram steady(DirectTalk talk, Instant until) {
        int messages = (int) Math.max(RATE, Duration.between(Instant.now(), until).toMillis() * RATE / 1_000);
        return steady(talk, messages);
    }

    private static Histogram steady(DirectTalk talk, int messages) {
        Ledger ledger = Ledger.ofPairs(PAIRS);
        int run = ThreadLocalRandom.current().nextInt();
        talk.audience().onArrival((stream, scan) -> {
            if (SendRequest.isOf(run, scan)) {
                ledger.arrived(stream, scan);
            }
        });
        Pacer pacer = talk.loop().get(() -> Pacer.prepare(talk.senders(), run, ledger, RATE, messages));
        pacer.run();
        talk.settle(ledger, () -> ledger.ended() == messages, new Report());
        return pacer.acknowledgement();
    }

    private static long nanosOf(Instant instant) {
        return System.nanoTime() + Duration.between(Instant.now(), instant).toNanos();
    }

    private static <T> T await(Future<T> work) {
        try {
            return work.get();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while messages expired", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        }
    }
}
