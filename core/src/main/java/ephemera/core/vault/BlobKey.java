package ephemera.core.vault;

import java.util.Arrays;

/**
 * The key of one file: whoever has it can read the file, and once the last copy is gone nobody can. Immutable.
 */
public final class BlobKey {

    /** How many bytes a key has. */
    public static final int BYTES = 32;

    private final byte[] bytes;

    /** The key with a copy of those bytes. */
    public BlobKey(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("a key has " + BYTES + " bytes");
        }
        this.bytes = bytes.clone();
    }

    /** A copy of the key's bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BlobKey key && Arrays.equals(bytes, key.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** Says that it is a key, not which one. */
    @Override
    public String toString() {
        return "***";
    }
}
