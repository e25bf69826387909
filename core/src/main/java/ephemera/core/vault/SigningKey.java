package ephemera.core.vault;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;

/** The Ed25519 key with which the deletion record is signed, both halves. Thread-safe. */
public final class SigningKey {

    /** Under this name the key is kept among the secrets of the key store. */
    public static final String SECRET = "deletion-record";

    private static final int HALF = 32;
    private static final byte[] TRIAL = "ephemera trial 1\n".getBytes(StandardCharsets.US_ASCII);

    private final PrivateKey privateKey;
    private final SignatureKey publicKey;

    /**
     * The key that is kept in that store; whoever first asks for it makes it for all.
     *
     * @throws ephemera.core.Refused with {@code UNAVAILABLE} if the store cannot tell at the moment
     */
    public static SigningKey in(KeyStore keys) {
        return new SigningKey(keys.secret(SECRET, SigningKey::random));
    }

    /**
     * The key of that secret.
     *
     * @param secret 64 bytes, as {@link #random} makes them
     * @throws IllegalArgumentException if its halves do not belong together
     */
    public SigningKey(byte[] secret) {
        if (secret.length != 2 * HALF) {
            throw new IllegalArgumentException("the key of the deletion record has 64 bytes");
        }
        try {
            privateKey = KeyFactory.getInstance("Ed25519")
                    .generatePrivate(new EdECPrivateKeySpec(
                            NamedParameterSpec.ED25519, Arrays.copyOf(secret, HALF)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        publicKey = SignatureKey.of(Arrays.copyOfRange(secret, HALF, 2 * HALF));
        if (!publicKey.verifies(TRIAL, sign(TRIAL))) {
            throw new IllegalArgumentException("the halves of the key of the deletion record do not belong together");
        }
    }

    /** A new secret: the private half and the public half, 32 bytes each. */
    public static byte[] random() {
        try {
            KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            byte[] seed = ((EdECPrivateKey) pair.getPrivate()).getBytes().orElseThrow();
            byte[] point = pair.getPublic().getEncoded();
            byte[] secret = Arrays.copyOf(seed, 2 * HALF);
            System.arraycopy(point, point.length - HALF, secret, HALF, HALF);
            return secret;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Signs a statement; takes about a tenth of a millisecond. */
    public SignatureText sign(byte[] statement) {
        try {
            Signature signature = Signature.getInstance("Ed25519");
            signature.initSign(privateKey);
            signature.update(statement);
            return SignatureText.of(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The half that everybody may know. */
    public SignatureKey publicKey() {
        return publicKey;
    }
}
