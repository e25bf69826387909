package ephemera.server.http;

import ephemera.core.Failure;
import ephemera.core.Limits;
import ephemera.core.Refused;
import ephemera.core.directory.Caller;
import ephemera.core.talk.Allowance;
import ephemera.core.talk.Attachment;
import ephemera.core.vault.Blobs;
import ephemera.server.StartFailure;
import ephemera.server.config.Config;
import ephemera.server.watch.Metrics;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The server that clients talk to: takes requests on event loops, handles each on a virtual thread, writes the reply.
 *
 * <p>One instance a core. Thread-safe once started.
 */
public final class WebServer implements AutoCloseable {

    private static final Logger LOG = System.getLogger(WebServer.class.getName());
    private static final int IDLE_SECONDS = 75;
    private static final int HEADER_BYTES = 64 * 1024;

    /** The largest body that is taken before it is known who sends it. */
    private static final int SMALL_BYTES = 16 * 1024;

    /** The largest body of a request that nobody needs to be known for: a sign-in, a token. */
    private static final int PUBLIC_BYTES = 64 * 1024;

    /** How long a client that was answered may go on sending. */
    private static final long PATIENCE_MILLIS = 10_000;

    private final Vertx vertx;
    private final Config.Http config;
    private final Router router;
    private final Authentication authentication;
    private final Limits limits;
    private final Replies replies;
    private final RequestReader reader;
    private final TrustedProxies proxies;
    private final Blobs blobs;
    private final Map<Route, ephemera.server.watch.Route> meters = new HashMap<>();
    private final AtomicInteger port = new AtomicInteger();
    private volatile String deployment = "";

    /** Makes a server for those routes; it listens once {@link #start} is called. */
    public WebServer(
            Vertx vertx,
            Config.Http config,
            Router router,
            Authentication authentication,
            Blobs blobs,
            Limits limits,
            InstantSource databaseClock,
            Metrics metrics) {
        this.vertx = vertx;
        this.config = config;
        this.router = router;
        this.authentication = authentication;
        this.limits = limits;
        this.blobs = blobs;
        this.replies = new Replies(new Cors(config.origins()), limits, databaseClock, metrics);
        this.reader = new RequestReader(new MultipartReader(blobs, limits));
        this.proxies = new TrustedProxies(config.trustedProxies());
        router.routes().forEach(route -> meters.put(route, metrics.route(route.method(), route.template())));
    }

    /**
     * Begins to listen and returns the port.
     *
     * @throws StartFailure if the port is taken or the certificate cannot be used
     */
    public int start() {
        try {
            deployment = vertx.deployVerticle(
                    Listener::new, new DeploymentOptions().setInstances(Runtime.getRuntime().availableProcessors()))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
            return port.get();
        } catch (CompletionException e) {
            Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
            if (cause instanceof StartFailure failure) {
                throw failure;
            }
            throw new StartFailure(
                    "Cannot serve " + config.url(config.port()) + " (" + cause.getMessage()
                            + "): stop what uses the port, choose another with --port, or check http.tls.",
                    cause);
        }
    }

    private HttpServerOptions options() {
        HttpServerOptions options = new HttpServerOptions()
                .setMaxHeaderSize(HEADER_BYTES)
                .setMaxInitialLineLength(HEADER_BYTES)
                .setIdleTimeout(IDLE_SECONDS)
                // Only the event loop writes: that saves a queue of 4.6 KB for each connection.
                .setStrictThreadMode(true)
                .setPerMessageWebSocketCompressionSupported(false)
                .setPerFrameWebSocketCompressionSupported(false)
                .setHandle100ContinueAutomatically(true)
                .setAcceptBacklog(4_096)
                .setHttp2ClearTextEnabled(false);
        config.tls().ifPresent(tls -> options.setSsl(true)
                .setUseAlpn(true)
                .setKeyCertOptions(TlsIdentity.read(vertx, tls)));
        return options;
    }

    /** One listener on one event loop; all share the port. */
    private final class Listener extends AbstractVerticle {

