package ephemera.core.talk;

/**
 * Room for one file that is on its way: taken piece by piece as its bytes come, given back when the file is entered, or
 * refused.
 *
 * <p>Thread-safe; closed once, by whoever reads the request.
 */
public interface Allowance extends AutoCloseable {

    /** For files that do not wait for anything. */
    Allowance UNCOUNTED = new Allowance() {
        @Override
        public void take(long bytes) {}

        @Override
        public void close() {}
    };

    /**
     * Takes room for the next bytes, before they are stored.
     *
     * @throws ephemera.core.Refused with {@code TOO_MUCH_WAITING} if there is none left
     */
    void take(long bytes);

    /** Gives back what was taken: the file is counted where it waits, or is gone. */
    @Override
    void close();
}
