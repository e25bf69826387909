package ephemera.acceptance.bench;

import ephemera.acceptance.bench.load.Acknowledgements;
import ephemera.acceptance.bench.load.Audience;
import ephemera.acceptance.bench.load.LoadFailure;
import ephemera.acceptance.bench.load.Loop;
import ephemera.acceptance.client.Credentials;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Part {@code idle}: what open streams on which nothing happens cost in memory and processor time.
 *
 * <p>Memory is the growth of the server JVM's resident set, as the operator sees it, garbage included. Before the base
 * is read, some hundred streams are opened and closed, so that loaded classes and warm buffers are not charged to
 * streams.
 */
final class IdlePart {
    private static final int WARM_UP_STREAMS = 400;
    private static final Duration LONGEST_OPENING = Duration.ofSeconds(300);

    /** The published JS client gives a stream up after 12 s without data. */
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(12);

    private final Target target;
    private final Plan plan;
    private final Report report;

    private record Round(double kib, double baseMib, double openSeconds, double cpuPercent, double databaseCpuPercent,
            double heartbeatsPerSecond) {
    }

    IdlePart(Target target, Plan plan, Report report) {
        this.target = target;
        this.plan = plan;
        this.report = report;
    }

    /** Runs the part and adds its figures; a server of our own is started afresh for every round. */
    void run() {
        List<Credentials> people = target.people(plan.streams());
        List<Round> rounds = new ArrayList<>();
        switch (target) {
            case Target.Own own -> {
                for (int i = 0; i < plan.rounds(); i++) {
                    own.restart();
                    rounds.add(round(people));
                }
            }
            case Target.Running _ -> {
                rounds.add(round(people));
                report.note("idle: one round only, because a server that runs already keeps the memory of the first");
            }
        }
        report.add("idle.kib_per_stream", new Report.Reach.AtMost(12), SendPart.all(rounds, Round::kib));
        report.add("idle.cpu_percent_of_a_core", new Report.Reach.AtMost(10), SendPart.all(rounds, Round::cpuPercent));
        report.add("idle.database_cpu_percent", SendPart.all(rounds, Round::databaseCpuPercent));
        report.add("idle.streams", rounds.stream().map(_ -> (double) plan.streams()).toList());
        report.add("idle.base_mib", SendPart.all(rounds, Round::baseMib));
        report.add("idle.open_s", SendPart.all(rounds, Round::openSeconds));
        report.add("idle.heartbeats_per_s", SendPart.all(rounds, Round::heartbeatsPerSecond));
    }

    private Round round(List<Credentials> people) {
        try (Loop loop = new Loop()) {
            Acknowledgements acknowledgements = new Acknowledgements(loop, target.address(), 16);
            warmUp(loop, people.subList(0, Math.min(people.size(), WARM_UP_STREAMS)));
            long base = resident();
            Audience audience =
                    new Audience(loop, target.address(), people, plan.features(), Optional.of(acknowledgements));
            long begin = System.nanoTime();
            audience.open(LONGEST_OPENING);
            double openSeconds = (System.nanoTime() - begin) / 1e9;
            SendPart.sleepUntil(System.nanoTime() + plan.settle().toNanos());
            double kib = (double) (resident() - base) / people.size();
            long[] heartbeats = new long[2];
            loop.run(() -> heartbeats[0] = audience.heartbeats());
            ProcessTimes before = target.times();
            long watched = System.nanoTime();
            SendPart.sleepUntil(watched + plan.watch().toNanos());
            ProcessTimes spent = target.times().since(before);
            double micros = (System.nanoTime() - watched) / 1e3;
            loop.run(() -> {
                heartbeats[1] = audience.heartbeats();
                judge(audience, people.size(), acknowledgements);
            });
            return new Round(kib, base / 1024.0, openSeconds, 100 * spent.server() / micros,
                    100 * spent.database() / micros, (heartbeats[1] - heartbeats[0]) / (micros / 1e6));
        }
    }

    private void warmUp(Loop loop, List<Credentials> people) {
        Acknowledgements acknowledgements = new Acknowledgements(loop, target.address(), 1);
        Audience audience =
                new Audience(loop, target.address(), people, plan.features(), Optional.of(acknowledgements));
        audience.open(LONGEST_OPENING);
        loop.await(Duration.ofSeconds(10), acknowledgements::isFlushed);
        audience.close();
        SendPart.sleepUntil(System.nanoTime() + Duration.ofSeconds(2).toNanos());
    }

    private void judge(Audience audience, int expected, Acknowledgements acknowledgements) {
        if (audience.liveNow() != expected || acknowledgements.refused() > 0) {
            throw new LoadFailure("Only %d of %d idle streams are left (%s); acknowledgements: %s".formatted(
                    audience.liveNow(), expected, audience.firstLoss().orElse("no loss"),
                    acknowledgements.firstFailure().orElse("fine")));
        }
        int silent = audience.silentSince(System.nanoTime() - LONGEST_SILENCE.toNanos());
        if (silent > 0) {
            throw new LoadFailure("%d of %d idle streams had no heartbeat for %d s; published clients would reconnect."
                    .formatted(silent, expected, LONGEST_SILENCE.toSeconds()));
        }
    }

    private long resident() {
        return target.serverPid().flatMap(ProcessTimes::residentKib).orElseThrow(() -> new LoadFailure(
                "The part idle needs the server's process id; name it with --pid."));
    }
}