        @Override
        public void start(Promise<Void> started) {
            EventLoop loop = new EventLoop(vertx, context);
            HttpServer server = vertx.createHttpServer(options());
            server.requestHandler(request -> take(request, context, loop));
            server.invalidRequestHandler(replies::invalid);
            server.exceptionHandler(e -> LOG.log(Level.DEBUG, "A connection failed: {0}", e.toString()));
            server.listen(config.port(), config.host())
                    .onSuccess(_ -> port.set(server.actualPort()))
                    .<Void>mapEmpty()
                    .onComplete(started);
        }
    }

    /** Takes a request on the event loop: finds its route and reads its body without waiting. */
    private void take(HttpServerRequest request, Context context, EventLoop loop) {
        long began = System.nanoTime();
        String method = request.method().name();
        if (method.equals("OPTIONS")) {
            replies.preflight(request);
            return;
        }
        String sought = request.path() == null ? "/" : request.path();
        switch (router.find(method, sought)) {
            case Router.Found.Match(Route route, var path) -> {
                Exchange exchange =
                        new Exchange(request, proxies.origin(request), context, loop, route, path, began);
                long most = most(request, route);
                if (RequestReader.declaredLength(request) > most) {
                    refuse(request, router.refusal(route).reply(Failure.TOO_LARGE.refused()));
                } else if (RequestReader.isMultipart(request)) {
                    stream(exchange, new BodyStream(request, context, most), reader::multipart);
                } else {
                    collect(exchange, most);
                }
            }
            case Router.Found.OtherMethods(var methods) ->
                    refuse(request, router.refusal(sought)
                            .reply(Failure.METHOD_NOT_ALLOWED.refused())
                            .with("Allow", String.join(", ", methods)));
            case Router.Found.Nothing() ->
                    refuse(request, router.refusal(sought).reply(Failure.NOT_FOUND.refused()));
        }
    }

    /** The most bytes that a body may have. */
    private long most(HttpServerRequest request, Route route) {
        if (route.access() == Access.PUBLIC) {
            return PUBLIC_BYTES;
        }
        return limits.requestBytes() + (RequestReader.isMultipart(request) ? limits.attachmentBytes() : 0);
    }

    /** Refuses a request whose body nobody wants; on its event loop. */
    private void refuse(HttpServerRequest request, Reply refusal) {
        replies.refuse(request, refusal);
        expectEnd(request);
    }

    /** Cuts off a client that was answered and still sends after a while; on its event loop. */
    private void expectEnd(HttpServerRequest request) {
        if (RequestReader.hasMore(request)) {
            vertx.setTimer(PATIENCE_MILLIS, _ -> {
                if (request.isEnded()) {
                    return;
                }
                if (RequestReader.isShared(request)) {
                    request.response().reset();
                } else {
                    request.connection().close();
                }
            });
        }
    }

    /** A request on its way to an answer. */
    private record Exchange(
            HttpServerRequest request,
            String origin,
            Context context,
            EventLoop loop,
            Route route,
            Map<String, String> path,
            long began) {}

    private interface ReadParameters {
        Parameters read(Allowance room) throws IOException;
    }

    private interface ReadBody {
        Parameters read(HttpServerRequest request, InputStream body, Allowance room) throws IOException;
    }

    /** Handles a request whose body comes meanwhile: who asks is known before more than a little of it is taken. */
    private void stream(Exchange exchange, BodyStream body, ReadBody reading) {
        Thread.startVirtualThread(() -> {
            handle(exchange, room -> reading.read(exchange.request(), body, room));
            body.close();
            exchange.context().runOnContext(_ -> expectEnd(exchange.request()));
        });
    }

    /**
     * Collects a small body on the event loop, and then handles the request; one that turns out larger is streamed.
     *
     * @param most the most bytes of a larger one
     */
    private void collect(Exchange exchange, long most) {
        HttpServerRequest request = exchange.request();
        Buffer[] body = {Buffer.buffer()};
        request.handler(chunk -> {
            body[0] = body[0].length() == 0 ? chunk : body[0].appendBuffer(chunk);
            if (body[0].length() > Math.min(SMALL_BYTES, most)) {
                stream(
                        exchange, new BodyStream(request, exchange.context(), most).beginning(body[0]),
                        (_, whole, _) -> reader.whole(request, whole));
            }
        });
        Refusal form = router.refusal(exchange.route());
        // Chunks that are none, or a client that is gone; in the first case it can still read why.
        request.exceptionHandler(_ -> replies.refuse(request, form.reply(Failure.MALFORMED.refused())));
        request.endHandler(_ -> {
            Buffer whole = body[0];
            Thread.startVirtualThread(() -> handle(exchange, _ -> reader.whole(request, whole)));
        });
    }

