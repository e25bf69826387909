package ephemera.core;

import java.util.UUID;

/**
 * The requests that may be repeated without being done twice (a port).
 *
 * <p>A request is recognised by the client that sends it and the key that the client gave it, for 24 hours from its
 * first arrival. Whoever begins one holds it for a minute; if they have not told by then what came of it, they are
 * taken for dead, and somebody else may begin. What is kept of an answer must not be content: it would outlive its
 * message. Thread-safe, also between processes: of several who begin the same request at once, one does.
 */
public interface Idempotency {

    /**
     * A request with a key.
     *
     * @param client who sends it
     * @param key a digest of the key that the client gave it
     * @param body a digest of all that it asks for
     */
    record Request(String client, String key, String body) {}

    /** Whether a client's request with a key, by its digest, was done before; what it asked for is not compared. */
    boolean isDone(String client, String key);

    /** Begins a request, unless it was begun before. */
    Claim begin(Request request);

    /** What comes of beginning a request. */
    sealed interface Claim {

        /**
         * It is for the caller to do it now, and to end or release it.
         *
         * @param seed the same each time the same request is begun within a day: what is made from it is recognised
         *     when a first try was cut off after having done its work
         */
        record Begun(Ticket ticket, UUID seed) implements Claim {}

        /** It was done before. */
        record Done(Answer answer) implements Claim {}

        /** Somebody is doing it. */
        record Running() implements Claim {}

        /** The key was used for another request. */
        record Taken() implements Claim {}
    }

    /** The right to tell what came of a request. */
    record Ticket(Request request, UUID attempt) {}

    /**
     * What came of a request.
     *
     * @param status the status that it was answered with
     * @param kept what the answer can be told from again, a JSON text without content
     */
    record Answer(int status, String kept) {}

    /** Keeps what came of a request; nothing happens if somebody else has begun it since. */
    void end(Ticket ticket, Answer answer);

    /** Lets a request be done anew, because nothing came of it; nothing happens if somebody else has begun it since. */
    void release(Ticket ticket);
}
