package ephemera.server.cli;

import ephemera.server.StartFailure;
import ephemera.server.config.Config;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options that say which server a command is about. */
final class Place {

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "the folder of everything that the server keeps, as with serve")
    private Optional<String> data;

    @Option(names = "--config", paramLabel = "FILE", description = "the configuration that the server is started with")
    private Optional<Path> config;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "sets any key of the configuration")
    private Map<String, String> settings = new HashMap<>();

    /**
     * The configuration of the server that is meant.
     *
     * @throws StartFailure if it is wrong
     */
    Config config() {
        data.ifPresent(value -> settings.put("data", value));
        return Config.load(config, System.getenv(), settings);
    }

    /**
     * Makes sure that the arguments are what was typed: in a locale without a charset, Java reads letters outside ASCII
     * as question marks, and names and passwords would silently be other ones.
     *
     * @throws StartFailure if letters may have been lost
     */
    static void requireWhole(List<String> arguments) {
        String charset = System.getProperty("sun.jnu.encoding", "UTF-8");
        boolean lossy = !charset.equalsIgnoreCase("UTF-8");
        if (arguments.stream().anyMatch(word -> word.indexOf('\uFFFD') >= 0 || (lossy && word.indexOf('?') >= 0))) {
            throw new StartFailure("An argument has letters that cannot be read in this locale, whose charset is "
                    + charset + ": run the command with LC_ALL=C.UTF-8.");
        }
    }
}
