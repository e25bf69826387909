package ephemera.core.outreach;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/** What came of one attempt of a delivery. */
public sealed interface Outcome {

    /**
     * The receiver has it.
     *
     * @param status what it answered, 200 to 299
     */
    record Accepted(int status) implements Outcome {}

    /** Nothing was sent, since the API shows nothing of that entity. */
    record Withheld() implements Outcome {}

    /**
     * The receiver has not got it, as far as we know.
     *
     * @param trouble why
     * @param status what it answered, if it did
     * @param retryAfter how long it wants to be left alone, if it said so
     */
    record Failed(Trouble trouble, OptionalInt status, Optional<Duration> retryAfter) implements Outcome {

        /** A failure without an answer. */
        public static Failed of(Trouble trouble) {
            return new Failed(trouble, OptionalInt.empty(), Optional.empty());
        }
    }
}
