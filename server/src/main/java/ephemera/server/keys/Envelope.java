package ephemera.server.keys;

import ephemera.core.vault.KeyStore;
import ephemera.core.vault.KeyStore.Damaged;
import ephemera.core.vault.Seal;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The form of everything that is stored: sealed with the root key, bound to its place and version, and with a checksum
 * that tells an accident of the disk from a wrong key.
 *
 * <p>Magic (4 bytes), form (1), {@linkplain RootKey#id root key} (8), version (8), salt (32), the sealed content,
 * CRC-32C (4). The content is sealed with a key that is derived from the root key and the salt, and used once.
 */
final class Envelope {

    /** The most that is stored in one: a key tree at its largest, and some room. */
    static final int LARGEST = 20 << 20;

    private static final int MAGIC = 0x45504b59;
    private static final byte FORM = 1;
    private static final int SALT_AT = 4 + 1 + RootKey.ID + Long.BYTES;
    private static final int CONTENT_AT = SALT_AT + RootKey.SALT;
    private static final int CHECKSUM = 4;

    /** How many bytes of the beginning tell the version. */
    static final int HEAD = SALT_AT;

    private Envelope() {}

    static byte[] seal(RootKey root, Slot slot, long version, byte[] content) {
        byte[] salt = RootKey.newSalt();
        byte[] key = root.derive(salt);
        byte[] sealed = Seal.seal(key, content, slot.bytes(), number(version));
        Arrays.fill(key, (byte) 0);
        ByteBuffer bytes = ByteBuffer.allocate(CONTENT_AT + sealed.length + CHECKSUM);
        bytes.putInt(MAGIC).put(FORM).put(root.id()).putLong(version).put(salt).put(sealed);
        return bytes.putInt(checksum(bytes.array(), bytes.position())).array();
    }

    /**
     * The content.
     *
     * @param place what a message calls the place
     * @throws Damaged naming the place and what is wrong with it
     */
    static KeyStore.Stored open(RootKey root, Slot slot, byte[] bytes, String place) {
        requireWhole(bytes, place);
        if (!isOf(root, bytes)) {
            throw new Damaged(place + " was sealed with another root key");
        }
        long version = version(bytes, place);
        byte[] key = root.derive(Arrays.copyOfRange(bytes, SALT_AT, CONTENT_AT));
        byte[] sealed = Arrays.copyOfRange(bytes, CONTENT_AT, bytes.length - CHECKSUM);
        byte[] content = Seal.open(key, sealed, slot.bytes(), number(version))
                .orElseThrow(() -> new Damaged(place + " holds what was sealed for another place or was forged"));
        Arrays.fill(key, (byte) 0);
        return new KeyStore.Stored(content, version);
    }

    /**
     * The one of some root keys that it was sealed with; empty if it was none of them.
     *
     * @throws Damaged if it is not whole
     */
    static Optional<RootKey> rootOf(List<RootKey> roots, byte[] bytes, String place) {
        requireWhole(bytes, place);
        return roots.stream().filter(root -> isOf(root, bytes)).findFirst();
    }

    private static void requireWhole(byte[] bytes, String place) {
        if (bytes.length < CONTENT_AT + Seal.OVERHEAD + CHECKSUM) {
            throw new Damaged(place + " is cut off: it has " + bytes.length + " bytes");
        }
        requireMagic(bytes, place);
        if (!isWhole(bytes)) {
            throw new Damaged(place + " is damaged: its checksum does not match its " + bytes.length + " bytes");
        }
        if (bytes[4] != FORM) {
            throw new Damaged(place + " has a form that this release does not know");
        }
    }

    private static void requireMagic(byte[] bytes, String place) {
        if (bytes.length < HEAD || ByteBuffer.wrap(bytes).getInt() != MAGIC) {
            throw new Damaged(place + " is damaged: it does not begin as a file of keys does");
        }
    }

    /** Whether the checksum fits. */
    static boolean isWhole(byte[] bytes) {
        int length = bytes.length - CHECKSUM;
        return length >= CONTENT_AT && ByteBuffer.wrap(bytes).getInt(length) == checksum(bytes, length);
    }

    /** Whether it was sealed with that root key; for bytes that begin as an envelope does. */
    static boolean isOf(RootKey root, byte[] head) {
        return Arrays.equals(root.id(), Arrays.copyOfRange(head, 5, 5 + RootKey.ID));
    }

    /** The version, of which at least the first {@link #HEAD} bytes are given; it is not proved. */
    static long version(byte[] head, String place) {
        requireMagic(head, place);
        return ByteBuffer.wrap(head).getLong(5 + RootKey.ID);
    }

    private static int checksum(byte[] bytes, int length) {
        CRC32C sum = new CRC32C();
        sum.update(bytes, 0, length);
        return (int) sum.getValue();
    }

    private static byte[] number(long number) {
        return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
    }
}
