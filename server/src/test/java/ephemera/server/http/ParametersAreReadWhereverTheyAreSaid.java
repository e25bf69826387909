package ephemera.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ephemera.core.Failure;
import ephemera.core.Refused;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

class ParametersAreReadWhereverTheyAreSaid {

    private static Parameters json(String json) {
        return new Parameters(
                Optional.of((ObjectNode) JsonText.read(json)), Map.of(), List.of(), Optional.empty(), Set.of());
    }

    private static Parameters texts(String name, String... values) {
        return new Parameters(
                Optional.empty(), Map.of(name, List.of(values)), List.of(), Optional.empty(), Set.of());
    }

    private static Parameters part(String name, String text) {
        return new Parameters(
                Optional.empty(),
                Map.of(),
                List.of(new Parameters.Part(name, Map.of("content-type", "text/plain"), text)),
                Optional.empty(),
                Set.of());
    }

    private static Failure refusal(ThrowingCallable call) {
        return catchThrowableOfType(Refused.class, call).failure();
    }

    @Test
    void aTextFromAnyPlaceAndTheBodyFirst() {
        for (Parameters parameters : List.of(json("{\"a\":\"x\"}"), texts("a", "x"), texts("A", "x", "y"),
                part("a", "x"))) {
            assertThat(parameters.text("a")).contains("x");
            assertThat(parameters.required("a")).isEqualTo("x");
            assertThat(parameters.has("a")).isTrue();
            assertThat(parameters.has("b")).isFalse();
        }
        Parameters both = new Parameters(
                Optional.of((ObjectNode) JsonText.read("{\"a\":\"body\"}")),
                Map.of("a", List.of("query"), "b", List.of("query")),
                List.of(),
                Optional.empty(),
                Set.of("a", "b"));
        assertThat(both.text("a")).contains("body");
        assertThat(both.anyText("x", "b", "a")).contains("query");
        assertThat(json("{\"a\":null}").text("a")).isEmpty();
        assertThat(texts("a", "").anyText("a")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "true", "1.5", "[]", "[\"x\"]", "{}", "{\"a\":\"x\"}"})
    void andNothingElseIsAText(String value) {
        assertThat(refusal(() -> json("{\"a\":" + value + "}").text("a"))).isEqualTo(Failure.INVALID);
    }

    @Test
    void aBodyIsAnObjectWhateverItsForm() {
        for (Parameters parameters : List.of(json("{\"a\":\"x\"}"), texts("a", "x", "y"), part("a", "x"))) {
            assertThat(parameters.body()).isEqualTo(JsonText.read("{\"a\":\"x\"}"));
        }
        assertThat(json("{}").body()).isEmpty();
        Parameters onlyQuery = new Parameters(
                Optional.empty(), Map.of("a", List.of("query")), List.of(), Optional.empty(), Set.of("a"));
        assertThat(refusal(onlyQuery::body)).isEqualTo(Failure.MALFORMED);
    }

    @Test
    void whatIsRequiredMustBeThere() {
        for (Parameters parameters : List.of(json("{}"), json("{\"a\":\"\"}"), json("{\"a\":\" \"}"), texts("a", ""),
                part("a", ""))) {
            assertThat(refusal(() -> parameters.required("a"))).isEqualTo(Failure.MISSING);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "true, true", "false, false", "\"true\", true", "\"FALSE\", false", "1, true", "0, false", "\"1\", true",
        "\"0\", false", "\" yes \", true", "\"no\", false"
    })
    void aTruthValueAsItselfOrAsText(String value, boolean meant) {
        assertThat(json("{\"a\":" + value + "}").bool("a")).contains(meant);
        String text = value.replace("\"", "");
        assertThat(texts("a", text).bool("a")).contains(meant);
        assertThat(part("a", text).bool("a")).contains(meant);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2", "-1", "\"maybe\"", "[]", "{}", "[true]", "0.0"})
    void andNothingElseIsATruthValue(String value) {
        assertThat(refusal(() -> json("{\"a\":" + value + "}").bool("a"))).isEqualTo(Failure.INVALID);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1", "-1, -1", "0, 0", "\"60\", 60", "\" 60 \", 60", "2147483648, 2147483648",
        "9223372036854775807, 9223372036854775807"
    })
    void aWholeNumberAsItselfOrAsText(String value, long meant) {
        assertThat(json("{\"a\":" + value + "}").number("a")).contains(meant);
        assertThat(texts("a", value.replace("\"", "")).number("a")).contains(meant);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"1.5", "1.0", "1e3", "9223372036854775808", "\"x\"", "\"1.5\"", "\"0x10\"", "[]", "[1]", "{}",
                "true"})
    void andNothingElseIsANumber(String value) {
        assertThat(refusal(() -> json("{\"a\":" + value + "}").number("a"))).isEqualTo(Failure.INVALID);
    }

    @Test
    void noNumberIsNoNumber() {
        for (Parameters parameters : List.of(json("{}"), json("{\"a\":null}"), json("{\"a\":\"\"}"), texts("a", " "),
                part("a", ""))) {
            assertThat(parameters.number("a")).isEmpty();
            assertThat(parameters.bool("a")).isEmpty();
        }
    }

    @Test
    void aListInEveryWayThatClientsWriteIt() {
        for (Parameters parameters : List.of(
                json("{\"a\":[\"x\",\"y\"]}"),
                json("{\"a\":\"x,y\"}"),
                json("{\"a\":\"[\\\"x\\\",\\\"y\\\"]\"}"),
                texts("a", "x,y"),
                texts("a", " x , ,y,"),
                texts("a", "x", "y"),
                texts("A", "[\"x\",\"y\"]"),
                part("a", "x,y"),
                part("a", "[\"x\",\"y\"]"))) {
            assertThat(parameters.list("a")).containsExactly("x", "y");
        }
        for (Parameters parameters : List.of(json("{}"), json("{\"a\":null}"), json("{\"a\":[]}"), json("{\"a\":\"\"}"),
                texts("a", ""))) {
            assertThat(parameters.list("a")).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "true", "{}", "[1]", "[null]", "[[\"x\"]]", "[{\"a\":\"x\"}]", "[\"x\",2]", "\"[1]\"",
        "\"[{}]\""})
    void andNothingElseIsAList(String value) {
        assertThat(refusal(() -> json("{\"a\":" + value + "}").list("a"))).isEqualTo(Failure.INVALID);
    }

    @Test
    void andAListThatIsNoJsonIsMalformed() {
        assertThat(refusal(() -> texts("a", "[x]").list("a"))).isEqualTo(Failure.MALFORMED);
        assertThat(part("a", "[\"x\"").list("a")).as("no list at all").containsExactly("[\"x\"");
    }

    /** Half characters and NUL can be neither stored nor sent. */
    @ParameterizedTest
    @ValueSource(strings = {"\\ud800", "\\udc00", "a\\udc00b", "\\u0000"})
    void noTextHoldsHalfACharacter(String escaped) {
        String text = JsonText.read("\"" + escaped + "\"").asString();
        for (Parameters parameters : List.of(json("{\"a\":\"" + escaped + "\"}"), texts("a", text), part("a", text))) {
            assertThat(refusal(() -> parameters.text("a"))).isEqualTo(Failure.MALFORMED);
            assertThat(refusal(() -> parameters.list("a"))).isEqualTo(Failure.MALFORMED);
        }
        assertThat(json("{\"a\":\"\\ud83d\\ude00\"}").text("a")).contains("\ud83d\ude00");
    }
}
