package ephemera.server.cli;

import ephemera.server.StartFailure;
import ephemera.server.config.Config;
import ephemera.server.watch.Logs;
import java.lang.System.Logger.Level;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A command that works on the database of a server, and tells afterwards what it did. */
abstract class DeskCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Mixin
    private Place place;

    @Option(names = "--json", description = "prints JSON for scripts, one object on each line")
    private boolean json;

    /** Whether the command makes a database where there is none. */
    boolean createsDatabase() {
        return false;
    }

    /** Reads what the command needs besides the database, before that is opened. */
    void prepare() {}

    /** Does the work within a transaction. What it throws undoes all of it. */
    abstract Answer work(Clerk clerk);

    /** Has the work done: all of it, or, if this throws, nothing. */
    Answer answer(Desk desk) {
        return desk.together(this::work);
    }

    /** Whether the answer is printed for scripts. */
    boolean forScripts() {
        return json;
    }

    @Override
    public final void run() {
        Place.requireWhole(spec.commandLine().getParseResult().originalArgs());
        Config config = place.config();
        Logs.install(quiet(config.log()));
        prepare();
        Answer answer;
        try (Desk desk = Desk.open(config, createsDatabase())) {
            answer = answer(desk);
        }
        if (!answer.print(spec.commandLine().getOut(), forScripts())) {
            throw new StartFailure("What was asked for is done, but the output could not be written:"
                    + " see to the place that it goes to.");
        }
    }

    /** How a server starts is of no interest here; only what is wrong is. */
    static Config.Log quiet(Config.Log log) {
        boolean quietAlready = log.level().getSeverity() > Level.WARNING.getSeverity();
        return quietAlready ? log : new Config.Log(Level.WARNING, log.format());
    }
}
