package ephemera.core.vault;

import java.security.GeneralSecurityException;
import java.security.Provider;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Sealing with a key that seals one thing and nothing else, ever: AES-256-GCM.
 *
 * <p>Because no key is used twice the nonce is always the same. What is sealed again needs a new key. Thread-safe.
 */
public final class Seal {

    /** How many bytes a key has. */
    public static final int KEY = 32;

    /** How many bytes longer the sealed is than the plain. */
    public static final int OVERHEAD = 16;

    static final int NONCE = 12;

    private static final byte[] ONLY_NONCE = new byte[NONCE];
    private static final String ALGORITHM = "AES/GCM/NoPadding";

    /** Who has the algorithm; looking for that each time would take a quarter of the time of a short message. */
    private static final Provider PROVIDER = provider();

    private Seal() {}

    private static Provider provider() {
        try {
            return Cipher.getInstance(ALGORITHM).getProvider();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has AES-GCM", e);
        }
    }

    /**
     * Seals bytes so that they open only together with what they are associated with.
     *
     * @param key one that was never used, of {@link #KEY} bytes
     * @param associated what is bound to it, in this order; not part of the result
     */
    public static byte[] seal(byte[] key, byte[] plain, byte[]... associated) {
        try {
            return cipher(Cipher.ENCRYPT_MODE, key, ONLY_NONCE, associated).doFinal(plain);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The bytes that were sealed with that key and the same associated bytes; empty if this is not what was sealed. */
    public static Optional<byte[]> open(byte[] key, byte[] sealed, byte[]... associated) {
        if (sealed.length < OVERHEAD) {
            return Optional.empty();
        }
        try {
            return Optional.of(cipher(Cipher.DECRYPT_MODE, key, ONLY_NONCE, associated).doFinal(sealed));
        } catch (AEADBadTagException _) {
            return Optional.empty();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static Cipher cipher(int mode, byte[] key, byte[] nonce, byte[]... associated) throws GeneralSecurityException {
        if (key.length != KEY) {
            throw new IllegalArgumentException("a key has " + KEY + " bytes");
        }
        Cipher cipher = Cipher.getInstance(ALGORITHM, PROVIDER);
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(OVERHEAD * Byte.SIZE, nonce));
        for (byte[] part : associated) {
            // With its length before it no part can be taken for the end of its neighbour.
            cipher.updateAAD(new byte[] {
                (byte) (part.length >> 24), (byte) (part.length >> 16), (byte) (part.length >> 8), (byte) part.length
            });
            cipher.updateAAD(part);
        }
        return cipher;
    }
}
