package ephemera.core.directory;

import ephemera.core.Failure;
import ephemera.core.Ids;
import ephemera.core.Refused;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * How applications get access tokens, what a token says of its holder, and how tokens end (RFC 6749, 7009, 7636).
 *
 * <p>Whoever shows a token is looked up anew with each call, so that a token is worth nothing from the moment at which
 * its client or its person is gone. Thread-safe.
 */
public final class Tokens {

    /** How long an access token is good. */
    public static final Duration LIFETIME = Duration.ofHours(1);
    /** How long an authorization code may be used. */
    public static final Duration CODE_LIFETIME = Duration.ofSeconds(60);
    /** How long a refresh token may be used. */
    public static final Duration REFRESH_LIFETIME = Duration.ofDays(30);

    /** 43 letters and digits have 256 bits. */
    private static final int LENGTH = 43;
    private static final int LONGEST = 200;

    private static final Pattern CHALLENGE = Pattern.compile("[A-Za-z0-9_-]{43}");
    private static final Pattern VERIFIER = Pattern.compile("[A-Za-z0-9._~-]{43,128}");

    private final Clients clients;
    private final People people;
    private final Ids ids;
    private final InstantSource clock;
    private final Attempts secrets;
    private final UserIds users;

    /** Makes the use cases over those stores. */
    public Tokens(Clients clients, People people, Ids ids, InstantSource clock) {
        this.clients = clients;
        this.people = people;
        this.ids = ids;
        this.clock = clock;
        this.users = new UserIds(clients, people);
        this.secrets = new Attempts(clock, 50, Duration.ofMinutes(1));
    }

    /**
     * What an application shows of itself.
     *
     * @param client its id
     * @param secret its secret
     * @param origin where the call comes from, for limits
     */
    public record Shown(String client, String secret, String origin) {

        @Override
        public String toString() {
            return "Shown[" + origin + "]";
        }
    }

    /**
     * A token for a client itself, or for a person whom it names.
     *
     * @param userId the person: their token, their e-mail address, or the application's own id for them
     * @param scope what is asked for; write if nothing is
     * @throws Refused with {@code WRONG_CREDENTIALS} or {@code TOO_MANY} if the client is not who it says,
     *     {@code INVALID_GRANT} if it may act for nobody of that name
     */
    public Grant forClient(Shown shown, Optional<String> userId, Optional<Scope> scope) {
        Client client = authenticated(shown);
        PersonId person = userId.map(id -> users.find(client, id)
                .map(Person::id)
                .orElseThrow(() -> Failure.INVALID_GRANT.refused("There is no user with this userId.")))
                .orElseGet(client::person);
        String token = ids.alphanumeric(LENGTH);
        AccessToken access = access(token, client.id(), person, scope.orElse(Scope.WRITE), Optional.empty());
        clients.add(access);
        return new Grant(token, LIFETIME, Optional.empty(), access.scope());
    }

    /**
     * What a person asks for who lets an application act for them.
     *
     * @param redirect where the code is to be sent, as it is registered
     * @param challenge the challenge by which the application proves later that it is the one that began
     */
    public record Consent(Client client, RedirectUri redirect, String challenge, Scope scope) {}

    /**
     * The client that asks for a code, if it may have it sent there.
     *
     * @throws Refused with {@code INVALID} if there is no such client or it never registered that address: then nobody
     *     must be sent there
     */
    public Client asking(String clientId, String redirect) {
        return ClientId.parse(clientId)
                .flatMap(clients::client)
                .filter(client -> client.redirects().contains(new RedirectUri(redirect)))
                .orElseThrow(() -> Failure.INVALID.refused("There is no such client with this redirect_uri."));
    }

    /**
     * An authorization code by which an application may act for the caller.
     *
     * @throws Refused with {@code INVALID} if the challenge cannot be one, {@code FORBIDDEN} if an application asks, or
     *     if the client has nothing to do with the caller's organization
     */
    public String authorize(Caller caller, Consent consent) {
        if (caller.client().isPresent() || !clients.reaches(consent.client(), caller.organization())) {
            throw Failure.FORBIDDEN.refused();
        }
        if (!CHALLENGE.matcher(consent.challenge()).matches()) {
            throw Failure.INVALID.refused("A code_challenge of the method S256 is needed.");
        }
        String code = ids.alphanumeric(LENGTH);
        clients.add(new AuthorizationCode(
                Fingerprint.of(code),
                consent.client().id(),
                caller.id(),
                consent.scope(),
                ids.random(),
                consent.redirect(),
                consent.challenge(),
                clock.instant().plus(CODE_LIFETIME)));
        return code;
    }

    /**
     * Tokens for an authorization code, which is used up whether it fits or not.
     *
     * @throws Refused with {@code WRONG_CREDENTIALS} or {@code TOO_MANY} if the client is not who it says,
     *     {@code INVALID_GRANT} if the code is not good, or address or verifier are not those of its beginning
     */
    public Grant forCode(Shown shown, String code, String redirect, String verifier) {
        Client client = authenticated(shown);
        Drawn drawn = draw();
        return possible(code)
                .flatMap(hash -> clients.redeem(hash, client.id(), kept -> {
                    boolean fits = clock.instant().isBefore(kept.expiresAt())
                            && kept.redirect().text().equals(redirect)
                            && VERIFIER.matcher(verifier).matches()
                            && kept.challenge().equals(challengeOf(verifier));
                    return fits
                            ? Optional
                                    .of(issue(drawn, client, kept.person(), kept.scope(), kept.scope(), kept.family()))
                            : Optional.empty();
                }))
                .map(drawn::grant)
                .orElseThrow(() -> Failure.INVALID_GRANT.refused("The code is not valid, or not for this request."));
    }

