package ephemera.core.directory;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * An address to which a person's browser or app is sent back with an authorization code.
 *
 * <p>It is https, or http to the own machine, or a scheme of an app's own, which has a dot in it (RFC 8252); it has no
 * fragment. Two are the same only if they are the same text.
 *
 * @param text the address as it was registered
 */
public record RedirectUri(String text) {

    /** The longest address, in characters. */
    public static final int LONGEST = 2_000;

    private static final Set<String> OWN_MACHINE = Set.of("localhost", "127.0.0.1", "[::1]");

    /** The address in that text; empty if it cannot be one. */
    public static Optional<RedirectUri> parse(String text) {
        if (text.length() > LONGEST) {
            return Optional.empty();
        }
        try {
            URI uri = new URI(text);
            boolean usable = uri.isAbsolute() && uri.getRawFragment() == null && isSafe(uri);
            return usable ? Optional.of(new RedirectUri(text)) : Optional.empty();
        } catch (URISyntaxException _) {
            return Optional.empty();
        }
    }

    private static boolean isSafe(URI uri) {
        Optional<String> host = Optional.ofNullable(uri.getHost()).map(each -> each.toLowerCase(Locale.ROOT));
        String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
        return switch (scheme) {
            case "https" -> host.isPresent() && uri.getRawUserInfo() == null;
            case "http" -> host.filter(OWN_MACHINE::contains).isPresent() && uri.getRawUserInfo() == null;
            default -> scheme.indexOf('.') > 0;
        };
    }
}
