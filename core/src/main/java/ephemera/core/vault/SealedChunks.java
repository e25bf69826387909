package ephemera.core.vault;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;

/**
 * The form of a sealed file: chunks of 64 KiB, each sealed by itself (the STREAM construction).
 *
 * <p>The nonce of a chunk is its number and whether it is the last one. So a chunk opens only in its place, and a file
 * that was cut, rearranged or lengthened does not open to its end. The key is for this one file. Thread-safe.
 */
public final class SealedChunks {

    static final int PLAIN = 64 * 1024;
    static final int SEALED = PLAIN + Seal.OVERHEAD;

    private SealedChunks() {}

    /** How many bytes a file of that many bytes has once it is sealed. */
    public static long sealedSize(long plainSize) {
        return plainSize + Seal.OVERHEAD * Math.max(1, Math.ceilDiv(plainSize, PLAIN));
    }

    /**
     * How many bytes a sealed file of that many bytes holds.
     *
     * @throws IllegalArgumentException if no sealed file has that size
     */
    public static long plainSize(long sealedSize) {
        long size = sealedSize - Seal.OVERHEAD * Math.ceilDiv(sealedSize, SEALED);
        if (sealedSize < Seal.OVERHEAD || size < 0 || sealedSize(size) != sealedSize) {
            throw new IllegalArgumentException("no sealed file has " + sealedSize + " bytes");
        }
        return size;
    }

    /** Seals or opens a chunk, from one array into another, and tells how many bytes were written. */
    static int convert(int mode, byte[] key, long number, boolean last, byte[] from, int length, byte[] into)
            throws GeneralSecurityException {
        byte[] nonce = ByteBuffer.allocate(Seal.NONCE)
                .putLong(number)
                .putInt(last ? 1 : 0)
                .array();
        Cipher cipher = Seal.cipher(mode, key, nonce);
        return cipher.doFinal(from, 0, length, into, 0);
    }
}
