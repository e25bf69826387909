package ephemera.server;

import ephemera.core.Refused;
import ephemera.server.cli.Ephemera;
import picocli.CommandLine;

/** The entry of the program. */
public final class Main {

    private Main() {}

    /**
     * Runs the command that the arguments name; exits with 0, with 1 if it could not do its work, with 2 if it was
     * misspelt.
     */
    public static void main(String[] arguments) {
        CommandLine line = new CommandLine(new Ephemera());
        line.setExecutionExceptionHandler((failure, command, _) -> {
            if (failure instanceof StartFailure || failure instanceof Refused) {
                command.getErr().println(failure.getMessage());
                return 1;
            }
            throw failure;
        });
        System.exit(line.execute(arguments));
    }
}
