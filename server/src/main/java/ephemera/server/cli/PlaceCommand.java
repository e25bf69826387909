package ephemera.server.cli;

import ephemera.server.StartFailure;
import ephemera.server.config.Config;
import ephemera.server.watch.Logs;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A command on everything that a server keeps: database, files and keys. */
@Command
abstract class PlaceCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private Place place;

    @Option(names = "--json", description = "prints JSON for scripts, one object on each line")
    private boolean json;

    /** Does the work. */
    abstract Answer work(Config config);

    /** The exit code when the work is done and told. */
    int code() {
        return 0;
    }

    /** Where files are kept. */
    static Path files(Config config) {
        return config.data().resolve("blobs");
    }

    @Override
    public final Integer call() {
        Place.requireWhole(spec.commandLine().getParseResult().originalArgs());
        Config config = place.config();
        Logs.install(DeskCommand.quiet(config.log()));
        Answer answer = work(config);
        if (!answer.print(spec.commandLine().getOut(), json)) {
            throw new StartFailure("What was asked for is done, but the output could not be written:"
                    + " see to the place that it goes to.");
        }
        return code();
    }
}
