package ephemera.server.watch;

/**
 * Texts as they may stand in a log line or in JSON: nothing in them ends the line, the quotes, or fools the eye.
 *
 * <p>Control characters, invisible and direction-changing ones, line ends of every kind, and halves of surrogate pairs
 * are written as JSON escapes.
 */
final class Escaped {

    private Escaped() {}

    /** Appends the text in double quotes, as a JSON string. */
    static void quoted(StringBuilder to, String text) {
        to.append('"');
        int next;
        for (int i = 0; i < text.length(); i = next) {
            int c = text.codePointAt(i);
            next = i + Character.charCount(c);
            switch (c) {
                case '"' -> to.append("\\\"");
                case '\\' -> to.append("\\\\");
                case '\n' -> to.append("\\n");
                case '\r' -> to.append("\\r");
                case '\t' -> to.append("\\t");
                default -> {
                    if (isUnsafe(c)) {
                        text.substring(i, next).chars().forEach(unit -> unicode(to, unit));
                    } else {
                        to.appendCodePoint(c);
                    }
                }
            }
        }
        to.append('"');
    }

    /** Tells whether a message can stand without quotes and still be told from the fields behind it. */
    static boolean isPlainMessage(String text) {
        return !text.isEmpty() && text.codePoints().allMatch(c -> c != '=' && c != '"' && c != '\\' && !isUnsafe(c));
    }

    /** Tells whether the value of a field can stand without quotes. */
    static boolean isPlainValue(String text) {
        return isPlainMessage(text) && text.codePoints().noneMatch(Character::isSpaceChar);
    }

    private static boolean isUnsafe(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE, Character.UNASSIGNED -> true;
            default -> false;
        };
    }

    private static void unicode(StringBuilder to, int unit) {
        String hex = Integer.toHexString(unit);
        to.append("\\u").repeat('0', 4 - hex.length()).append(hex);
    }
}
