package ephemera.server.config;

import java.util.Locale;

/**
 * One declared setting.
 *
 * @param key what files and the command line call it: lower case, groups parted by dots, words by dashes
 * @param kind what values it takes
 * @param fallback what holds if nobody gives a value
 * @param exposure where its value may be shown
 * @param documentation one or two sentences for the person who runs the server
 */
record Setting<T>(String key, Kind<T> kind, Fallback fallback, Exposure exposure, String documentation) {

    /** Returns the name of the environment variable that sets it, such as {@code EPHEMERA_HTTP_PORT}. */
    String variable() {
        return Sources.VARIABLE_PREFIX + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    /** What holds if nobody gives a value. */
    sealed interface Fallback {

        /** A default, in the syntax of the setting. */
        record Text(String text) implements Fallback {}

        /**
         * The setting is then unset; an empty value means the same.
         *
         * @param meaning what follows from that, as it stands after "Default:"
         * @param example a value for the example file
         */
        record Unset(String meaning, String example) implements Fallback {}
    }

    /** Where the value of a setting may be shown. */
    enum Exposure {
        /** Anywhere. */
        PUBLIC,
        /** Once it is known to be well-formed; a wrong one may have a password in the wrong place. */
        PUBLIC_WHEN_VALID,
        /** Nowhere. */
        SECRET
    }
}
