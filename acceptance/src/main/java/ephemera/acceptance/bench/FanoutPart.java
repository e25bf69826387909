package ephemera.acceptance.bench;

import ephemera.acceptance.bench.load.ClosedLoop;
import ephemera.acceptance.bench.load.Histogram;
import ephemera.acceptance.bench.load.Ledger;
import ephemera.acceptance.bench.load.Pacer;
import ephemera.acceptance.bench.load.SendRequest;
import ephemera.acceptance.client.Credentials;
import ephemera.acceptance.client.Reply;
import ephemera.acceptance.client.Tiger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Part {@code fanout}: how long until the last of many connected members has a group's message, and how many deliveries
 * per second the server sustains.
 */
final class FanoutPart {
    private static final int TIMED_PER_SECOND = 4;

    private final Target target;
    private final Plan plan;
    private final Report report;

    private record Timed(double p50, double p99, double max) {
    }

    private record Sustained(double deliveriesPerSecond, double messagesPerSecond, double p50, double p99,
            double client, double server, double database) {
    }

    FanoutPart(Target target, Plan plan, Report report) {
        this.target = target;
        this.plan = plan;
        this.report = report;
    }

    /** Runs the part and adds its figures. */
    void run() {
        List<Credentials> people = target.people(plan.members() + plan.groupSenders());
        List<Credentials> speakers = people.subList(0, plan.groupSenders());
        List<Credentials> listeners = people.subList(plan.groupSenders(), people.size());
        String group = createGroup(speakers.getFirst(), people);
        List<Timed> timed = new ArrayList<>();
        List<Sustained> sustained = new ArrayList<>();
        try (DirectTalk talk = new DirectTalk(target.address(), speakers,
                Collections.nCopies(speakers.size(), group), listeners, plan.features(),
                DirectTalk.LONGEST_DELIVERY)) {
            sustained(talk, plan.shortWarmUp());
            timed(talk, plan.shortWarmUp().dividedBy(2));
            for (int i = 0; i < plan.rounds(); i++) {
                timed.add(timed(talk, plan.round()));
                sustained.add(sustained(talk, plan.round()));
            }
        }
        report.add("fanout.last_member_p50_ms", new Report.Reach.AtMost(25), SendPart.all(timed, Timed::p50));
        report.add("fanout.last_member_p99_ms", SendPart.all(timed, Timed::p99));
        report.add("fanout.last_member_max_ms", SendPart.all(timed, Timed::max));
        report.add("fanout.deliveries_per_s", new Report.Reach.AtLeast(60_000),
                SendPart.all(sustained, Sustained::deliveriesPerSecond));
        report.add("fanout.messages_per_s", SendPart.all(sustained, Sustained::messagesPerSecond));
        report.add("fanout.sustained_last_member_p50_ms", SendPart.all(sustained, Sustained::p50));
        report.add("fanout.sustained_last_member_p99_ms", SendPart.all(sustained, Sustained::p99));
        report.add("fanout.cpu_client_us_per_delivery", SendPart.all(sustained, Sustained::client));
        report.add("fanout.cpu_server_us_per_delivery", SendPart.all(sustained, Sustained::server));
        report.add("fanout.cpu_database_us_per_delivery", SendPart.all(sustained, Sustained::database));
    }

    private String createGroup(Credentials creator, List<Credentials> members) {
        Reply reply = Tiger.at(target.url()).as(creator).createGroup("Benchmark", false,
                members.stream().map(Credentials::token).toList());
        return reply.expect(200, 201).reply().required("token").asString();
    }

    /** One message every 250 ms, each measured from the instant it was due until the last member has it. */
    private Timed timed(DirectTalk talk, Duration time) {
        int run = ThreadLocalRandom.current().nextInt();
        int messages = Math.max(4, (int) (time.toMillis() * TIMED_PER_SECOND / 1_000));
        Ledger ledger = Ledger.ofGroup(plan.groupSenders(), plan.members());
        Histogram last = new Histogram();
        Pacer pacer = talk.loop().get(() -> Pacer.prepare(talk.senders(), run, ledger, TIMED_PER_SECOND, messages));
        talk.audience().onArrival((stream, scan) -> {
            if (SendRequest.isOf(run, scan) && ledger.arrived(stream, scan)) {
                last.record(System.nanoTime() - pacer.dueNanos(SendRequest.number(scan)));
            }
        });
        pacer.run();
        talk.settle(ledger, () -> ledger.ended() == messages, report);
        return new Timed(last.percentileMillis(50), last.percentileMillis(99), last.percentileMillis(100));
    }

    /** A few senders, a bounded number of messages under way; counted until the last member has the last message. */
    private Sustained sustained(DirectTalk talk, Duration time) {
        int run = ThreadLocalRandom.current().nextInt();
        Ledger ledger = Ledger.ofGroup(plan.groupSenders(), plan.members());
        AtomicReference<ClosedLoop> started = new AtomicReference<>();
        long[] lastArrival = new long[1];
        talk.audience().onArrival((stream, scan) -> {
            if (SendRequest.isOf(run, scan) && ledger.arrived(stream, scan)) {
                lastArrival[0] = System.nanoTime();
                Objects.requireNonNull(started.get(), "an arrival before the first send")
                        .completed(SendRequest.number(scan));
            }
        });
        ProcessTimes before = target.times();
        long begin = System.nanoTime();
        ClosedLoop sending = talk.loop().get(() -> {
            started.set(ClosedLoop.start(talk.senders(), run, ledger, plan.groupWindow()));
            return started.get();
        });
        SendPart.sleepUntil(begin + time.toNanos());
        talk.loop().run(sending::stop);
        talk.loop().await(DirectTalk.LONGEST_DELIVERY, () -> sending.isQuiet() && ledger.isComplete());
        ProcessTimes spent = target.times().since(before);
        talk.settle(ledger, sending::isQuiet, report);
        double seconds = Math.max(1, lastArrival[0] - begin) / 1e9;
        double deliveries = Math.max(1, ledger.deliveries());
        Histogram completion = sending.completion();
        return new Sustained(deliveries / seconds, ledger.acknowledged() / seconds, completion.percentileMillis(50),
                completion.percentileMillis(99), spent.client() / deliveries, spent.server() / deliveries,
                spent.database() / deliveries);
    }
}
