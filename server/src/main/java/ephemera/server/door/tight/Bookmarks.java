package ephemera.server.door.tight;

import ephemera.core.directory.Caller;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Cursors: places in lists as clients get to see them, signed, so that each can be used for its own list only.
 *
 * <p>Thread-safe.
 */
final class Bookmarks {

    private static final String ALGORITHM = "HmacSHA256";
    private static final int SIGNATURE = 16;

    private final SecretKeySpec key;

    /**
     * Makes them with a key that all servers of an installation share, and that outlives them.
     *
     * @param key at least 16 bytes
     */
    Bookmarks(byte[] key) {
        this.key = new SecretKeySpec(key, ALGORITHM);
    }

    /**
     * A cursor.
     *
     * @param list which list of whom; what it names need not be secret
     * @param place where in it, in ASCII
     */
    String text(String list, String place) {
        byte[] bytes = place.getBytes(StandardCharsets.US_ASCII);
        byte[] signed = Arrays.copyOf(signature(list, bytes), SIGNATURE + bytes.length);
        System.arraycopy(bytes, 0, signed, SIGNATURE, bytes.length);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(signed);
    }

    /** The place that a cursor of that list names; empty if it is none, or one of another list. */
    Optional<String> place(String list, String cursor) {
        byte[] signed;
        try {
            signed = Base64.getUrlDecoder().decode(cursor);
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
        if (signed.length <= SIGNATURE) {
            return Optional.empty();
        }
        byte[] bytes = Arrays.copyOfRange(signed, SIGNATURE, signed.length);
        byte[] signature = Arrays.copyOf(signed, SIGNATURE);
        return MessageDigest.isEqual(signature, Arrays.copyOf(signature(list, bytes), SIGNATURE))
                ? Optional.of(new String(bytes, StandardCharsets.US_ASCII))
                : Optional.empty();
    }

    /** Whose list it is, in the name of a list: nobody's cursors are good for anybody else, or another application. */
    static String owner(Caller caller) {
        return caller.id() + " " + caller.client().map(client -> client.id().toString()).orElse("");
    }

    private byte[] signature(String list, byte[] place) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            mac.update(list.getBytes(StandardCharsets.UTF_8));
            mac.update((byte) 0);
            return mac.doFinal(place);
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every Java has HMAC-SHA-256", e);
        }
    }
}
