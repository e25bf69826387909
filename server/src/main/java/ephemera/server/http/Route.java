package ephemera.server.http;

import java.util.List;
import java.util.Optional;

/**
 * One method on one path.
 *
 * @param method the HTTP method in capitals
 * @param template the path without a slash at its end, with parameters in braces, such as
 *     <code>/v2/message/{message}</code>
 * @param segments the parts of the template
 * @param access who may call it
 * @param handler what it does
 * @param refusal how it says no, if not like all others of its door
 * @param admission who may bring a file, if not everybody who may call
 */
public record Route(
        String method,
        String template,
        List<String> segments,
        Access access,
        Handler handler,
        Optional<Refusal> refusal,
        Optional<Admission> admission) {

    /** Makes a route of a template. */
    public Route(String method, String template, Access access, Handler handler) {
        this(method, template, Router.segments(template), access, handler, Optional.empty(), Optional.empty());
    }

    /** The same route with a form of its own in which it says no. */
    public Route refusing(Refusal form) {
        return new Route(method, template, segments, access, handler, Optional.of(form), admission);
    }

    /** The same route for those only who may bring a file; its callers have signed in. */
    public Route admitting(Admission who) {
        return new Route(method, template, segments, access, handler, refusal, Optional.of(who));
    }

    /** What a route does. */
    public interface Handler {

        /**
         * Answers a call; runs on a virtual thread and may wait.
         *
         * @throws ephemera.core.Refused to answer with a failure
         */
        Reply handle(Call call) throws Exception;
    }
}
