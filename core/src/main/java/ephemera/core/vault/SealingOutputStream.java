package ephemera.core.vault;

import java.io.IOException;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Objects;
import javax.crypto.Cipher;

/**
 * Seals what is written to it in the form of {@link SealedChunks}.
 *
 * <p>Only {@link #finish} makes the file whole. One that is closed without it, because something failed half-way, does
 * not open. Not thread-safe.
 */
public final class SealingOutputStream extends OutputStream {

    private final OutputStream out;
    private final byte[] key;
    private final byte[] plain = new byte[SealedChunks.PLAIN];
    private final byte[] sealed = new byte[SealedChunks.SEALED];
    private int filled;
    private long number;
    private boolean finished;

    /**
     * Seals into a stream, which is closed with this one.
     *
     * @param key one that seals nothing else, of {@link Seal#KEY} bytes; copied
     */
    public SealingOutputStream(OutputStream out, byte[] key) {
        this.out = out;
        this.key = key.clone();
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        if (finished) {
            throw new IOException("the file is finished");
        }
        int done = 0;
        while (done < length) {
            if (filled == plain.length) {
                // Only now is it sure that it is not the last one.
                chunk(false);
            }
            int part = Math.min(length - done, plain.length - filled);
            System.arraycopy(bytes, offset + done, plain, filled, part);
            filled += part;
            done += part;
        }
    }

    /** Writes what is left, marks it as the end, and flushes; nothing can be written afterwards. */
    public void finish() throws IOException {
        if (!finished) {
            finished = true;
            chunk(true);
            out.flush();
        }
    }

    private void chunk(boolean last) throws IOException {
        try {
            int length = SealedChunks.convert(Cipher.ENCRYPT_MODE, key, number, last, plain, filled, sealed);
            out.write(sealed, 0, length);
            number++;
            filled = 0;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws IOException {
        finished = true;
        Arrays.fill(key, (byte) 0);
        Arrays.fill(plain, (byte) 0);
        out.close();
    }
}
