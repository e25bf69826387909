package ephemera.core;

/**
 * The catalogue of every way in which the server says no.
 *
 * <p>Each entry has a code that never changes, the HTTP status that carries it, a text that is safe to show to anybody,
 * and whether the same request may succeed later. A door renders an entry in its own dialect and adds none of its own.
 */
public enum Failure {
    MALFORMED("malformed_request", 400, "The request cannot be read.", false),
    INVALID("invalid_parameter", 400, "A parameter has a value that is not allowed.", false),
    MISSING("missing_parameter", 400, "A required parameter is missing.", false),
    EMPTY_MESSAGE("empty_message", 400, "A message needs a body or an attachment.", false),
    ATTACHMENT_UNAVAILABLE(
            "attachment_unavailable", 400, "An attachment is not there, or another message has it.", false),
    INVALID_GRANT("invalid_grant", 400, "This gives no access.", false),
    INVALID_SCOPE("invalid_scope", 400, "There is no such scope, or it was not granted.", false),
    EXPIRED_TOKEN("expired_token", 401, "The access token has expired.", false),
    WRONG_CREDENTIALS("wrong_credentials", 401, "The credentials are not valid.", false),
    FORBIDDEN("permission_denied", 403, "You are not allowed to do this.", false),
    INSUFFICIENT_SCOPE("insufficient_scope", 403, "The access token is good for reading only.", false),
    NOT_A_MEMBER("not_a_member", 403, "Only members of the conversation may do this.", false),
    NOT_THE_SENDER("not_the_sender", 403, "Only the sender may recall a message.", false),
    FORWARDING_FORBIDDEN("forwarding_forbidden", 403, "This message may not be forwarded.", false),
    ATTACHMENTS_FORBIDDEN("attachments_forbidden", 403, "Your organization does not allow attachments.", false),
    NOT_FOUND("not_found", 404, "There is nothing here.", false),
    METHOD_NOT_ALLOWED("method_not_allowed", 405, "This path does not answer to that method.", false),
    CONFLICT("conflict", 409, "This is taken already.", false),
    TOO_LARGE("too_large", 413, "The request is larger than allowed.", false),
    UNSUPPORTED_MEDIA("unsupported_media_type", 415, "The content type is not understood.", false),
    TOO_MANY("too_many_attempts", 429, "Too many attempts; wait before the next one.", true),
    TOO_MUCH_WAITING(
            "too_much_waiting", 429, "Too many bytes of files wait for their messages; send or delete some.", true),
    INTERNAL("internal_error", 500, "Something went wrong on the server.", true),
    UNAVAILABLE("unavailable", 503, "The server cannot do this at the moment; try again.", true);

    private final String code;
    private final int status;
    private final String text;
    private final boolean retryable;

    Failure(String code, int status, String text, boolean retryable) {
        this.code = code;
        this.status = status;
        this.text = text;
        this.retryable = retryable;
    }

    /** The stable name of this failure on the wire. */
    public String code() {
        return code;
    }

    /** The HTTP status that carries this failure. */
    public int status() {
        return status;
    }

    /** A sentence without any detail of the request, safe to show to anybody. */
    public String text() {
        return text;
    }

    /** Whether the same request may succeed later. */
    public boolean retryable() {
        return retryable;
    }

    /** The refusal with this failure's own text. */
    public Refused refused() {
        return new Refused(this, text);
    }

    /**
     * The refusal with a more helpful text.
     *
     * @param text what is wrong, naming parameters but never repeating message content or secrets
     */
    public Refused refused(String text) {
        return new Refused(this, text);
    }
}
