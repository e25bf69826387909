package ephemera.core.vault;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A SHA-256 digest.
 *
 * @param hex 64 hexadecimal digits in lower case, so that equal digests have equal texts
 */
public record Digest(String hex) {

    /** How many bytes a digest has. */
    public static final int BYTES = 32;

    private static final Pattern SHAPE = Pattern.compile("[0-9a-f]{" + 2 * BYTES + "}");

    /** The digest of nothing in particular: what stands before the first of a chain. */
    public static final Digest ZERO = new Digest("0".repeat(2 * BYTES));

    public Digest {
        if (!SHAPE.matcher(hex).matches()) {
            throw new IllegalArgumentException("a digest is 64 hexadecimal digits in lower case");
        }
    }

    /** The digest in that text; empty if the text has another shape. */
    public static Optional<Digest> parse(String text) {
        return SHAPE.matcher(text).matches() ? Optional.of(new Digest(text)) : Optional.empty();
    }

    /** The digest that those 32 bytes are. */
    public static Digest of(byte[] bytes) {
        return new Digest(HexFormat.of().formatHex(bytes));
    }

    /** The digest of that content. */
    public static Digest sha256(byte[] content) {
        return of(algorithm().digest(content));
    }

    /** A new computation of SHA-256, which every JDK has. */
    static MessageDigest algorithm() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The 32 bytes. */
    public byte[] bytes() {
        return HexFormat.of().parseHex(hex);
    }

    @Override
    public String toString() {
        return hex;
    }
}
