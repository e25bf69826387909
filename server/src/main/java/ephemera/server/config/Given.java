package ephemera.server.config;

/**
 * The text that someone gave for a setting, and where.
 *
 * @param list whether the text was written as a list; its entries are then joined by commas
 */
record Given(String text, boolean list, Origin origin) {

    /** A value from the environment or the command line, which know no lists of their own. */
    static Given plain(String text, Origin origin) {
        return new Given(text, false, origin);
    }

    /** Keeps a secret out of every message that this record might end up in. */
    @Override
    public String toString() {
        return "a value from " + origin.words();
    }
}
