package ephemera.server.cli;

import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints the configuration in effect. */
@Command(
        name = "config",
        description = "Prints every setting in effect and where it comes from, in the form of a configuration file.",
        mixinStandardHelpOptions = true)
final class ShowConfig implements Runnable {

    @Spec
    private CommandSpec spec;

    @Mixin
    private Place place;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        out.print(place.config().effective());
        out.flush();
    }
}