    private void handle(Exchange exchange, ReadParameters body) {
        HttpServerRequest request = exchange.request();
        Optional<Parameters> parameters = Optional.empty();
        int status;
        try {
            // Who asks is known before the body of a request is looked at: strangers cost no parsing and no disk.
            Optional<Caller> caller = authenticate(exchange);
            Reply reply;
            try (Allowance room = admit(exchange, caller)) {
                Parameters read = body.read(room);
                parameters = Optional.of(read);
                reply = exchange.route().handler().handle(call(exchange, read, caller));
                read.untakenFile().ifPresent(this::discard);
            }
            status = reply.status();
            replies.write(request, reply, exchange.context(), exchange.loop());
        } catch (Refused refused) {
            Reply refusal = router.refusal(exchange.route()).reply(refused);
            status = refusal.status();
            if (refused.failure() != Failure.UNAVAILABLE) {
                parameters.flatMap(Parameters::file).ifPresent(this::discard);
            }
            exchange.context().runOnContext(_ -> replies.refuse(request, refusal));
        } catch (Exception e) {
            status = Failure.INTERNAL.status();
            LOG.log(Level.ERROR, "A request failed: " + exchange.route().method() + " " + exchange.route().template(),
                    e);
            Reply refusal = router.refusal(exchange.route()).reply(Failure.INTERNAL.refused());
            exchange.context().runOnContext(_ -> replies.refuse(request, refusal));
        }
        Objects.requireNonNull(meters.get(exchange.route()), "every route has its meter")
                .answered(status, System.nanoTime() - exchange.began());
    }

    private void discard(Attachment file) {
        blobs.discard(List.of(file.blob()));
    }

    private Optional<Caller> authenticate(Exchange exchange) {
        Access access = exchange.route().access();
        if (access == Access.PUBLIC) {
            return Optional.empty();
        }
        HttpServerRequest request = exchange.request();
        String shown = request.getHeader("Authorization");
        if (access == Access.TOKEN) {
            return Optional.of(authentication.byToken(shown == null ? "" : shown));
        }
        if (shown == null && access == Access.SIGNED_IN_BY_QUERY) {
            Map<String, List<String>> query = RequestReader.query(request);
            for (String name : List.of("auth_basic", "auth_bearer", "auth")) {
                if (query.containsKey(name)) {
                    return Optional.of(authentication.byPair(query.get(name).getFirst(), exchange.origin()));
                }
            }
        }
        return Optional.of(authentication.caller(shown == null ? "" : shown, exchange.origin()));
    }

    /** Room for the file that the request may have. */
    private static Allowance admit(Exchange exchange, Optional<Caller> caller) {
        Optional<Admission> admission = exchange.route().admission();
        HttpServerRequest request = exchange.request();
        return admission.isPresent() && caller.isPresent()
                ? admission.get().admit(
                        caller.get(), name -> Optional.ofNullable(request.getHeader(name)),
                        RequestReader.declaredLength(request))
                : Allowance.UNCOUNTED;
    }

    private static Call call(Exchange exchange, Parameters parameters, Optional<Caller> caller) {
        HttpServerRequest request = exchange.request();
        String shown = request.getHeader("Authorization");
        return new Call(
                exchange.route().method(),
                exchange.path(),
                parameters,
                name -> Optional.ofNullable(request.getHeader(name)),
                shown == null ? "" : shown,
                exchange.origin(),
                caller);
    }

    /** Stops listening and closes all connections. */
    @Override
    public void close() {
        if (!deployment.isEmpty()) {
            vertx.undeploy(deployment).toCompletionStage().toCompletableFuture().join();
        }
    }
}
