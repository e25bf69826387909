package ephemera.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.server.config.Setting.Fallback;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EverySettingIsDeclaredInFull {

    static Stream<Setting<?>> settings() {
        return Settings.all().stream();
    }

    @ParameterizedTest
    @MethodSource("settings")
    void keyDocumentationAndDefaultAreWellFormed(Setting<?> setting) {
        assertThat(setting.key()).matches("[a-z]+(-[a-z]+)*(\\.[a-z]+(-[a-z]+)*)*");
        assertThat(setting.documentation()).matches("[A-Z].*[a-z0-9]\\.");
        String value = switch (setting.fallback()) {
            case Fallback.Text(String text) -> text;
            case Fallback.Unset(String _, String example) -> example;
        };
        assertThat(setting.kind().parser().apply(value)).as("default or example of %s", setting.key()).isPresent();
    }

    @Test
    void namesDoNotCollide() {
        List<String> keys = settings().<String>map(Setting::key).toList();
        assertThat(keys).doesNotHaveDuplicates();
        assertThat(settings().<String>map(Setting::variable).toList()).doesNotHaveDuplicates();
        // A key that is also a group could not be written nested.
        assertThat(keys).noneMatch(key -> keys.stream().anyMatch(other -> other.startsWith(key + ".")));
    }

    @Test
    void everySettingEndsUpInTheConfiguration() {
        Values values = new Values(Sources.read(Optional.empty(), Map.of(), Map.of()));

        ConfigReader.read(values);

        assertThat(values.read()).containsExactlyInAnyOrderElementsOf(
                settings().<String>map(Setting::key).toList());
    }

    @Test
    void passwordsAreSecrets() {
        assertThat(settings().filter(setting -> setting.exposure() == Setting.Exposure.SECRET))
                .containsExactly(
                        Settings.DATABASE_PASSWORD, Settings.VAULT_KEYS_PASSWORD, Settings.VAULT_ROOT_KEY);
        assertThat(settings().filter(setting -> setting.key().matches(".*(password|secret|token).*")))
                .allMatch(setting -> setting.exposure() == Setting.Exposure.SECRET);
    }
}
