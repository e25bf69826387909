package ephemera.acceptance.badinput;

import ephemera.acceptance.client.RawHttp;
import ephemera.acceptance.client.Reply;
import java.util.function.Consumer;

/** What the right answer to a request is. */
public sealed interface Expected {

    /** The answer to what cannot be read. */
    Expected MALFORMED = new Refused(400, "malformed_request");

    /** The answer to a value that is not allowed. */
    Expected INVALID = new Refused(400, "invalid_parameter");

    /** The answer to a value that is needed and not there. */
    Expected MISSING = new Refused(400, "missing_parameter");

    /** The answer to bad credentials. */
    Expected STRANGER = new Refused(401, "wrong_credentials");

    /** The answer about what is not there. */
    Expected NOT_FOUND = new Refused(404, "not_found");

    /** The answer to what is larger than allowed. */
    Expected TOO_LARGE = new Refused(413, "too_large");

    /** The answer to a type that nobody understands. */
    Expected UNSUPPORTED = new Refused(415, "unsupported_media_type");

    /** The answer to a method that a path does not have. */
    Expected NO_SUCH_METHOD = new Refused(405, "method_not_allowed");

    /**
     * A refusal with the contract's error body; nothing changes.
     *
     * @param status the HTTP status
     * @param code the code in the body
     */
    record Refused(int status, String code) implements Expected {}

    /**
     * A success, because the contract says so.
     *
     * @param check what must hold besides
     */
    record Accepted(Consumer<Reply> check) implements Expected {}

    /**
     * Byte for byte the answer to another request, about something that does not exist; nothing changes.
     *
     * @param missing the other request
     */
    record LikeMissing(RawHttp.Content missing) implements Expected {}

    /**
     * A single answer and then the end of the connection; nothing changes.
     *
     * @param status the HTTP status of the answer
     */
    record OneAnswerThenTheEnd(int status) implements Expected {}

    /** No answer, since the client does not wait for one; nothing changes. */
    record NobodyListens() implements Expected {}

    /** A success that is not looked at any closer. */
    static Expected accepted() {
        return new Accepted(_ -> {});
    }
}
