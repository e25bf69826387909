package ephemera.acceptance.badinput;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What a field of a JSON body may be, told by what it may not be. */
public enum Kind {
    /** A text. */
    TEXT,

    /** Texts: an array, or one text with commas. */
    LIST,

    /** True or false, also as a number or a text. */
    FLAG,

    /** A whole number, also as a text. */
    NUMBER,

    /** A flat object of texts, also as a text. */
    METADATA,

    /** Items with a type, a namespace and a payload. */
    DATA,

    /** The condition of a search. */
    CONDITION,

    /** An array of anything. */
    ARRAY;

    /** Gives values in JSON that a field of this kind refuses. */
    public List<String> wrong() {
        return switch (this) {
            case TEXT -> List.of("7", "true", "[\"x\"]", "{\"x\":\"y\"}");
            case LIST -> List.of("7", "true", "{\"x\":\"y\"}", "[7]", "[null]", "[[\"x\"]]", "[{}]", "\"[7]\"",
                    "\"[{}]\"", "\"[\\\"x\\\",null]\"");
            case FLAG -> List.of("\"maybe\"", "2", "-1", "0.5", "[true]", "{}");
            case NUMBER -> List.of("\"many\"", "1.5", "1e9", "true", "[1]", "{}", "99999999999999999999", "\"0x10\"",
                    "\"1 000\"");
            case METADATA -> List.of("7", "true", "[]", "[\"x\"]", "{\"a\":[]}", "{\"a\":{\"b\":\"c\"}}",
                    "{\"a\":null}", "{\"\":\"x\"}", "\"7\"", "\"[]\"", "{\"a\":\"" + "x".repeat(4_097) + "\"}",
                    "{\"" + "k".repeat(251) + "\":\"x\"}", keys(65));
            case DATA -> List.of("7", "true", "{\"mimetype\":\"text/plain\"}", "[7]", "[\"x\"]", "[null]", "[[]]",
                    "[{\"mimetype\":7}]", "[{\"namespace\":[\"x\"]}]", "[" + "{},".repeat(20) + "{}]");
            case CONDITION -> List.of("7", "\"x\"", "[]", "{\"must\":7}", "{\"must\":[]}",
                    "{\"must\":{\"display_name\":7}}", "{\"must\":{\"any\":[\"x\"]}}", "{\"must\":{\"name\":true}}");
            case ARRAY -> List.of("7", "\"x\"", "{}", "true");
        };
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
