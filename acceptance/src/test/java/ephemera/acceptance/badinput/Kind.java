package ephemera.acceptance.badinput;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What a field of a JSON body may be, told by what it may not be. */
public enum Kind {
    /** A text. */
    TEXT("7", "true", "[\"x\"]", "{\"x\":\"y\"}"),

    /** Texts: an array, or one text with commas. */
    LIST("7", "true", "{\"x\":\"y\"}", "[7]", "[null]", "[[\"x\"]]", "[{}]", "\"[7]\"", "\"[{}]\"",
            "\"[\\\"x\\\",null]\""),

    /** True or false, also as a number or a text. */
    FLAG("\"maybe\"", "2", "-1", "0.5", "[true]", "{}"),

    /** A whole number, also as a text. */
    NUMBER("\"many\"", "1.5", "1e9", "true", "[1]", "{}", "99999999999999999999", "\"0x10\"", "\"1 000\""),

    /** A flat object of texts, also as a text. */
    METADATA("7", "true", "[]", "[\"x\"]", "{\"a\":[]}", "{\"a\":{\"b\":\"c\"}}", "{\"a\":null}", "{\"\":\"x\"}",
            "\"7\"", "\"[]\"",
            "{\"a\":\"" + "x".repeat(4_097) + "\"}", "{\"" + "k".repeat(251) + "\":\"x\"}", keys(65)),

    /** Items with a type, a namespace and a payload. */
    DATA("7", "true", "{\"mimetype\":\"text/plain\"}", "[7]", "[\"x\"]", "[null]", "[[]]", "[{\"mimetype\":7}]",
            "[{\"namespace\":[\"x\"]}]",
            "[" + "{},".repeat(20) + "{}]"),

    /** The condition of a search. */
    CONDITION("7", "\"x\"", "[]", "{\"must\":7}", "{\"must\":[]}", "{\"must\":{\"display_name\":7}}",
            "{\"must\":{\"any\":[\"x\"]}}",
            "{\"must\":{\"name\":true}}"),

    /** An array of anything. */
    ARRAY("7", "\"x\"", "{}", "true");

    private final List<String> wrong;

    Kind(String... wrong) {
        this.wrong = List.of(wrong);
    }

    /** Gives values in JSON that a field of this kind refuses. */
    public List<String> wrong() {
        return wrong;
    }

    /** Says whether a value of this kind is, or consists of, texts that people wrote. */
    public boolean hasText() {
        return this == TEXT || this == LIST || this == METADATA || this == DATA;
    }

    /** Gives a value of a kind that has text, with that JSON string at the place of the text. */
    public String holding(String string) {
        return switch (this) {
            case LIST -> "[" + string + "]";
            case METADATA -> "{\"key\":" + string + "}";
            case DATA -> "[{\"namespace\":\"n\",\"payload\":" + string + "}]";
            case TEXT, FLAG, NUMBER, CONDITION, ARRAY -> string;
        };
    }

    private static String keys(int count) {
        return IntStream.range(0, count).mapToObj(i -> "\"k" + i + "\":\"x\"")
                .collect(Collectors.joining(",", "{", "}"));
    }
}
