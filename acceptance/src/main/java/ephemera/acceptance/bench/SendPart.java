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
    private final Target target;
    private final Plan plan;
    private final Report report;

    private record Round(double perSecond, double deliveredPerSecond, double p50, double p99, double max, double drain,
            double client, double server, double database) {
    }

    SendPart(Target target, Plan plan, Report report) {
        this.target = target;
        this.plan = plan;
        this.report = report;
    }

    /** Runs the part and adds its figures. */
    void run() {
        List<Credentials> people = target.people(2 * plan.pairs());
        List<Credentials> speakers = people.subList(0, plan.pairs());
        List<Credentials> listeners = people.subList(plan.pairs(), 2 * plan.pairs());
        double syncs = Machine.syncsPerSecond(target.disk(), Duration.ofSeconds(1));
        List<Round> rounds = new ArrayList<>();
        try (DirectTalk talk = new DirectTalk(target.address(), speakers,
                listeners.stream().map(Credentials::token).toList(), listeners, plan.features(),
                DirectTalk.LONGEST_DELIVERY)) {
            round(talk, plan.warmUp());
            for (int i = 0; i < plan.rounds(); i++) {
                rounds.add(round(talk, plan.round()));
            }
        }
        report.add("send.acknowledged_per_s", new Report.Reach.AtLeast(10_000), all(rounds, Round::perSecond));
        report.add("send.delivered_per_s", all(rounds, Round::deliveredPerSecond));
        report.add("send.p50_ms", all(rounds, Round::p50));
        report.add("send.p99_ms", all(rounds, Round::p99));
        report.add("send.max_ms", all(rounds, Round::max));
        report.add("send.last_delivery_after_stop_ms", all(rounds, Round::drain));
        report.add("send.cpu_client_us", all(rounds, Round::client));
        report.add("send.cpu_server_us", all(rounds, Round::server));
        report.add("send.cpu_database_us", all(rounds, Round::database));
        report.add("send.cpu_total_us", all(rounds, round -> round.client + round.server + round.database));
        report.add("disk.fdatasync_per_s", List.of(syncs));
    }

    private Round round(DirectTalk talk, Duration time) {
        int run = ThreadLocalRandom.current().nextInt();
        Ledger ledger = Ledger.ofPairs(plan.pairs());
        talk.audience().onArrival((stream, scan) -> {
            if (SendRequest.isOf(run, scan)) {
                ledger.arrived(stream, scan);
            }
        });
        List<ClosedLoop> started = new ArrayList<>();
        ProcessTimes before = target.times();
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
        ProcessTimes spent = target.times().since(before);
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
