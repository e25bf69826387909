package ephemera.core.vault;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Where the keys rest, apart from everything that they open (a port).
 *
 * <p>What a call changed is durable when it returns. Arrays that are handed in or out belong to the caller.
 * Thread-safe, and safe for several processes as far as an implementation says so.
 *
 * <p>Every call throws {@link ephemera.core.Refused} with {@code UNAVAILABLE} if the store cannot do it at the moment,
 * and {@link Damaged} if what it holds is not what was stored; neither changes anything.
 */
public interface KeyStore {

    /**
     * A tree of keys as it was stored.
     *
     * @param cover an opaque text of bytes
     * @param version how often it was written, from 1
     */
    record Stored(byte[] cover, long version) {}

    /** What is stored of a tree; empty if there is no such tree (any more). */
    Optional<Stored> read(Slice slice, long tree);

    /**
     * Stores a tree instead of the version that the caller has read; no byte of that version is left, at the latest
     * once the store is {@linkplain #settle settled}.
     *
     * @param expectedVersion the version that was read; 0 for a tree that is new
     * @return false if another version is stored, or none: nothing is changed then, and the caller reads again
     */
    boolean write(Slice slice, long tree, byte[] cover, long expectedVersion);

    /**
     * Destroys every tree of a slice; no byte is left, at the latest once the store is {@linkplain #settle settled}.
     *
     * <p>Needs no room, and may be repeated: a slice without trees is no failure. What was written while this ran may
     * be left; then {@link #slices} still has the slice.
     */
    void destroy(Slice slice);

    /**
     * Removes what the store may still hold, for its own reasons, of versions that were replaced or destroyed; called
     * once after a batch of changes.
     */
    default void settle() {}

    /** The slices that have trees. */
    Set<Slice> slices();

    /** The numbers of the trees of a slice. */
    Set<Long> trees(Slice slice);

    /** The secret of that name; empty if there is none. */
    Optional<byte[]> secret(String name);

    /**
     * The secret of that name, which is made now if there is none: whoever comes first makes it for all.
     *
     * @param name 1 to 40 of {@code a-z}, {@code 0-9} and {@code -}
     * @param first makes it; up to 64 KiB
     */
    byte[] secret(String name, Supplier<byte[]> first);

    /**
     * Writes everything that is stored, for a backup: sealed with the root key as it is in the store, so that the
     * backup is of no use without that key.
     *
     * <p>Each tree is written as it is at some instant between the beginning and the end of this call.
     *
     * @throws IOException if it cannot be written
     */
    void exportTo(DataOutput out) throws IOException;

    /**
     * Stores what {@link #exportTo} of any implementation wrote under the same root key.
     *
     * <p>What was destroyed since the export is back afterwards: whoever imports has to destroy again what is past.
     *
     * @throws IOException if it cannot be read, is damaged, or was sealed with another root key; nothing of the faulty
     *     entry is stored, those before it are
     * @throws IllegalStateException if the store is not empty
     */
    void importFrom(DataInput in) throws IOException;

    /** Something in the store that is not what was stored: a flipped bit, or a file that was cut or exchanged. */
    final class Damaged extends RuntimeException {

        /** Tells what is damaged and how, without any of its content. */
        public Damaged(String message) {
            super(message);
        }
    }
}
