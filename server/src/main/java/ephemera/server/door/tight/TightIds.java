package ephemera.server.door.tight;

import java.math.BigInteger;
import java.util.Optional;
import java.util.UUID;

/**
 * The tokens of this door: a prefix that tells what it names, and a number (contract B.1).
 *
 * <p>The number is the 128 bits of the id as it is known inside, so nothing has to be stored or looked up to translate
 * it. Stateless.
 */
final class TightIds {

    static final String CONVERSATION = "con_";
    static final String MESSAGE = "msg_";
    static final String ATTACHMENT = "att_";
    static final String FILE = "fil_";
    static final String COMPANY = "co_";
    static final String USER = "usr_";
    static final String BOOKKEEPER = "bkpr_";
    static final String AUDIT = "aud_";

    /** Of the largest number of 128 bits. */
    private static final int LONGEST = 39;

    private TightIds() {}

    /** The token of what has that id. */
    static String text(String prefix, UUID id) {
        byte[] bits = new byte[17];
        for (int i = 0; i < 8; i++) {
            bits[1 + i] = (byte) (id.getMostSignificantBits() >>> (56 - 8 * i));
            bits[9 + i] = (byte) (id.getLeastSignificantBits() >>> (56 - 8 * i));
        }
        return prefix + new BigInteger(bits);
    }

    /** The id that a token names; empty if it is none of that kind, or not written as this door writes it. */
    static Optional<UUID> parse(String prefix, String token) {
        if (!token.startsWith(prefix)) {
            return Optional.empty();
        }
        String digits = token.substring(prefix.length());
        boolean plain = !digits.isEmpty()
                && digits.length() <= LONGEST
                && digits.chars().allMatch(each -> each >= '0' && each <= '9')
                && (digits.length() == 1 || digits.charAt(0) != '0');
        if (!plain) {
            return Optional.empty();
        }
        BigInteger number = new BigInteger(digits);
        return number.bitLength() > 128
                ? Optional.empty()
                : Optional.of(new UUID(number.shiftRight(64).longValue(), number.longValue()));
    }
}
