package ephemera.server;

/**
 * A way to end the process at a named step as if it were killed there.
 *
 * <p>The property {@code ephemera.crash} of the JVM names the step. That is how tests see what the next start makes of
 * it; nothing else sets it.
 */
public final class Crash {

    private static final String AT = System.getProperty("ephemera.crash", "");
    private static final int KILLED = 137;

    private Crash() {}

    /** Ends the process if this is the step that was asked for. */
    public static void at(String step) {
        if (AT.equals(step)) {
            Runtime.getRuntime().halt(KILLED);
        }
    }
}
