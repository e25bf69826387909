package ephemera.server.door.tight;

import ephemera.core.Failure;
import ephemera.core.Refused;
import ephemera.server.door.tight.Envelope.Problem;
import ephemera.server.http.Reply;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How this door says no (contract B.2), whether a use case refused or nobody could understand the request. Stateless.
 */
final class Refusals {

    private Refusals() {}

    /** The answer to a call that was refused. */
    static Reply reply(Refused refused) {
        Reply reply = Envelope.failure(refused.failure().status(), List.of(problem(refused)));
        if (refused.failure().status() == 401) {
            reply = reply.with("WWW-Authenticate", "Bearer error=\"invalid_token\"");
        }
        Optional<String> wait = refused.retryAfter().map(each -> Long.toString(each.toSeconds() + 1));
        return wait.isPresent() ? reply.with("Retry-After", wait.get()) : reply;
    }

    /** What a refusal is called here. */
    static Problem problem(Refused refused) {
        Problem.Type type = type(refused.failure());
        String text = refused.failure() == Failure.WRONG_CREDENTIALS
                ? "The access token is not valid."
                : Objects.requireNonNull(refused.getMessage(), "a refusal has a text");
        if (refused.failure() == Failure.ATTACHMENT_UNAVAILABLE) {
            return Problem.of(type, AttachmentText.IDS, text);
        }
        return refused.failure() == Failure.NOT_FOUND
                ? Problem.of(type, "id", text)
                : Problem.of(type, text);
    }

    private static Problem.Type type(Failure failure) {
        return switch (failure) {
            case MALFORMED -> Problem.Type.JSON_ERROR;
            case INVALID, ATTACHMENT_UNAVAILABLE, NOT_FOUND, INVALID_GRANT, INVALID_SCOPE -> Problem.Type.INVALID_VALUE;
            case MISSING, EMPTY_MESSAGE -> Problem.Type.REQUIRED;
            case EXPIRED_TOKEN -> Problem.Type.EXPIRED_TOKEN;
            case WRONG_CREDENTIALS -> Problem.Type.INVALID_TOKEN;
            case CONFLICT -> Problem.Type.DUPLICATE;
            case FORBIDDEN,
                    INSUFFICIENT_SCOPE,
                    NOT_A_MEMBER,
                    NOT_THE_SENDER,
                    FORWARDING_FORBIDDEN,
                    ATTACHMENTS_FORBIDDEN,
                    METHOD_NOT_ALLOWED,
                    TOO_LARGE,
                    UNSUPPORTED_MEDIA,
                    TOO_MANY,
                    TOO_MUCH_WAITING -> Problem.Type.BAD_REQUEST;
            case INTERNAL, UNAVAILABLE -> Problem.Type.UNKNOWN_ERROR;
        };
    }
}
