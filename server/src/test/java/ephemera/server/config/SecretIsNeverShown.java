package ephemera.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretIsNeverShown {

    @TempDir
    Path folder;

    @Test
    void neitherByTheConfigurationNorByItsDescription() throws IOException {
        Path file = Files.writeString(folder.resolve("given.yaml"), """
                database:
                  url: jdbc:postgresql://db/e
                  password: hunter2
                """);

        Config config = Config.load(Optional.of(file), Map.of(), Map.of("log.level", "debug"));

        assertThat(config.toString()).contains("***").doesNotContain("hunter2");
        assertThat(config.effective())
                .doesNotContain("hunter2")
                .contains("database.password: \"***\"  # " + file + ":3\n")
                .contains("database.url: jdbc:postgresql://db/e  # " + file + ":2\n")
                .contains("database.user: \"\"  # default\n")
                .contains("log.level: debug  # command line\n")
                .contains("management.port: 8081  # default\n")
                .contains("data: " + Path.of("data").toAbsolutePath() + "  # default\n")
                .hasLineCount(Settings.all().size());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "database.password: [hunter2]\n",
        "database.password: {hunter2: hunter2",
        "database.password: \"hunter2\n",
        "database.password: hunter2: x\n",
        "database.password: hunter2\ndatabase.password: hunter2\n",
        "database.url: jdbc:postgresql://e:hunter2@db/e\n",
        "database.url: jdbc:postgresql://db/e?password=hunter2\n",
        "database.url: jdbc:postgresql://db/e?a=b&PASSWORD=hunter2\n",
        "database.password: hunter2\nhttp.port: x\n",
        "database.password: hunter2\n",
    })
    void norByAFailure(String yaml) throws IOException {
        Path file = Files.writeString(folder.resolve("given.yaml"), yaml);

        Throwable failure = catchThrowable(() -> Config.load(Optional.of(file), Map.of(), Map.of()));

        StringWriter trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace));
        assertThat(trace.toString()).contains("StartFailure").doesNotContain("hunter2");
    }

    @Test
    void norByItself() {
        Secret secret = new Secret("hunter2");

        assertThat(secret).hasToString("***").hasSameHashCodeAs(new Secret("other"));
        assertThat(secret.reveal()).isEqualTo("hunter2");
        assertThatThrownBy(() -> new Secret("")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void secretsAreEqualOnlyIfEveryCharacterIs() {
        Secret secret = new Secret("hunter\ud800");

        assertThat(secret).isEqualTo(new Secret("hunter\ud800"));
        assertThat(secret.matches("hunter\ud800")).isTrue();
        assertThat(secret.matches("hunter\ud801")).isFalse();
        assertThat(secret.matches("hunter?")).isFalse();
        assertThat(secret.matches("hunter")).isFalse();
        assertThat(secret.matches("")).isFalse();
        assertThat(new Secret("ñ")).isNotEqualTo(new Secret("n"));
    }
}
