package ephemera.core.vault;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;

/**
 * Sealing of small secrets that have to be kept in the database: each with a key of its own, derived from a secret of
 * the key store and a salt that stands before the sealed bytes.
 *
 * <p>A copy of the database alone opens nothing. Thread-safe.
 */
public final class SecretBox {

    private static final int SALT = 32;
    private static final byte[] PURPOSE = "ephemera secret in the database".getBytes(StandardCharsets.US_ASCII);

    private final byte[] secret;
    private final SecureRandom random;

    /**
     * A box over the secret of that name in the key store; whoever first asks for it makes it for all.
     *
     * @param name as {@link KeyStore#secret(String)} wants it
     * @throws ephemera.core.Refused with {@code UNAVAILABLE} if the store cannot tell at the moment
     */
    public static SecretBox in(KeyStore keys, String name, SecureRandom random) {
        return new SecretBox(
                keys.secret(name, () -> {
                    byte[] first = new byte[Seal.KEY];
                    random.nextBytes(first);
                    return first;
                }),
                random);
    }

    private SecretBox(byte[] secret, SecureRandom random) {
        this.secret = secret;
        this.random = random;
    }

    /**
     * Seals bytes so that they open only together with what they are associated with.
     *
     * @param associated what is bound to it, in this order; not part of the result
     */
    public byte[] seal(byte[] plain, byte[]... associated) {
        byte[] salt = new byte[SALT];
        random.nextBytes(salt);
        byte[] sealed = Seal.seal(derive(salt), plain, associated);
        byte[] whole = Arrays.copyOf(salt, SALT + sealed.length);
        System.arraycopy(sealed, 0, whole, SALT, sealed.length);
        return whole;
    }

    /** The bytes that were sealed with the same associated bytes; empty if this is not what was sealed. */
    public Optional<byte[]> open(byte[] whole, byte[]... associated) {
        if (whole.length < SALT) {
            return Optional.empty();
        }
        byte[] salt = Arrays.copyOf(whole, SALT);
        return Seal.open(derive(salt), Arrays.copyOfRange(whole, SALT, whole.length), associated);
    }

    private byte[] derive(byte[] salt) {
        try {
            return KDF.getInstance("HKDF-SHA256")
                    .deriveData(HKDFParameterSpec.ofExtract()
                            .addIKM(secret)
                            .addSalt(salt)
                            .thenExpand(PURPOSE, Seal.KEY));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
