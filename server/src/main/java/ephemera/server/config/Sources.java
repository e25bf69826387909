package ephemera.server.config;

import ephemera.server.StartFailure;
import ephemera.server.config.Setting.Exposure;
import ephemera.server.config.Setting.Fallback;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The places that values come from, each checked in full and laid over the one before it: file, environment, command
 * line.
 *
 * <p>A value is checked even where another one overrides it, so that a mistake is found when it is made and not when
 * the override goes away.
 */
final class Sources {

    static final String VARIABLE_PREFIX = "EPHEMERA_";

    // The file that is read without being named, in the data folder.
    private static final String FILE_NAME = "ephemera.yaml";

    // What Kubernetes and container links set for every service whose name starts with "ephemera": not settings.
    private static final Pattern SERVICE_LINK =
            Pattern.compile(".*_SERVICE_HOST|.*_SERVICE_PORT(_.+)?|.*_PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?");
    private static final Pattern SERVICE_LINK_VALUE = Pattern.compile("(tcp|udp|sctp)://.*");

    private Sources() {}

    /**
     * Returns what was given for each setting, by key; the strongest source wins.
     *
     * @param file the file to read; if none is named, {@code ephemera.yaml} in the data folder, if it exists
     */
    static Map<String, Given> read(
            Optional<Path> file, Map<String, String> environment, Map<String, String> overrides) {
        Map<String, Given> variables = environment(environment);
        Map<String, Given> commandLine = commandLine(overrides);
        Map<String, Given> stronger = new HashMap<>(variables);
        stronger.putAll(commandLine);

        Map<String, Given> all = new HashMap<>(file
                .map(Sources::namedFile)
                .orElseGet(() -> fileIn(new Values(stronger).path(Settings.DATA))));
        all.putAll(stronger);
        return all;
    }

    private static Map<String, Given> namedFile(Path file) {
        Map<String, Given> given = YamlFile.read(file);
        given.forEach((key, value) -> check(key, value));
        return given;
    }

    private static Map<String, Given> fileIn(Path data) {
        Path file = data.resolve(FILE_NAME);
        if (!Files.exists(file)) {
            return Map.of();
        }
        Map<String, Given> given = namedFile(file);
        Given moved = given.get(Settings.DATA.key());
        if (moved != null) {
            throw new StartFailure(moved.origin().words() + ": " + Settings.DATA.key()
                    + " cannot be set in the file that lies in the data folder; give it on the command line, as "
                    + Settings.DATA.variable() + ", or in a file that is named with --config.");
        }
        return given;
    }

    private static Map<String, Given> commandLine(Map<String, String> overrides) {
        Map<String, Given> given = new LinkedHashMap<>();
        new TreeMap<>(overrides).forEach((key, text) -> {
            Given value = Given.plain(text, new Origin.CommandLine());
            check(key, value);
            given.put(key, value);
        });
        return given;
    }

    private static Map<String, Given> environment(Map<String, String> environment) {
        Map<String, Setting<?>> byVariable = new LinkedHashMap<>();
        Settings.all().forEach(setting -> byVariable.put(setting.variable(), setting));
        Map<String, Given> given = new LinkedHashMap<>();
        new TreeMap<>(environment).forEach((variable, text) -> {
            Setting<?> setting = byVariable.get(variable);
            if (setting != null) {
                Given value = Given.plain(text, new Origin.Environment(variable));
                check(setting, value);
                given.put(setting.key(), value);
            } else if (variable.startsWith(VARIABLE_PREFIX) && !isServiceLink(variable, text)) {
                throw new StartFailure("The environment variable " + Quoted.of(variable)
                        + " is not a setting; did you mean " + Nearest.to(variable, byVariable.keySet()) + "?");
            }
        });
        return given;
    }

    private static boolean isServiceLink(String variable, String text) {
        return SERVICE_LINK.matcher(variable).matches() || SERVICE_LINK_VALUE.matcher(text).matches();
    }

    private static void check(String key, Given given) {
        check(Settings.named(key).orElseThrow(() -> unknown(key, given.origin())), given);
    }

    private static StartFailure unknown(String key, Origin origin) {
        List<String> keys = Settings.all().stream().<String>map(Setting::key).toList();
        List<String> group = keys.stream().filter(known -> known.startsWith(key + ".")).toList();
        String remedy = group.isEmpty()
                ? "did you mean " + Nearest.to(key, keys) + "?"
                : "it is a group of settings: " + String.join(", ", group) + ".";
        return new StartFailure("Unknown setting " + Quoted.of(key) + " (" + origin.words() + "); " + remedy);
    }

    private static void check(Setting<?> setting, Given given) {
        if (given.text().isEmpty() && setting.fallback() instanceof Fallback.Unset) {
            return;
        }
        if ((given.list() && !setting.kind().list()) || setting.kind().parser().apply(given.text()).isEmpty()) {
            boolean mayShow = setting.exposure() == Exposure.PUBLIC;
            String shown = mayShow ? " is " + Quoted.of(given.text()) : " has a wrong value";
            throw new StartFailure(setting.key() + shown + " (" + given.origin().words() + "), but must be "
                    + setting.kind().expected() + (given.list() && !setting.kind().list() ? ", not a list." : "."));
        }
    }
}
