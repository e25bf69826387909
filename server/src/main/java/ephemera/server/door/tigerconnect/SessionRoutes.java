package ephemera.server.door.tigerconnect;

import ephemera.core.Failure;
import ephemera.core.directory.Caller;
import ephemera.core.directory.Directory;
import ephemera.core.directory.KeyPair;
import ephemera.core.directory.Person;
import ephemera.core.directory.SignIn;
import ephemera.server.http.Access;
import ephemera.server.http.Authentication;
import ephemera.server.http.Call;
import ephemera.server.http.JsonText;
import ephemera.server.http.Reply;
import ephemera.server.http.Route;
import ephemera.server.watch.Metrics;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Signing in and out (section 1). */
final class SessionRoutes {

    private final SignIn signIn;
    private final Authentication authentication;
    private final Directory directory;
    private final Wire wire;
    private final Metrics metrics;

    SessionRoutes(SignIn signIn, Authentication authentication, Directory directory, Wire wire, Metrics metrics) {
        this.signIn = signIn;
        this.authentication = authentication;
        this.directory = directory;
        this.wire = wire;
        this.metrics = metrics;
    }

    List<Route> routes() {
        return List.of(
                new Route("POST", "/v2/login", Access.PUBLIC, this::login),
                new Route("POST", "/v5/login", Access.PUBLIC, this::login),
                new Route("POST", "/v2/logout", Access.SIGNED_IN, this::logout),
                new Route("POST", "/v2/wipe", Access.SIGNED_IN, this::wipe),
                new Route("POST", "/v2/user/{user}/password", Access.PUBLIC, this::changePassword));
    }

    private Reply login(Call call) {
        Authentication.Scheme scheme =
                Authentication.Scheme.parse(call.authorization()).orElseThrow(Failure.WRONG_CREDENTIALS::refused);
        return switch (scheme.name()) {
            case "xmpp-simple" -> loginWithPassword(call, scheme.pieces(3));
            case "basic" -> {
                Caller caller = authentication.caller(call.authorization(), call.origin());
                yield session(caller.person(), signIn.openSession(caller));
            }
            default -> throw Failure.WRONG_CREDENTIALS.refused();
        };
    }

    /** The first piece is the client product's constant, which any client may choose (section 1.2). */
    private Reply loginWithPassword(Call call, String[] pieces) {
        return switch (signIn.withPassword(
                JsonText.wellFormed(pieces[1]), JsonText.wellFormed(pieces[2]), call.origin())) {
            case SignIn.Accepted(Person person, KeyPair keys) -> session(person, keys);
            case SignIn.Rejected(int attemptsLeft) -> {
                metrics.loginFailed();
                yield Reply.refusal(Failure.WRONG_CREDENTIALS.refused())
                        .with("TT_Login_Attempts_Left", Integer.toString(attemptsLeft));
            }
        };
    }

    private Reply session(Person person, KeyPair keys) {
        ObjectNode reply = JsonText.object();
        reply.putObject("auth")
                .put("key", keys.key())
                .put("secret", keys.secret())
                .put("resource", keys.resource());
        reply.set("user", wire.user(person));
        // True would send newer clients to paths of another shape (trap 18).
        reply.putObject("settings").put("condensed_replays", false).put("processing_events", false);
        return Answers.ok(reply);
    }

    private Reply logout(Call call) {
        signIn.signOut(call.caller());
        return Answers.done();
    }

    private Reply wipe(Call call) {
        Caller caller = call.caller();
        Optional<String> token = call.parameters().text("token").filter(text -> !text.isBlank());
        Person person = token.map(address -> directory.person(caller, address)).orElse(caller.person());
        signIn.signOutEverywhere(caller, person);
        return Answers.done();
    }

    private Reply changePassword(Call call) {
        Authentication.Scheme scheme =
                Authentication.Scheme.parse(call.authorization()).orElseThrow(Failure.WRONG_CREDENTIALS::refused);
        if (!scheme.name().equals("xmpp-simple")) {
            throw Failure.WRONG_CREDENTIALS.refused();
        }
        String[] pieces = scheme.pieces(3);
        signIn.changePassword(
                JsonText.wellFormed(pieces[1]),
                call.path("user"),
                JsonText.wellFormed(pieces[2]),
                call.parameters().required("password"),
                call.origin());
        return Answers.done();
    }
}
