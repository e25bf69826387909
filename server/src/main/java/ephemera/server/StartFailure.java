package ephemera.server;

/**
 * A reason why a command cannot do its work, told as one sentence with the remedy in it.
 *
 * <p>The command line prints the message without a stack trace and exits with code 1.
 */
public final class StartFailure extends RuntimeException {

    /** Makes a failure whose message is shown to the person at the terminal as it is. */
    public StartFailure(String message) {
        super(message);
    }

    /** Makes a failure with the technical cause kept for the log. */
    public StartFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
