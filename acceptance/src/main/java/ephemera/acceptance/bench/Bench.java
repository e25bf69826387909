package ephemera.acceptance.bench;

import ephemera.acceptance.Commands;
import ephemera.acceptance.TemporaryFolder;
import ephemera.acceptance.bench.load.LoadFailure;
import ephemera.acceptance.client.Credentials;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * The command {@code bin/bench}.
 *
 * <p>Exit codes: 0 if everything was measured and every message accounted for, whatever the figures are; 1 if not; 2
 * for a command line that makes no sense.
 */
@Command(name = "bin/bench", mixinStandardHelpOptions = true, sortOptions = false,
        description = "Measures a server: its own on a temporary data folder, or one that runs already (--url).")
public final class Bench implements Callable<Integer> {
    /** What can be measured. */
    enum Part {
        /** Acknowledged sends per second. */
        send,
        /** Time to the recipient's stream at a steady rate. */
        latency,
        /** One message to many connected members. */
        fanout,
        /** Memory and processor time of idle streams. */
        idle,
        /** Time to the first answer after a start. */
        start,
        /** What it costs that very many messages end together. */
        expire,
        /** Time to read pages of conversations out of very many messages. */
        pages,
        /** What applications do by the Tight door. */
        applications,
        /** All of them but {@code pages}, which takes a quarter of an hour. */
        all
    }

    @Parameters(arity = "1..*", paramLabel = "PART", description = "One or more of: ${COMPLETION-CANDIDATES}. "
            + "The part pages takes a quarter of an hour and some 10 GB; all leaves it out.")
    @SuppressWarnings("FieldCanBeFinal") // picocli sets it
    private List<Part> parts = List.of();

    @Option(names = "--quick", description = "A run of about a minute; its figures are hints.")
    private boolean quick;

    @Option(names = "--url", paramLabel = "URL", description = "A server that runs already.")
    private Optional<URI> url = Optional.empty();

    @Option(names = "--keys", paramLabel = "FILE",
            description = "With --url: people as JSON lines of token, key and secret (user import --keys).")
    private Optional<Path> keys = Optional.empty();

    @Option(names = "--pid", paramLabel = "PID", description = "With --url: the server's process, for CPU and memory.")
    private Optional<Long> pid = Optional.empty();

    @Option(names = "--data", paramLabel = "DIR",
            description = "With --url: the server's data folder, for the database's CPU and the disk. Without: the "
                    + "folder in which a temporary data folder is made.")
    private Optional<Path> data = Optional.empty();

    @Option(names = "--against", paramLabel = "DIR",
            description = "With send: another clone of the project, for example of an older commit. Rounds alternate "
                    + "between a server of this build and one of that.")
    private Optional<Path> against = Optional.empty();

    @Option(names = "--json", paramLabel = "FILE", description = "Also writes the figures to this file.")
    private Optional<Path> json = Optional.empty();

    @Option(names = "--rounds", paramLabel = "N", description = "Measured rounds of each part (default 3, quick 1).")
    private Optional<Integer> rounds = Optional.empty();

    @Option(names = "--streams", paramLabel = "N", description = "Idle streams (default 19000, quick 5000).")
    private Optional<Integer> streams = Optional.empty();

    @Option(names = "--members", paramLabel = "N", description = "Connected members of the group (default 1000).")
    private Optional<Integer> members = Optional.empty();

    @Option(names = "--senders", paramLabel = "N", description = "Concurrent senders (default 64).")
    private Optional<Integer> senders = Optional.empty();

    @Option(names = "--messages", paramLabel = "N",
            description = "Messages that expire together, or messages and conversations of an application (default "
                    + "1000000, quick 20000); or messages that are stored when pages are read (default 10000000, "
                    + "quick 200000).")
    private Optional<Integer> messages = Optional.empty();

    @Option(names = "--features", paramLabel = "LIST",
            description = "TT-X-Features of every stream, for example heartbeat_5 (default: no such header).")
    private Optional<String> features = Optional.empty();

    @Option(names = "--keep", description = "Leaves the temporary data folder and the server's output behind.")
    private boolean keep;

    private Bench() {
    }

