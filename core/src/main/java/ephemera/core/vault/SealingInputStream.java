package ephemera.core.vault;

import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Objects;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;

/**
 * Opens what a {@link SealingOutputStream} sealed, chunk by chunk.
 *
 * <p>Bytes come out only after their chunk proved to be what was sealed in that place; the end comes only if it is the
 * sealed end. Everything else is an {@link IOException}, again at every further call. Not thread-safe.
 */
public final class SealingInputStream extends InputStream {

    private final InputStream in;
    private final byte[] key;
    /** One byte more than a chunk has, which tells whether another one follows. */
    private final byte[] sealed = new byte[SealedChunks.SEALED + 1];

    private final byte[] plain = new byte[SealedChunks.PLAIN + Seal.OVERHEAD];
    private int held;
    private int position;
    private int end;
    private long number;
    private State state = State.MORE;

    private enum State {
        MORE,
        ENDED,
        BROKEN
    }

    /**
     * Opens a stream, which is closed with this one.
     *
     * @param key the one it was sealed with, of {@link Seal#KEY} bytes; copied
     */
    public SealingInputStream(InputStream in, byte[] key) {
        this.in = in;
        this.key = key.clone();
    }

    @Override
    public int read() throws IOException {
        return hasBytes() ? plain[position++] & 0xff : -1;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        if (length == 0) {
            return 0;
        }
        if (!hasBytes()) {
            return -1;
        }
        int part = Math.min(length, end - position);
        System.arraycopy(plain, position, bytes, offset, part);
        position += part;
        return part;
    }

    @Override
    public int available() {
        return end - position;
    }

    private boolean hasBytes() throws IOException {
        while (position == end) {
            switch (state) {
                case MORE -> chunk();
                case ENDED -> {
                    return false;
                }
                case BROKEN -> throw new IOException("the sealed file is not what was sealed");
            }
        }
        return true;
    }

    private void chunk() throws IOException {
        held += in.readNBytes(sealed, held, sealed.length - held);
        boolean last = held < sealed.length;
        int length = last ? held : SealedChunks.SEALED;
        try {
            if (length < Seal.OVERHEAD) {
                throw new AEADBadTagException("too short");
            }
            end = SealedChunks.convert(Cipher.DECRYPT_MODE, key, number, last, sealed, length, plain);
        } catch (AEADBadTagException _) {
            state = State.BROKEN;
            return;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        position = 0;
        number++;
        held -= length;
        // What was read too much begins the next chunk.
        sealed[0] = sealed[length];
        state = last ? State.ENDED : State.MORE;
    }

    @Override
    public void close() throws IOException {
        state = State.BROKEN;
        position = end;
        Arrays.fill(key, (byte) 0);
        Arrays.fill(plain, (byte) 0);
        in.close();
    }
}
