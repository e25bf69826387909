package ephemera.server.http;

import java.util.List;

/**
 * One method on one path.
 *
 * @param method the HTTP method in capitals
 * @param template the path without a slash at its end, with parameters in braces, such as
 *     <code>/v2/message/{message}</code>
 * @param segments the parts of the template
 * @param access who may call it
 * @param handler what it does
 */
public record Route(String method, String template, List<String> segments, Access access, Handler handler) {

    /** Makes a route of a template. */
    public Route(String method, String template, Access access, Handler handler) {
        this(method, template, Router.segments(template), access, handler);
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
