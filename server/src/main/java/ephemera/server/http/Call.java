package ephemera.server.http;

import ephemera.core.Failure;
import ephemera.core.directory.Caller;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * A request as a handler sees it.
 *
 * @param method the HTTP method
 * @param path the values of the route's parameters
 * @param parameters everything that was sent by name
 * @param header finds a request header by name
 * @param authorization what the client showed, or empty text
 * @param origin where the call comes from, as limits count it: the address of the client, or the network of one
 * @param who the authenticated caller; empty on public routes
 */
public record Call(
        String method,
        Map<String, String> path,
        Parameters parameters,
        Function<String, Optional<String>> header,
        String authorization,
        String origin,
        Optional<Caller> who) {

    /** The authenticated caller of a route that asks for one. */
    public Caller caller() {
        return who.orElseThrow(Failure.WRONG_CREDENTIALS::refused);
    }

    /** The value of a parameter of the path. */
    public String path(String name) {
        return JsonText.wellFormed(Objects.requireNonNull(path.get(name), "the template has no such parameter"));
    }

    /** A request header. */
    public Optional<String> header(String name) {
        return header.apply(name).filter(value -> !value.isEmpty());
    }
}
