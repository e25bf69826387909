package ephemera.server.http;

import ephemera.server.config.Origins;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/** Lets browsers of other origins call, with credentials (TigerConnect contract, section 2.8). Thread-safe. */
final class Cors {

    private static final String ALLOWED_HEADERS =
            "Authorization, TT-X-Organization-Key, Request-ID, TT-X-Features, TT-X-Type, TT-X-Sender-Token, "
                    + "TT-X-Sender-Organization, TT-X-Receiver-Organization, X-Device-ID, Content-Type, Accept, "
                    + "tt-presence-status, Tight-Version, Last-Event-ID, Idempotency-Key, Cache-Control";
    private static final String EXPOSED_HEADERS =
            "TT-X-Message-Id, TT-X-Msg-Ttl, TT-X-Group-Token, TT-X-Group-Avatar, TT-X-Organization-Key, "
                    + "TT-X-Role-Token, TT-X-Tag-Id, TT_Login_Attempts_Left, Retry-After, Idempotency-Replayed";

    private final Origins origins;

    Cors(Origins origins) {
        this.origins = origins;
    }

    /** Adds what a browser needs to hand the answer to its page. */
    void allow(HttpServerRequest request, HttpServerResponse response) {
        String origin = request.getHeader("Origin");
        if (origin != null && origins.allows(origin)) {
            response.putHeader("Access-Control-Allow-Origin", origin)
                    .putHeader("Access-Control-Allow-Credentials", "true")
                    .putHeader("Access-Control-Expose-Headers", EXPOSED_HEADERS)
                    .putHeader("Vary", "Origin");
        }
    }

    /** Adds what a browser wants to know before it calls. */
    void allowMethods(HttpServerResponse response) {
        response.putHeader("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE")
                .putHeader("Access-Control-Allow-Headers", ALLOWED_HEADERS)
                .putHeader("Access-Control-Max-Age", "7200");
    }
}
