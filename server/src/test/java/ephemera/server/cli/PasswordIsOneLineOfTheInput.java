package ephemera.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ephemera.server.StartFailure;
import java.io.ByteArrayInputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PasswordIsOneLineOfTheInput {

    private static String asked(String input, Charset charset) {
        var stream = new ByteArrayInputStream(input.getBytes(charset));
        return new PasswordQuestion(Optional.empty(), stream).ask("Password");
    }

    @ParameterizedTest
    @ValueSource(strings = {" pässword ", " pässword \n", " pässword \r\n", " pässword \nmore\n"})
    void upToItsEnd(String input) {
        assertThat(asked(input, StandardCharsets.UTF_8)).isEqualTo(" pässword ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "\r\nsecond line\n", "        \n"})
    void andNeverEmpty(String input) {
        assertThatThrownBy(() -> asked(input, StandardCharsets.UTF_8))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("The password is empty");
    }

    @Test
    void inUtf8() {
        assertThatThrownBy(() -> asked("pässword\n", StandardCharsets.ISO_8859_1))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("not in UTF-8")
                .hasMessageNotContaining("ssword\n");
    }
}
