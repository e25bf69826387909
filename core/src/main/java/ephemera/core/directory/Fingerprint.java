package ephemera.core.directory;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * All that is kept of a random secret: its SHA-256. Secrets have 256 bits of entropy or more, so that no slow hash is
 * needed.
 *
 * @param hex 64 hexadecimal digits in lower case
 */
public record Fingerprint(String hex) {

    private static final int LENGTH = 64;

    public Fingerprint {
        if (hex.length() != LENGTH) {
            throw new IllegalArgumentException("a fingerprint has " + LENGTH + " digits");
        }
    }

    /** The fingerprint of that secret. */
    public static Fingerprint of(String secret) {
        return new Fingerprint(HexFormat.of().formatHex(sha256(secret)));
    }

    /** The fingerprint that is those 32 bytes. */
    public static Fingerprint of(byte[] bytes) {
        return new Fingerprint(HexFormat.of().formatHex(bytes));
    }

    /** The 32 bytes. */
    public byte[] bytes() {
        return HexFormat.of().parseHex(hex);
    }

    /** Whether it is that secret's; takes the same time for every wrong one. */
    public boolean isOf(String secret) {
        return MessageDigest.isEqual(bytes(), sha256(secret));
    }

    /** The SHA-256 of a text. */
    static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
