package ephemera.server.door.tight;

import ephemera.core.Failure;
import ephemera.core.Refused;
import ephemera.server.http.JsonText;
import ephemera.server.http.Reply;
import java.util.Objects;
import java.util.Optional;

/** How the routes that give out tokens say no (RFC 6749, section 5.2). Stateless. */
final class TokenErrors {

    private TokenErrors() {}

    /** The answer to a call that was refused. */
    static Reply reply(Refused refused) {
        Reply reply = error(
                refused.failure().status(),
                code(refused.failure()),
                Objects.requireNonNull(refused.getMessage(), "a refusal has a text"));
        if (refused.failure() == Failure.WRONG_CREDENTIALS) {
            reply = reply.with("WWW-Authenticate", "Basic realm=\"ephemera\"");
        }
        Optional<String> wait = refused.retryAfter().map(each -> Long.toString(each.toSeconds() + 1));
        return wait.isPresent() ? reply.with("Retry-After", wait.get()) : reply;
    }

    /** An answer with an error code of the standard. */
    static Reply error(int status, String code, String description) {
        return unstored(Reply.json(
                status, JsonText.object().put("error", code).put("error_description", description)));
    }

    /** An answer that no cache may keep. */
    static Reply unstored(Reply reply) {
        return reply.with("Cache-Control", "no-store").with("Pragma", "no-cache");
    }

    /** What the standard calls a failure. */
    static String code(Failure failure) {
        return switch (failure) {
            case WRONG_CREDENTIALS -> "invalid_client";
            case INVALID_GRANT, EXPIRED_TOKEN -> "invalid_grant";
            case INVALID_SCOPE, INSUFFICIENT_SCOPE -> "invalid_scope";
            case FORBIDDEN -> "access_denied";
            case TOO_MANY, UNAVAILABLE -> "temporarily_unavailable";
            case INTERNAL -> "server_error";
            case MALFORMED,
                    INVALID,
                    MISSING,
                    EMPTY_MESSAGE,
                    ATTACHMENT_UNAVAILABLE,
                    NOT_A_MEMBER,
                    NOT_THE_SENDER,
                    FORWARDING_FORBIDDEN,
                    ATTACHMENTS_FORBIDDEN,
                    NOT_FOUND,
                    METHOD_NOT_ALLOWED,
                    CONFLICT,
                    TOO_LARGE,
                    TOO_MUCH_WAITING,
                    UNSUPPORTED_MEDIA -> "invalid_request";
        };
    }
}
