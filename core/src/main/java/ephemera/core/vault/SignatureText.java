package ephemera.core.vault;

import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An Ed25519 signature (RFC 8032).
 *
 * @param hex its 64 bytes as hexadecimal digits in lower case
 */
public record SignatureText(String hex) {

    private static final Pattern SHAPE = Pattern.compile("[0-9a-f]{128}");

    public SignatureText {
        if (!SHAPE.matcher(hex).matches()) {
            throw new IllegalArgumentException("a signature is 128 hexadecimal digits in lower case");
        }
    }

    /** The signature in that text; empty if the text has another shape. */
    public static Optional<SignatureText> parse(String text) {
        return SHAPE.matcher(text).matches() ? Optional.of(new SignatureText(text)) : Optional.empty();
    }

    /** The signature that those 64 bytes are. */
    public static SignatureText of(byte[] bytes) {
        return new SignatureText(HexFormat.of().formatHex(bytes));
    }

    /** The 64 bytes. */
    public byte[] bytes() {
        return HexFormat.of().parseHex(hex);
    }

    @Override
    public String toString() {
        return hex;
    }
}
