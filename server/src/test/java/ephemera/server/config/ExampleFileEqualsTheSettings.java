package ephemera.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExampleFileEqualsTheSettings {

    private static final String REGENERATE = "ephemera.regenerate";

    @TempDir
    Path folder;

    @Test
    void fileInTheRepositoryIsWhatTheDeclarationsSay() throws IOException {
        Path file = repository().resolve("config/ephemera.example.yaml");
        if (Boolean.getBoolean(REGENERATE)) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, ExampleFile.text());
        }

        assertThat(file).as("""
                The settings have changed and the example file has not; regenerate it with
                mvn -pl server -am test -Dtest=%s -Dsurefire.failIfNoSpecifiedTests=false -D%s=true
                """, getClass().getSimpleName(), REGENERATE).exists().hasContent(ExampleFile.text());
    }

    @Test
    void everyLineThatIsMeantToBeUncommentedCanBe() throws IOException {
        Path pem = Files.createFile(folder.resolve("x.pem"));
        String text = Pattern.compile("^#(?=[a-z])", Pattern.MULTILINE).matcher(ExampleFile.text()).replaceAll("");
        Path file =
                Files.writeString(folder.resolve("given.yaml"), text.replaceAll("/etc/.*\\.pem", pem.toString()));

        assertThat(YamlFile.read(file).keySet())
                .containsExactlyElementsOf(Settings.all().stream().<String>map(Setting::key).toList());
        Config config = Config.load(Optional.of(file), Map.of(), Map.of());
        Config defaults = Config.load(Optional.empty(), Map.of(), Map.of());
        assertThat(config.limits()).isEqualTo(defaults.limits());
        assertThat(config.management()).isEqualTo(defaults.management());
        assertThat(config.http().origins()).isEqualTo(defaults.http().origins());
    }

    private static Path repository() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("core/pom.xml"))) {
            folder = Objects.requireNonNull(folder.getParent(), "the tests run inside the repository");
        }
        return folder;
    }
}
