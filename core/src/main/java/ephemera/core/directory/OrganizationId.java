package ephemera.core.directory;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The token of an organization: 24 letters and digits (TigerConnect contract, section 2.5).
 *
 * @param token the text on the wire
 */
public record OrganizationId(String token) {

    /** How many characters a token has. */
    public static final int LENGTH = 24;

    private static final Pattern SHAPE = Pattern.compile("[0-9A-Za-z]{" + LENGTH + "}");

    public OrganizationId {
        if (!SHAPE.matcher(token).matches()) {
            throw new IllegalArgumentException("an organization token is 24 letters and digits");
        }
    }

    /** The token in that text; empty if the text has another shape. */
    public static Optional<OrganizationId> parse(String text) {
        return SHAPE.matcher(text).matches() ? Optional.of(new OrganizationId(text)) : Optional.empty();
    }

    @Override
    public String toString() {
        return token;
    }
}
