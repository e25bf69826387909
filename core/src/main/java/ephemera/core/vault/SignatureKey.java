package ephemera.core.vault;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;

/**
 * An Ed25519 public key (RFC 8032): with it anybody can tell who signed.
 *
 * @param base64 its X.509 form (RFC 8410), 44 bytes, in Base64: what stands between the lines of a PEM file
 */
public record SignatureKey(String base64) {

    /** What stands before the 32 bytes of the key itself: that it is an Ed25519 key. */
    private static final byte[] PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private static final int KEY_BYTES = 32;

    public SignatureKey {
        if (!isKey(base64)) {
            throw new IllegalArgumentException("not an Ed25519 public key in Base64");
        }
    }

    /** The key in that text; empty if it is none. */
    public static Optional<SignatureKey> parse(String text) {
        return isKey(text) ? Optional.of(new SignatureKey(text)) : Optional.empty();
    }

    /** The key of those 32 bytes. */
    static SignatureKey of(byte[] raw) {
        byte[] encoded = Arrays.copyOf(PREFIX, PREFIX.length + KEY_BYTES);
        System.arraycopy(raw, 0, encoded, PREFIX.length, KEY_BYTES);
        return new SignatureKey(Base64.getEncoder().encodeToString(encoded));
    }

    private static boolean isKey(String text) {
        if (text.length() > 100) {
            return false;
        }
        try {
            byte[] encoded = Base64.getDecoder().decode(text);
            // Base64 has several texts for the same bytes; one is enough.
            return encoded.length == PREFIX.length + KEY_BYTES
                    && Arrays.equals(encoded, 0, PREFIX.length, PREFIX, 0, PREFIX.length)
                    && Base64.getEncoder().encodeToString(encoded).equals(text);
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    /** What people compare: the SHA-256 digest of the X.509 form. */
    public Digest fingerprint() {
        return Digest.sha256(Base64.getDecoder().decode(base64));
    }

    /** Whether the statement was signed with the private half of this key. */
    public boolean verifies(byte[] statement, SignatureText signature) {
        try {
            Signature verification = Signature.getInstance("Ed25519");
            verification.initVerify(publicKey());
            verification.update(statement);
            return verification.verify(signature.bytes());
        } catch (SignatureException _) {
            return false;
        } catch (GeneralSecurityException _) {
            // Not every 32 bytes are a point of the curve; what is none has signed nothing.
            return false;
        }
    }

    private PublicKey publicKey() throws GeneralSecurityException {
        return KeyFactory.getInstance("Ed25519")
                .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(base64)));
    }

    @Override
    public String toString() {
        return base64;
    }
}
