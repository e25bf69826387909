package ephemera.server.config;

import ephemera.server.StartFailure;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A configuration file, read into keys and texts with their lines.
 *
 * <p>Groups may be nested ({@code http:} and below it {@code port:}) or written with dots ({@code http.port:}), also
 * mixed. Only the structure comes from YAML: values stay the texts that were written, so that {@code 010} or {@code no}
 * is judged by the setting and not by YAML's own types.
 */
final class YamlFile {

    // Deeper than any key; also ends the walk through an alias that contains itself.
    private static final int DEEPEST = 8;
    private static final long LARGEST = 1 << 20;

    private final Path file;
    private final Map<String, Given> found = new LinkedHashMap<>();

    private YamlFile(Path file) {
        this.file = file;
    }

    /** Reads the file; fails if it cannot be read, is not YAML, or says something twice. */
    static Map<String, Given> read(Path file) {
        YamlFile yaml = new YamlFile(file);
        yaml.compose(yaml.content()).ifPresent(root -> yaml.mapping("", root, 0));
        return yaml.found;
    }

    private String content() {
        try {
            if (Files.isDirectory(file)) {
                throw new StartFailure("The configuration file " + file + " is a folder; name the file in it.");
            }
            if (Files.size(file) > LARGEST) {
                throw new StartFailure("The configuration file " + file + " is larger than 1 MB; name the right one.");
            }
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new StartFailure("The configuration file " + file + " does not exist; name one that does.", e);
        } catch (CharacterCodingException e) {
            throw new StartFailure("The configuration file " + file + " is not UTF-8; save it in that encoding.", e);
        } catch (IOException e) {
            throw new StartFailure("The configuration file " + file + " cannot be read (" + e.getClass().getSimpleName()
                    + "); make it readable to the user that runs the server.", e);
        }
    }

    // The cause is not passed on: YAML's own message quotes the lines around a mistake, and one may hold a password.
    private Optional<Node> compose(String content) {
        // Keys that are lists are let through to be refused with their line.
        LoadSettings settings =
                LoadSettings.builder().setLabel(file.toString()).setAllowNonScalarKeys(true).build();
        try {
            return new Compose(settings).composeString(content);
        } catch (MarkedYamlEngineException e) {
            String line = e.getProblemMark().map(mark -> ":" + line(mark)).orElse("");
            throw new StartFailure(file + line + " is not valid YAML. Mind indentation, quotes and a space after each"
                    + " colon.");
        } catch (YamlEngineException | StackOverflowError _) {
            throw new StartFailure(file + " is not valid YAML.");
        }
    }

    private void mapping(String prefix, Node node, int depth) {
        if (depth == 0 && isNothing(node)) {
            return;
        }
        if (!(node instanceof MappingNode mapping) || depth > DEEPEST) {
            throw new StartFailure(at(node).words() + " must be a line of the form \"key: value\".");
        }
        for (NodeTuple entry : mapping.getValue()) {
            if (!(entry.getKeyNode() instanceof ScalarNode key)) {
                throw new StartFailure(at(entry.getKeyNode()).words() + " has a key that is not a plain word.");
            }
            entry(prefix + key.getValue(), at(key), entry.getValueNode(), depth);
        }
    }

    private void entry(String key, Origin.FileLine origin, Node value, int depth) {
        switch (value) {
            case MappingNode group -> mapping(key + ".", group, depth + 1);
            case SequenceNode list -> put(key, new Given(entries(key, origin, list), true, origin));
            // "http:" with every line below it commented out says nothing.
            case ScalarNode scalar when isNothing(scalar) && isGroup(key) -> {}
            case ScalarNode scalar when isNothing(scalar) -> throw new StartFailure(origin.words() + ": "
                    + Quoted.of(key) + " has no value; give it one or remove the line.");
            case ScalarNode scalar -> put(key, Given.plain(scalar.getValue(), origin));
            default -> throw new StartFailure(origin.words() + ": " + Quoted.of(key) + " has no plain value.");
        }
    }

    private void put(String key, Given given) {
        Given earlier = found.putIfAbsent(key, given);
        if (earlier != null) {
            throw new StartFailure(given.origin().words() + ": " + Quoted.of(key) + " was already set at "
                    + earlier.origin().words() + "; remove one of the two.");
        }
    }

    private static String entries(String key, Origin origin, SequenceNode list) {
        List<String> entries = new ArrayList<>();
        for (Node node : list.getValue()) {
            if (!(node instanceof ScalarNode entry) || entry.getValue().contains(",")) {
                throw new StartFailure(origin.words() + ": " + Quoted.of(key)
                        + " must be a list of plain values, none with a comma in it.");
            }
            entries.add(entry.getValue());
        }
        return String.join(",", entries);
    }

    private static boolean isGroup(String key) {
        return Settings.all().stream().anyMatch(setting -> setting.key().startsWith(key + "."));
    }

    private static boolean isNothing(Node node) {
        return node.getTag().equals(Tag.NULL);
    }

    private Origin.FileLine at(Node node) {
        return new Origin.FileLine(file, node.getStartMark().map(YamlFile::line).orElse(1));
    }

    private static int line(Mark mark) {
        return mark.getLine() + 1;
    }
}
