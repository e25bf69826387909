package ephemera.acceptance.bench;

import ephemera.acceptance.ServerProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Part {@code start}: the time from running the command to the first answered request. */
final class StartPart {
    private final Path folder;
    private final Plan plan;
    private final Report report;

    /** Prepares the part; data folders are made inside the given one. */
    StartPart(Path folder, Plan plan, Report report) {
        this.folder = folder;
        this.plan = plan;
        this.report = report;
    }

    /** Runs the part and adds its figures. */
    void run() {
        List<Double> empty = new ArrayList<>();
        List<Double> warm = new ArrayList<>();
        for (int i = 0; i < plan.rounds(); i++) {
            ServerProcess.Launch launch = ServerProcess.Launch.on(folder.resolve("start" + i));
            empty.add(seconds(launch));
            for (int repeat = 0; repeat < 2; repeat++) {
                warm.add(seconds(launch));
            }
        }
        report.add("start.warm_s", new Report.Reach.AtMost(2.5), warm);
        report.add("start.empty_s", new Report.Reach.AtMost(10), empty);
    }

    private static double seconds(ServerProcess.Launch launch) {
        try (ServerProcess server = launch.start()) {
            return server.startTook().toNanos() / 1e9;
        }
    }
}
