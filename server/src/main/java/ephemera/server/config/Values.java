package ephemera.server.config;

import ephemera.server.config.Setting.Exposure;
import ephemera.server.config.Setting.Fallback;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The winning values, by setting; remembers what was read and what came of it.
 *
 * <p>Used by one thread while a configuration is built.
 */
final class Values {

    private static final Origin DECLARATION = new Origin.Declaration();

    private final Map<String, Given> given;
    private final Map<String, Effective> effective = new LinkedHashMap<>();

    /** Takes values that {@link Sources} has checked. */
    Values(Map<String, Given> given) {
        this.given = given;
    }

    /** Returns the value of a setting that always has one. */
    <T> T get(Setting<T> setting) {
        return find(setting).orElseThrow(() -> new IllegalStateException(setting.key() + " has no default"));
    }

    /** Returns the value of a setting that may be unset. */
    <T> Optional<T> find(Setting<T> setting) {
        Given value = winner(setting);
        boolean unset = value.text().isEmpty() && setting.fallback() instanceof Fallback.Unset;
        Optional<T> typed = unset ? Optional.empty() : Optional.of(typed(setting, value));
        boolean hidden = setting.exposure() == Exposure.SECRET && !unset;
        remember(setting, hidden ? "***" : value.text());
        return typed;
    }

    /** Returns the absolute path that a setting means: relative ones count from where the value was given. */
    Path path(Setting<Path> setting) {
        return findPath(setting).orElseThrow(() -> new IllegalStateException(setting.key() + " has no default"));
    }

    /** Returns the absolute path that a setting means, if it is set. */
    Optional<Path> findPath(Setting<Path> setting) {
        Optional<Path> path = find(setting).map(winner(setting).origin().folder()::resolve).map(Path::normalize);
        path.ifPresent(absolute -> remember(setting, absolute.toString()));
        return path;
    }

    /** Notes the value that follows for a setting which nobody set. */
    void derived(Setting<?> setting, Object value) {
        remember(setting, String.valueOf(value));
    }

    /** Returns key and place of a setting, for a failure that concerns more than one. */
    String where(Setting<?> setting) {
        return setting.key() + " (" + winner(setting).origin().words() + ")";
    }

    /** Returns the keys that were read. */
    Set<String> read() {
        return effective.keySet();
    }

    /** Returns what is in effect, as a configuration file with the origin of each value beside it. */
    String describe() {
        StringBuilder text = new StringBuilder();
        effective.forEach((key, value) -> text.append(key).append(": ").append(value.yaml())
                .append("  # ").append(value.origin().words()).append('\n'));
        return text.toString();
    }

    private Given winner(Setting<?> setting) {
        Given value = given.get(setting.key());
        if (value != null) {
            return value;
        }
        return switch (setting.fallback()) {
            case Fallback.Text(String text) -> Given.plain(text, DECLARATION);
            case Fallback.Unset _ -> Given.plain("", DECLARATION);
        };
    }

    private static <T> T typed(Setting<T> setting, Given value) {
        return setting.kind().parser().apply(value.text())
                .orElseThrow(() -> new IllegalStateException("unchecked value of " + setting.key()));
    }

    private void remember(Setting<?> setting, String text) {
        effective.put(setting.key(), new Effective(text, winner(setting).origin()));
    }

    private record Effective(String text, Origin origin) {

        // Quoted wherever YAML might see more than a word in it.
        String yaml() {
            return text.matches("[A-Za-z0-9./_-][A-Za-z0-9./_:-]*[A-Za-z0-9./_-]|[A-Za-z0-9]") ? text : Quoted.of(text);
        }
    }
}
