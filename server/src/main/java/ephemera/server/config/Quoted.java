package ephemera.server.config;

/** Texts from outside as they may stand in a message: in quotes, on one line, not too long. */
final class Quoted {

    private static final int LONGEST = 200;

    private Quoted() {}

    /** Returns the text in double quotes, with control and other invisible characters escaped, cut after 200. */
    static String of(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        String shown = text.length() > LONGEST ? text.substring(0, LONGEST) : text;
        shown.chars().forEach(c -> {
            if (c == '"' || c == '\\') {
                quoted.append('\\').append((char) c);
            } else if (invisible(c)) {
                quoted.append(String.format("\\u%04x", c));
            } else {
                quoted.append((char) c);
            }
        });
        return quoted.append(text.length() > LONGEST ? "…\"" : "\"").toString();
    }

    private static boolean invisible(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }
}
