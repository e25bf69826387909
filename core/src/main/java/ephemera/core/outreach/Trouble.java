package ephemera.core.outreach;

/** Why an attempt of a delivery failed. */
public enum Trouble {
    /** The receiver answered 5xx, 408 or 429. */
    BUSY(true),
    /** The receiver answered with another status that is no success. */
    REFUSED(false),
    /** The receiver answered that it is elsewhere; nobody follows. */
    REDIRECTED(false),
    /** No answer came in time. */
    TIMED_OUT(true),
    /** The name was not found, nobody listens there, or the connection was lost. */
    NOT_CONNECTED(true),
    /** The receiver did not prove that it is who the address names. */
    NOT_TRUSTED(true),
    /** What came was no answer in HTTP. */
    NOT_UNDERSTOOD(true),
    /** The address is one that webhooks may not reach. */
    FORBIDDEN_ADDRESS(false),
    /** What changed could not be looked up, or the secrets could not be had. */
    NOT_WRITTEN(true),
    /** It waited for too long, or was tried too often. */
    GIVEN_UP(false);

    private final boolean passing;

    Trouble(boolean passing) {
        this.passing = passing;
    }

    /** Whether a later attempt may succeed. */
    public boolean passing() {
        return passing;
    }
}
