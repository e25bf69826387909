package ephemera.server.http;

import ephemera.core.Failure;
import ephemera.core.directory.Caller;
import ephemera.core.directory.SignIn;
import ephemera.core.directory.Tokens;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;

/**
 * Reads what a client shows of itself in the {@code Authorization} header or, for event streams, in the query.
 *
 * <p>Thread-safe.
 */
public final class Authentication {

    private final SignIn signIn;
    private final Tokens tokens;

    /** Recognises callers through those use cases. */
    public Authentication(SignIn signIn, Tokens tokens) {
        this.signIn = signIn;
        this.tokens = tokens;
    }

    /**
     * A scheme and what follows it.
     *
     * @param name the scheme in lower case
     * @param value the text behind it
     */
    public record Scheme(String name, String value) {

        /** The scheme in a header; empty if there is none. */
        public static Optional<Scheme> parse(String header) {
            int blank = header.indexOf(' ');
            return blank < 0
                    ? Optional.empty()
                    : Optional.of(new Scheme(
                            header.substring(0, blank).toLowerCase(Locale.ROOT),
                            header.substring(blank + 1).strip()));
        }

        /**
         * The decoded value split at its first colons.
         *
         * @throws ephemera.core.Refused with {@code WRONG_CREDENTIALS} if it is not Base64 or has fewer pieces
         */
        public String[] pieces(int count) {
            return split(value, count);
        }
    }

    /**
     * The caller who shows that header.
     *
     * @throws ephemera.core.Refused with {@code WRONG_CREDENTIALS} if nobody does
     */
    public Caller caller(String authorization, String origin) {
        Scheme scheme = Scheme.parse(authorization).orElseThrow(Failure.WRONG_CREDENTIALS::refused);
        return switch (scheme.name()) {
            case "basic", "bearer" -> byPair(scheme.value(), origin);
            default -> throw Failure.WRONG_CREDENTIALS.refused();
        };
    }

    /**
     * The caller who shows an access token in that header (RFC 6750).
     *
     * @throws ephemera.core.Refused with {@code EXPIRED_TOKEN} or {@code WRONG_CREDENTIALS}
     */
    public Caller byToken(String authorization) {
        return Scheme.parse(authorization)
                .filter(scheme -> scheme.name().equals("bearer"))
                .map(scheme -> tokens.caller(scheme.value()))
                .orElseThrow(Failure.WRONG_CREDENTIALS::refused);
    }

    /** Whether the key or token that somebody showed is still good; mostly told from a cache. */
    public boolean holds(Caller caller) {
        return caller.client().isPresent() ? tokens.holds(caller) : signIn.holds(caller);
    }

    /** The caller whose key and secret, joined by a colon, are in that Base64 text. */
    public Caller byPair(String pair, String origin) {
        String[] pieces = split(pair, 2);
        return signIn.withSecret(pieces[0], pieces[1], origin);
    }

    private static String[] split(String value, int count) {
        try {
            byte[] decoded = Base64.getDecoder().decode(value.replace('-', '+').replace('_', '/'));
            String[] pieces = new String(decoded, StandardCharsets.UTF_8).split(":", count);
            if (pieces.length == count) {
                return pieces;
            }
        } catch (IllegalArgumentException _) {
            // Falls through to the same refusal: nothing tells why credentials are wrong.
        }
        throw Failure.WRONG_CREDENTIALS.refused();
    }
}
