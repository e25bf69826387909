package ephemera.acceptance.bench.load;

/** A load run cannot go on, or what it found makes its figures worthless; the message is one sentence for the user. */
public final class LoadFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Says in {@code message} what happened and, where there is one, the remedy. */
    public LoadFailure(String message) {
        super(message);
    }
}
