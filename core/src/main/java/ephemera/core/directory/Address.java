package ephemera.core.directory;

import ephemera.core.Ids;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * A way to name a person (or, by token, a group): token, e-mail, phone number or username (TigerConnect contract,
 * section 2.6).
 *
 * <p>Each form is normalised when it is made, so that equal addresses are equal values.
 */
public sealed interface Address {

    /**
     * The token of a person, a group or a list.
     *
     * @param value the UUID
     */
    record Token(UUID value) implements Address {
        @Override
        public String text() {
            return value.toString();
        }
    }

    /**
     * An e-mail address in lower case.
     *
     * @param text the normalised address
     */
    record Email(String text) implements Address {}

    /**
     * A phone number in E.164 form.
     *
     * @param text {@code +} and 7 to 15 digits
     */
    record Phone(String text) implements Address {}

    /**
     * A name to sign in with, in lower case.
     *
     * @param text the normalised name
     */
    record Username(String text) implements Address {}

    /** The normalised form in which the address is stored and compared. */
    String text();

    /** The longest address that is read, in characters (RFC 5321 allows 254 for a mailbox). */
    int LONGEST = 254;

    /**
     * The address in that text; empty if the text can be none of the forms.
     *
     * <p>Separators that people write into phone numbers (blank, dot, dash, brackets) are dropped.
     */
    static Optional<Address> parse(String text) {
        String trimmed = text.strip();
        if (trimmed.isEmpty() || trimmed.length() > LONGEST) {
            return Optional.empty();
        }
        Optional<UUID> token = Ids.parse(trimmed);
        if (token.isPresent()) {
            return token.map(Token::new);
        }
        String lower = trimmed.toLowerCase(Locale.ROOT);
        if (Shapes.EMAIL.matcher(lower).matches()) {
            return Optional.of(new Email(lower));
        }
        String digits = Shapes.PHONE_SEPARATORS.matcher(trimmed).replaceAll("");
        if (Shapes.PHONE.matcher(digits).matches()) {
            return Optional.of(new Phone(digits.startsWith("+") ? digits : "+" + digits));
        }
        return Shapes.USERNAME.matcher(lower).matches() ? Optional.of(new Username(lower)) : Optional.empty();
    }

    /** The shapes of the forms. */
    final class Shapes {
        private static final Pattern EMAIL = Pattern.compile("[^\\s@\\p{Cntrl}<>,;\"]+@[^\\s@\\p{Cntrl}<>,;\"]+");
        private static final Pattern PHONE_SEPARATORS = Pattern.compile("[ ().\\-/]");
        private static final Pattern PHONE = Pattern.compile("\\+?[0-9]{7,15}");
        private static final Pattern USERNAME = Pattern.compile("[a-z][a-z0-9._\\-]{0,99}");

        private Shapes() {}
    }
}