    /**
     * New tokens for a refresh token, which is used up. Whoever shows a used one ends all that came of it: of two who
     * have it, one has stolen it.
     *
     * @param scope what is asked for, at most what was agreed to; all of that if nothing is
     * @throws Refused with {@code WRONG_CREDENTIALS} or {@code TOO_MANY} if the client is not who it says,
     *     {@code INVALID_GRANT} if the token is not good, {@code INVALID_SCOPE} if more is asked for
     */
    public Grant refreshed(Shown shown, String refreshToken, Optional<Scope> scope) {
        Client client = authenticated(shown);
        Drawn drawn = draw();
        return possible(refreshToken)
                .flatMap(hash -> clients.rotate(hash, client.id(), kept -> {
                    Scope asked = scope.orElse(kept.scope());
                    if (!kept.scope().allows(asked)) {
                        throw Failure.INVALID_SCOPE.refused("The scope was not granted.");
                    }
                    return clock.instant().isBefore(kept.expiresAt())
                            ? Optional.of(issue(drawn, client, kept.person(), asked, kept.scope(), kept.family()))
                            : Optional.empty();
                }))
                .map(drawn::grant)
                .orElseThrow(() -> Failure.INVALID_GRANT.refused("The refresh token is not valid."));
    }

    /**
     * Ends a token of the client: an access token alone, a refresh token with all that came of the same code. One that
     * there is not has ended already.
     *
     * @throws Refused with {@code WRONG_CREDENTIALS} or {@code TOO_MANY} if the client is not who it says
     */
    public void revoke(Shown shown, String token) {
        Client client = authenticated(shown);
        possible(token).ifPresent(hash -> clients.revoke(hash, client.id()));
    }

    /**
     * Who shows that access token.
     *
     * @throws Refused with {@code EXPIRED_TOKEN} if its time is over, {@code WRONG_CREDENTIALS} if it is none or was
     *     revoked
     */
    public Caller caller(String token) {
        // Guesses are not counted: a token has 256 bits.
        return caller(possible(token));
    }

    /** Whether the token that somebody showed is still good. */
    public boolean holds(Caller caller) {
        try {
            return caller(AccessToken.ofKey(caller.credential().key())).id().equals(caller.id());
        } catch (Refused refused) {
            if (refused.failure().retryable()) {
                throw refused;
            }
            return false;
        }
    }

    private Caller caller(Optional<Fingerprint> hash) {
        AccessToken access = hash.flatMap(clients::access).orElseThrow(Failure.WRONG_CREDENTIALS::refused);
        Client client = clients.client(access.client()).orElseThrow(Failure.WRONG_CREDENTIALS::refused);
        Person person = people.person(access.person())
                .filter(Person::isMember)
                .filter(each -> clients.reaches(client, each.organization()))
                .orElseThrow(Failure.WRONG_CREDENTIALS::refused);
        if (!clock.instant().isBefore(access.expiresAt())) {
            throw Failure.EXPIRED_TOKEN.refused();
        }
        Credential credential = new Credential(
                access.key(), access.hash().bytes(), person.id(), Credential.Kind.TOKEN, client.id().toString());
        return new Caller(person, credential, access.scope(), Optional.of(client));
    }

    private Client authenticated(Shown shown) {
        Optional<ClientId> id = ClientId.parse(shown.client());
        Optional<Client> client = id.flatMap(clients::client).filter(each -> each.secret().isOf(shown.secret()));
        if (client.isPresent()) {
            return client.get();
        }
        // What can be no client is counted as one, since it would fill the table.
        String subject = id.map(ClientId::toString).orElse("?") + " " + shown.origin();
        secrets.check(subject);
        secrets.failed(subject);
        throw Failure.WRONG_CREDENTIALS.refused();
    }

    /** The fingerprint of what could be a token; no longer text is hashed. */
    private static Optional<Fingerprint> possible(String token) {
        return token.isEmpty() || token.length() > LONGEST ? Optional.empty() : Optional.of(Fingerprint.of(token));
    }

    private static String challengeOf(String verifier) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(Fingerprint.sha256(verifier));
    }

    private AccessToken access(String token, ClientId client, PersonId person, Scope scope, Optional<UUID> family) {
        return new AccessToken(
                Fingerprint.of(token), client, person, scope, family, clock.instant().plus(LIFETIME));
    }

    /**
     * The two secrets of an authorization's next step.
     *
     * @param access the access token
     * @param refresh the refresh token
     */
    private record Drawn(String access, String refresh) {

        Grant grant(Issue issue) {
            return new Grant(access, LIFETIME, Optional.of(refresh), issue.access().scope());
        }
    }

    private Drawn draw() {
        return new Drawn(ids.alphanumeric(LENGTH), ids.alphanumeric(LENGTH));
    }

    /**
     * The next step of an authorization.
     *
     * @param scope what the access token is good for
     * @param granted what the person agreed to, which stays
     */
    private Issue issue(Drawn drawn, Client client, PersonId person, Scope scope, Scope granted, UUID family) {
        return new Issue(
                access(drawn.access(), client.id(), person, scope, Optional.of(family)),
                Optional.of(new RefreshToken(
                        Fingerprint.of(drawn.refresh()),
                        client.id(),
                        person,
                        granted,
                        family,
                        clock.instant().plus(REFRESH_LIFETIME))));
    }
}