    /** Runs the command and ends the JVM with its exit code. */
    public static void main(String... arguments) {
        System.exit(new CommandLine(new Bench()).setExecutionExceptionHandler(Bench::explain).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        Set<Part> chosen = EnumSet.copyOf(parts);
        if (chosen.remove(Part.all)) {
            chosen.addAll(EnumSet.complementOf(EnumSet.of(Part.all, Part.pages)));
        }
        Optional<Path> other = against.map(folder -> clone(folder, chosen));
        Report report = new Report();
        try {
            if (other.isPresent()) {
                runBoth(other.get(), report);
            } else if (url.isPresent()) {
                runAgainst(url.get(), chosen, report);
            } else {
                runOwn(chosen, report);
            }
        } catch (AssertionError e) {
            // What the black-box client or the server process found wrong.
            throw new LoadFailure(String.valueOf(e.getMessage()));
        } finally {
            // What was measured before a part failed is right and may have taken minutes.
            report.print(System.out);
        }
        if (json.isPresent()) {
            Files.writeString(json.get(), report.json());
        }
        return 0;
    }

    /** Checks that sends can be compared with that clone, and builds it if need be. */
    private Path clone(Path folder, Set<Part> chosen) {
        if (!chosen.equals(EnumSet.of(Part.send)) || url.isPresent()) {
            throw new LoadFailure("--against compares sends between two servers of its own: `bin/bench send --against "
                    + "DIR`, without other parts and without --url.");
        }
        Path root = folder.toAbsolutePath().normalize();
        if (!Files.isExecutable(root.resolve("bin/ephemera"))) {
            throw new LoadFailure("--against takes the folder of a clone of the project; there is no bin/ephemera in "
                    + root + ".");
        }
        new Commands(root, root).runExactly("--version").expectSuccess();
        return root;
    }

    private void runBoth(Path other, Report report) {
        inTemporaryFolder(folder -> {
            Machine.describe(report, folder);
            report.machine("against", other);
            announce(Part.send);
            try (Target target = new Target.Own(folder.resolve("talk"));
                    Target otherTarget = new Target.Own(folder.resolve("against"), other)) {
                new SendPart(target, plan(), report).runAgainst(otherTarget);
            }
        });
    }

    private void runAgainst(URI server, Set<Part> chosen, Report report) throws IOException {
        if (!"http".equals(server.getScheme()) || server.getHost() == null) {
            throw new LoadFailure("--url takes an address like http://127.0.0.1:8080; it must be plain HTTP.");
        }
        Path file = keys.orElseThrow(() -> new LoadFailure("With --url, name a file of people's keys with --keys."));
        if (chosen.remove(Part.start)) {
            report.note("start: not measured, because the server runs already");
        }
        if (chosen.remove(Part.expire)) {
            report.note("expire: not measured, because it needs a server with narrow epochs");
        }
        if (chosen.remove(Part.pages)) {
            report.note("pages: not measured, because it fills the database of a server of its own");
        }
        if (chosen.remove(Part.applications)) {
            report.note("applications: not measured, because it fills the database of a server of its own");
        }
        List<Credentials> people = Credentials.ofJsonLines(Files.readAllLines(file));
        try (Target target = new Target.Running(server, people, pid, data)) {
            Machine.describe(report, target.disk());
            measure(target, chosen, report);
        }
    }

    private void runOwn(Set<Part> chosen, Report report) {
        inTemporaryFolder(folder -> {
            Machine.describe(report, folder);
            if (chosen.remove(Part.start)) {
                announce(Part.start);
                new StartPart(folder, plan(), report).run();
            }
            if (chosen.remove(Part.expire)) {
                announce(Part.expire);
                new ExpirePart(folder.resolve("expire"), expirySize(), report).run();
            }
            if (chosen.remove(Part.pages)) {
                announce(Part.pages);
                new PagesPart(folder.resolve("pages"), pagesSize(), report).run();
            }
            if (chosen.remove(Part.applications)) {
                announce(Part.applications);
                new ApplicationsPart(folder.resolve("applications"), applicationsSize(), report).run();
            }
            if (!chosen.isEmpty()) {
                try (Target target = new Target.Own(folder.resolve("talk"))) {
                    measure(target, chosen, report);
                }
            }
        });
    }

    private void inTemporaryFolder(Consumer<Path> work) {
        TemporaryFolder temporary = data.map(TemporaryFolder::makeIn).orElseGet(TemporaryFolder::make);
        try {
            work.accept(temporary.path());
        } finally {
            if (keep) {
                System.err.println("The data folders are in " + temporary.path());
            } else {
                temporary.close();
            }
        }
    }

    /** Measures everything that needs a running server; {@code idle} comes last because it starts an own one afresh. */
    private void measure(Target target, Set<Part> chosen, Report report) {
        for (Part part : chosen) {
            announce(part);
            switch (part) {
                case send -> new SendPart(target, plan(), report).run();
                case latency -> new LatencyPart(target, plan(), report).run();
                case fanout -> new FanoutPart(target, plan(), report).run();
                case idle -> new IdlePart(target, plan(), report).run();
                case start, expire, pages, applications, all ->
                        throw new IllegalStateException(part + " is not measured on a running server");
            }
        }
    }

    private Plan plan() {
        Plan base = quick ? Plan.quick() : Plan.whole();
        return new Plan(rounds.orElse(base.rounds()), base.warmUp(), base.round(), senders.orElse(base.pairs()),
                base.rate(), members.orElse(base.members()), base.groupSenders(), base.groupWindow(),
                streams.orElse(base.streams()), base.settle(), base.watch(), features.orElse(base.features()));
    }

    private ExpirePart.Size expirySize() {
        return quick ? ExpirePart.Size.quick(messages.orElse(20_000))
                : ExpirePart.Size.whole(messages.orElse(1_000_000));
    }

    private PagesPart.Size pagesSize() {
        return new PagesPart.Size(messages.orElse(quick ? 200_000 : 10_000_000), 3_000, plan().rounds());
    }

    private ApplicationsPart.Size applicationsSize() {
        int count = messages.orElse(quick ? 20_000 : 1_000_000);
        return new ApplicationsPart.Size(count, count, quick ? 200 : 2_000, plan().rounds(), plan().warmUp(),
                plan().round());
    }

    private static void announce(Part part) {
        System.err.println("measuring " + part + " …");
    }

    private static int explain(Exception failure, CommandLine command, CommandLine.ParseResult result) {
        switch (failure) {
            case LoadFailure expected -> System.err.println(expected.getMessage());
            case IOException _, UncheckedIOException _ -> System.err.println("The run ended early: " + failure);
            default -> failure.printStackTrace();
        }
        return 1;
    }
}
