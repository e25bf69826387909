package ephemera.server.watch;

import static ephemera.server.watch.Field.field;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ephemera.server.config.Secret;
import java.time.Instant;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class LogLineCannotBeForged {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String HEAD = "2026-01-02T03:04:05.678Z INFO ephemera.Test ";

    @Test
    void plainMessageAndFieldsStandAsTheyAre() {
        assertThat(text("listening", field("address", "http://127.0.0.1:8080"), field("tls", false), field("n", 8080)))
                .isEqualTo(HEAD + "listening address=http://127.0.0.1:8080 tls=false n=8080\n");
    }

    @Test
    void messageThatLooksLikeFieldsIsQuoted() {
        assertThat(text("done user=admin")).isEqualTo(HEAD + "\"done user=admin\"\n");
        assertThat(text("said \"x\"")).isEqualTo(HEAD + "\"said \\\"x\\\"\"\n");
        assertThat(text("")).isEqualTo(HEAD + "\"\"\n");
    }

    @Test
    void valueThatLooksLikeFieldsIsQuoted() {
        assertThat(text("m", field("a", "x b=y"), field("c", ""), field("d", "x\\"), field("e", "x\u00a0y")))
                .isEqualTo(HEAD + "m a=\"x b=y\" c=\"\" d=\"x\\\\\" e=\"x\u00a0y\"\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r", "\r\n", "\t", "\u0000", "\u001b[2J", "\u007f", "\u0085", "\u009b", "\u2028",
        "\u2029", "\u202e", "\u2066", "\u200b", "\ufeff", "\ud800", "\udc00", "\udb40\udc01"})
    void whatIsNotVisibleIsEscaped(String evil) {
        String forged = "a" + evil + "2026-01-02T03:04:05.678Z ERROR x y";

        Field field = field("f", forged);
        for (String line : new String[] {
            text(forged), text("m {0}", forged), text("m", field), json(forged), json("m", field)}) {
            assertThat(line).endsWith("\n");
            assertThat(line.substring(0, line.length() - 1)).matches("[\\x20-\\x7e]*");
        }
        assertThat(read(json(forged)).get("message").asString()).isEqualTo(forged);
        assertThat(read(json("m", field)).get("f").asString()).isEqualTo(forged);
    }

    @Test
    void visibleTextOfAnyScriptStays() {
        assertThat(text("Grüße 😀 日本")).isEqualTo(HEAD + "Grüße 😀 日本\n");
        assertThat(read(json("Grüße 😀 日本")).get("message").asString()).isEqualTo("Grüße 😀 日本");
    }

    @Test
    void placeholdersAreFilledOnceAndAsTheyAre() {
        assertThat(text("it's {0} of {1,number} and {7} {", 8080, "{0}", field("k", "v")))
                .isEqualTo(HEAD + "it's 8080 of {0} and {7} { k=v\n");
        assertThat(text("no parameters {0}")).isEqualTo(HEAD + "no parameters {0}\n");
        assertThat(text("{0} {1}", null, "$1\\x")).isEqualTo(HEAD + "\"null $1\\\\x\"\n");
    }

    @Test
    void stackTraceStandsInTheLineOfItsRecord() {
        IllegalStateException thrown = new IllegalStateException("a\nb", new RuntimeException("cause"));

        String line = text("failed", field("k", "v"), thrown);
        assertThat(line)
                .startsWith(HEAD + "failed k=v stack=\"java.lang.IllegalStateException: a\\nb\\n\\tat ephemera.")
                .contains("\\nCaused by: java.lang.RuntimeException: cause\\n")
                .hasLineCount(1);
        assertThat(read(json("failed", thrown)).get("stack").asString())
                .startsWith("java.lang.IllegalStateException: a\nb\n\tat ephemera.");

        LogRecord entry = entry("failed");
        entry.setThrown(thrown);
        assertThat(new TextLines().format(entry)).startsWith(HEAD + "failed stack=\"java.lang.Ill");
    }

    @Test
    void linesAreOfBoundedLength() {
        assertThat(text("x".repeat(1_000_000), field("f", "y".repeat(1_000_000)))).hasSizeLessThan(9_000);
        assertThat(text("m", new RuntimeException("z".repeat(1_000_000)))).hasSizeLessThan(17_000);
    }

    @Test
    void jsonKeepsNumbersAndTruth() {
        JsonNode line = read(json(
                "m", field("i", 1), field("l", 2L), field("b", true), field("d", 0.5), field("s", "3")));

        assertThat(line.get("time").asString()).isEqualTo("2026-01-02T03:04:05.678Z");
        assertThat(line.get("level").asString()).isEqualTo("INFO");
        assertThat(line.get("logger").asString()).isEqualTo("ephemera.Test");
        assertThat(line.get("i").isInt()).isTrue();
        assertThat(line.get("l").asLong()).isEqualTo(2);
        assertThat(line.get("b").isBoolean()).isTrue();
        assertThat(line.get("d").asString()).isEqualTo("0.5");
        assertThat(line.get("s").isString()).isTrue();
    }

    @Test
    void valueThatCannotBePrintedDoesNotLoseTheLine() {
        Object broken = new Object() {
            @Override
            public String toString() {
                throw new IllegalStateException();
            }
        };

        String note = "(unprintable: java.lang.IllegalStateException)";
        assertThat(text("m {0}", broken, field("f", broken))).isEqualTo(HEAD + "m " + note + " f=\"" + note + "\"\n");
    }

    @Test
    void secretStaysSecret() {
        Secret secret = new Secret("hunter2");

        assertThat(text("m {0}", secret, field("f", secret))).isEqualTo(HEAD + "m *** f=***\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A", "a b", "a=b", "1", "time", "message", "stack", "a\n"})
    void keyOfAFieldIsAPlainNewName(String key) {
        assertThatThrownBy(() -> field(key, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    private static String text(String message, @Nullable Object... parameters) {
        return format(new TextLines(), message, parameters);
    }

    private static String json(String message, Object... parameters) {
        return format(new JsonLines(), message, parameters);
    }

    private static String format(Formatter formatter, String message, @Nullable Object... parameters) {
        LogRecord entry = entry(message);
        entry.setParameters(parameters);
        return formatter.format(entry);
    }

    private static LogRecord entry(String message) {
        LogRecord entry = new LogRecord(Level.INFO, message);
        entry.setLoggerName("ephemera.Test");
        entry.setInstant(Instant.parse("2026-01-02T03:04:05.678901Z"));
        return entry;
    }

    private static JsonNode read(String line) {
        return JSON.readTree(line);
    }
}
