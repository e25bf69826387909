package ephemera.acceptance.bench;

import ephemera.acceptance.bench.load.ClosedLoop;
import ephemera.acceptance.bench.load.Histogram;
import ephemera.acceptance.bench.load.Ledger;
import ephemera.acceptance.bench.load.SendRequest;
import ephemera.acceptance.client.Credentials;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToDoubleFunction;

/** Part {@code send}: how many messages per second are acknowledged when every sender waits for its acknowledgement. */
final class SendPart {
    private static final Report.Reach REACH = new Report.Reach.AtLeast(10_000);

    private final Target target;
    private final Plan plan;
    private final Report report;

    private record Round(double perSecond, double deliveredPerSecond, double p50, double p99, double max, double drain,
            double client, double server, double database) {
        double total() {
            return client + server + database;
        }
    }

    /** One server, everybody who talks on it, and what was measured so far. */
    private record Side(Target target, DirectTalk talk, List<Round> rounds) implements AutoCloseable {
        @Override
        public void close() {
            talk.close();
        }
    }

    SendPart(Target target, Plan plan, Report report) {
        this.target = target;
        this.plan = plan;
        this.report = report;
    }

    /** Runs the part and adds its figures. */
    void run() {
        double syncs = syncs();
        List<Round> measured;
        try (Side side = open(target)) {
            round(side, plan.warmUp());
            for (int i = 0; i < plan.rounds(); i++) {
                measure(side);
            }
            measured = side.rounds();
        }
        add("send.", REACH, measured);
        report.add("disk.fdatasync_per_s", List.of(syncs));
    }

    /**
     * Runs the part in turns with another server and adds the figures of both, and how they compare. While a round is
     * measured the other server has nothing to do; whatever else the machine does meets both alike.
     */
    void runAgainst(Target other) {
        double syncs = syncs();
        List<Round> measured;
        List<Round> others;
        try (Side side = open(target); Side otherSide = open(other)) {
            round(side, plan.warmUp());
            round(otherSide, plan.warmUp());
            for (int i = 0; i < plan.rounds(); i++) {
                measure(side);
                measure(otherSide);
            }
            measured = side.rounds();
            others = otherSide.rounds();
        }
        add("send.", REACH, measured);
        add("against.send.", new Report.Reach.Nothing(), others);
        if (!measured.isEmpty()) {
            report.add("send.ratio", List.of(ratio(measured, others, Round::perSecond)));
            report.add("send.cpu_ratio", List.of(ratio(measured, others, Round::total)));
        }
        report.add("disk.fdatasync_per_s", List.of(syncs));
    }

    private double syncs() {
        return Machine.syncsPerSecond(target.disk(), Duration.ofSeconds(1));
    }

    private Side open(Target at) {
        List<Credentials> people = at.people(2 * plan.pairs());
        List<Credentials> speakers = people.subList(0, plan.pairs());
        List<Credentials> listeners = people.subList(plan.pairs(), 2 * plan.pairs());
        return new Side(at, new DirectTalk(at.address(), speakers,
                listeners.stream().map(Credentials::token).toList(), listeners, plan.features(),
                DirectTalk.LONGEST_DELIVERY), new ArrayList<>());
    }

    private void measure(Side side) {
        side.rounds().add(round(side, plan.round()));
    }

    private void add(String prefix, Report.Reach reach, List<Round> rounds) {
        report.add(prefix + "acknowledged_per_s", reach, all(rounds, Round::perSecond));
        report.add(prefix + "delivered_per_s", all(rounds, Round::deliveredPerSecond));
        report.add(prefix + "p50_ms", all(rounds, Round::p50));
        report.add(prefix + "p99_ms", all(rounds, Round::p99));
        report.add(prefix + "max_ms", all(rounds, Round::max));
        report.add(prefix + "last_delivery_after_stop_ms", all(rounds, Round::drain));
        report.add(prefix + "cpu_client_us", all(rounds, Round::client));
        report.add(prefix + "cpu_server_us", all(rounds, Round::server));
        report.add(prefix + "cpu_database_us", all(rounds, Round::database));
        report.add(prefix + "cpu_total_us", all(rounds, Round::total));
    }

    private static double ratio(List<Round> rounds, List<Round> others, ToDoubleFunction<Round> value) {
        return median(rounds, value) / median(others, value);
    }

    private static double median(List<Round> rounds, ToDoubleFunction<Round> value) {
        return Report.median(rounds.stream().mapToDouble(value).toArray());
    }

    private Round round(Side side, Duration time) {
        DirectTalk talk = side.talk();
        int run = ThreadLocalRandom.current().nextInt();
        Ledger ledger = Ledger.ofPairs(plan.pairs());
        talk.audience().onArrival((stream, scan) -> {
            if (SendRequest.isOf(run, scan)) {
                ledger.arrived(stream, scan);
            }
        });
        List<ClosedLoop> started = new ArrayList<>();
        ProcessTimes before = side.target().times();
        long begin = System.nanoTime();
        talk.loop().run(() -> started.add(ClosedLoop.start(talk.senders(), run, ledger)));
        sleepUntil(begin + time.toNanos());
        long[] counts = new long[2];
        talk.loop().run(() -> {
            started.getFirst().stop();
            counts[0] = ledger.acknowledged();
            counts[1] = ledger.deliveries();
        });
        double seconds = (System.nanoTime() - begin) / 1e9;
        ProcessTimes spent = side.target().times().since(before);
        Duration drain = talk.settle(ledger, started.getFirst()::isQuiet, report);
        double operations = Math.max(1, counts[0]);
        Histogram latency = started.getFirst().latency();
        return new Round(counts[0] / seconds, counts[1] / seconds, latency.percentileMillis(50),
                latency.percentileMillis(99), latency.percentileMillis(100), drain.toNanos() / 1e6,
                spent.client() / operations, spent.server() / operations, spent.database() / operations);
    }

    static void sleepUntil(long nanoTime) {
        long left;
        while ((left = nanoTime - System.nanoTime()) > 0) {
            LockSupport.parkNanos(left);
        }
    }

    static <R> List<Double> all(List<R> rounds, ToDoubleFunction<R> value) {
        return rounds.stream().map(round -> value.applyAsDouble(round)).toList();
    }
}
