package ephemera.core;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * A use case's refusal: one entry of the {@link Failure} catalogue with a text for the caller.
 *
 * <p>It carries no stack trace: a refusal is an answer, not an accident.
 */
public final class Refused extends RuntimeException {

    private final transient Failure failure;
    private final transient Optional<Duration> retryAfter;

    Refused(Failure failure, String text) {
        this(failure, text, Optional.empty());
    }

    private Refused(Failure failure, String text, Optional<Duration> retryAfter) {
        super(text, null, false, false);
        this.failure = failure;
        this.retryAfter = retryAfter;
    }

    /** The same refusal, telling when the next try makes sense. */
    public Refused retryAfter(Duration wait) {
        return new Refused(failure, Objects.requireNonNull(getMessage(), "a refusal has a text"), Optional.of(wait));
    }

    /** The entry of the catalogue. */
    public Failure failure() {
        return failure;
    }

    /** How long the caller should wait before the next try, if that is known. */
    public Optional<Duration> retryAfter() {
        return retryAfter;
    }
}
