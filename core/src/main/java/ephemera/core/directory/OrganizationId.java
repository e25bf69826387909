package ephemera.core.directory;

import java.util.Optional;

/**
 * The token of an organization: 24 letters and digits (TigerConnect contract, section 2.5).
 *
 * @param token the text on the wire
 */
public record OrganizationId(String token) {

    /** How many characters a token has. */
    public static final int LENGTH = 24;

    public OrganizationId {
        if (!isToken(token)) {
            throw new IllegalArgumentException("an organization token is 24 letters and digits");
        }
    }

    /** The token in that text; empty if the text has another shape. */
    public static Optional<OrganizationId> parse(String text) {
        return isToken(text) ? Optional.of(new OrganizationId(text)) : Optional.empty();
    }

    /** Each message that is read asks this: a pattern would take longer than the rest of its row. */
    private static boolean isToken(String text) {
        return text.length() == LENGTH && text.chars().allMatch(OrganizationId::isLetterOrDigit);
    }

    private static boolean isLetterOrDigit(int each) {
        return (each >= '0' && each <= '9') || (each >= 'A' && each <= 'Z') || (each >= 'a' && each <= 'z');
    }

    @Override
    public String toString() {
        return token;
    }
}
