package ephemera.acceptance.bench;

import ephemera.acceptance.bench.load.Histogram;
import ephemera.acceptance.bench.load.Ledger;
import ephemera.acceptance.bench.load.Pacer;
import ephemera.acceptance.bench.load.SendRequest;
import ephemera.acceptance.client.Credentials;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** Part {@code latency}: how long a message takes to the recipient's stream while messages come at a steady rate. */
final class LatencyPart {
    private final Target target;
    private final Plan plan;
    private final Report report;

    private record Round(double p50, double p90, double p99, double max, double sendP50, double sendP99, double lateP99,
            double client, double server, double database) {
    }

    LatencyPart(Target target, Plan plan, Report report) {
        this.target = target;
        this.plan = plan;
        this.report = report;
    }

    /** Runs the part and adds its figures. */
    void run() {
        List<Credentials> people = target.people(2 * plan.pairs());
        List<Credentials> speakers = people.subList(0, plan.pairs());
        List<Credentials> listeners = people.subList(plan.pairs(), 2 * plan.pairs());
        List<Round> rounds = new ArrayList<>();
        try (DirectTalk talk = new DirectTalk(target.address(), speakers,
                listeners.stream().map(Credentials::token).toList(), listeners, plan.features(),
                DirectTalk.LONGEST_DELIVERY)) {
            round(talk, plan.shortWarmUp());
            for (int i = 0; i < plan.rounds(); i++) {
                rounds.add(round(talk, plan.round()));
            }
        }
        report.add("latency.p50_ms", new Report.Reach.AtMost(2), SendPart.all(rounds, Round::p50));
        report.add("latency.p90_ms", SendPart.all(rounds, Round::p90));
        report.add("latency.p99_ms", new Report.Reach.AtMost(20), SendPart.all(rounds, Round::p99));
        report.add("latency.max_ms", SendPart.all(rounds, Round::max));
        report.add("latency.acknowledged_p50_ms", SendPart.all(rounds, Round::sendP50));
        report.add("latency.acknowledged_p99_ms", SendPart.all(rounds, Round::sendP99));
        report.add("latency.client_late_p99_ms", SendPart.all(rounds, Round::lateP99));
        report.add("latency.cpu_client_us", SendPart.all(rounds, Round::client));
        report.add("latency.cpu_server_us", SendPart.all(rounds, Round::server));
        report.add("latency.cpu_database_us", SendPart.all(rounds, Round::database));
    }

    private Round round(DirectTalk talk, Duration time) {
        int run = ThreadLocalRandom.current().nextInt();
        int messages = (int) (time.toMillis() * plan.rate() / 1_000);
        Ledger ledger = Ledger.ofPairs(plan.pairs());
        Histogram latency = new Histogram();
        Pacer pacer = talk.loop().get(() -> Pacer.prepare(talk.senders(), run, ledger, plan.rate(), messages));
        talk.audience().onArrival((stream, scan) -> {
            long now = System.nanoTime();
            if (SendRequest.isOf(run, scan) && ledger.arrived(stream, scan)) {
                latency.record(now - pacer.dueNanos(SendRequest.number(scan)));
            }
        });
        ProcessTimes before = target.times();
        pacer.run();
        ProcessTimes spent = target.times().since(before);
        talk.settle(ledger, () -> ledger.ended() == messages, report);
        return new Round(latency.percentileMillis(50), latency.percentileMillis(90), latency.percentileMillis(99),
                latency.percentileMillis(100), pacer.acknowledgement().percentileMillis(50),
                pacer.acknowledgement().percentileMillis(99), pacer.lateness().percentileMillis(99),
                (double) spent.client() / messages, (double) spent.server() / messages,
                (double) spent.database() / messages);
    }
}
