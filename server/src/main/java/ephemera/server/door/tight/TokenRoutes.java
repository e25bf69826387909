package ephemera.server.door.tight;

import ephemera.core.Failure;
import ephemera.core.Refused;
import ephemera.core.directory.Client;
import ephemera.core.directory.Grant;
import ephemera.core.directory.RedirectUri;
import ephemera.core.directory.Scope;
import ephemera.core.directory.Tokens;
import ephemera.server.http.Access;
import ephemera.server.http.Authentication;
import ephemera.server.http.Call;
import ephemera.server.http.JsonText;
import ephemera.server.http.Parameters;
import ephemera.server.http.Reply;
import ephemera.server.http.Route;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/** Getting, refreshing and ending access tokens (contract B.1; RFC 6749, 7009 and 7636). */
final class TokenRoutes {

    private static final List<String> FIELDS = List.of(
            "grant_type", "client_id", "client_secret", "userId", "scope", "code", "redirect_uri", "code_verifier",
            "refresh_token", "token");
    private static final List<String> SECRETS =
            List.of("client_secret", "code", "code_verifier", "refresh_token", "token");

    private final Tokens tokens;

    TokenRoutes(Tokens tokens) {
        this.tokens = tokens;
    }

    List<Route> routes() {
        return List.of(
                new Route("POST", "/v6/auth/token", Access.PUBLIC, this::token).refusing(TokenErrors::reply),
                new Route("POST", "/v6/auth/revoke", Access.PUBLIC, this::revoke).refusing(TokenErrors::reply),
                new Route("POST", "/v6/auth/authorize", Access.SIGNED_IN, this::authorize));
    }

    private Reply token(Call call) {
        Parameters form = checked(call.parameters());
        String type = said(form, "grant_type").orElse("client_credentials");
        return switch (type) {
            case "client_credentials" ->
                    told(tokens.forClient(shown(call), said(form, "userId"), scope(form)));
            case "authorization_code" -> told(tokens.forCode(
                    shown(call),
                    form.required("code"),
                    form.required("redirect_uri"),
                    form.required("code_verifier")));
            case "refresh_token" ->
                    told(tokens.refreshed(shown(call), form.required("refresh_token"), scope(form)));
            default -> TokenErrors.error(
                    400,
                    "unsupported_grant_type",
                    "grant_type is client_credentials, authorization_code or refresh_token.");
        };
    }

    private Reply revoke(Call call) {
        Parameters form = checked(call.parameters());
        tokens.revoke(shown(call), form.required("token"));
        return TokenErrors.unstored(Reply.empty(200));
    }

    private static Reply told(Grant grant) {
        ObjectNode reply = JsonText.object()
                .put("access_token", grant.accessToken())
                .put("token_type", "Bearer")
                .put("expires_in", grant.lifetime().toSeconds());
        grant.refreshToken().ifPresent(token -> reply.put("refresh_token", token));
        return TokenErrors.unstored(Reply.json(200, reply.put("scope", grant.scope().text())));
    }

    /** What is secret stands in the body, since proxies log queries; and nothing is said twice. */
    private static Parameters checked(Parameters form) {
        for (String name : SECRETS) {
            if (form.isInQuery(name)) {
                throw Failure.INVALID.refused("The parameter " + name + " must stand in the body.");
            }
        }
        for (String name : FIELDS) {
            if (form.isRepeated(name)) {
                throw Failure.INVALID.refused("The parameter " + name + " stands there twice.");
            }
        }
        return form;
    }

    /** What the client shows, in the header or in the form, but not in both (RFC 6749, section 2.3). */
    private static Tokens.Shown shown(Call call) {
        Parameters form = call.parameters();
        Optional<String> id = said(form, "client_id");
        Optional<String> secret = said(form, "client_secret");
        if (call.authorization().isEmpty()) {
            return new Tokens.Shown(
                    id.orElseThrow(Failure.WRONG_CREDENTIALS::refused),
                    secret.orElseThrow(Failure.WRONG_CREDENTIALS::refused),
                    call.origin());
        }
        Authentication.Scheme scheme = Authentication.Scheme.parse(call.authorization())
                .filter(each -> each.name().equals("basic"))
                .orElseThrow(Failure.WRONG_CREDENTIALS::refused);
        String[] pieces = scheme.pieces(2);
        if (secret.isPresent() || id.filter(each -> !each.equals(pieces[0])).isPresent()) {
            throw Failure.INVALID.refused("The client shows itself in the header or in the form, not in both.");
        }
        return new Tokens.Shown(pieces[0], pieces[1], call.origin());
    }

    private static Optional<Scope> scope(Parameters form) {
        return said(form, "scope").map(text -> Scope.parse(text)
                .orElseThrow(() -> Failure.INVALID_SCOPE.refused("scope is read or write.")));
    }

    private static Optional<String> said(Parameters form, String name) {
        return form.text(name).filter(text -> !text.isBlank());
    }

    /**
     * A person who is signed in lets an application act for them. What is wrong is told to the application by sending
     * the person back, once it is certain that they may be sent there.
     */
    private Reply authorize(Call call) {
        Parameters form = call.parameters();
        Client client = tokens.asking(form.required("client_id"), form.required("redirect_uri"));
        RedirectUri back = new RedirectUri(form.required("redirect_uri"));
        Map<String, String> answer = new LinkedHashMap<>();
        try {
            boolean isCode = said(form, "response_type").orElse("code").equals("code");
            if (isCode) {
                Scope scope = scope(form).orElse(Scope.WRITE);
                String challenge = said(form, "code_challenge_method").orElse("").equals("S256")
                        ? said(form, "code_challenge").orElse("")
                        : "";
                answer.put("code", tokens.authorize(
                        call.caller(), new Tokens.Consent(client, back, challenge, scope)));
            } else {
                answer.put("error", "unsupported_response_type");
            }
        } catch (Refused refused) {
            if (refused.failure().retryable()) {
                throw refused;
            }
            answer.put("error", TokenErrors.code(refused.failure()));
            answer.put("error_description", refused.getMessage());
        }
        said(form, "state").ifPresent(state -> answer.put("state", state));
        return TokenErrors.unstored(Reply.empty(302)).with("Location", address(back, answer));
    }

    private static String address(RedirectUri back, Map<String, String> answer) {
        String query = answer.entrySet().stream()
                .map(each -> each.getKey() + "=" + URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        return back.text() + (back.text().indexOf('?') < 0 ? "?" : "&") + query;
    }
}
