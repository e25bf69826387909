package ephemera.core.vault;

import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * The hash tree of RFC 6962, section 2.1, over a list of entries: one digest that commits to all of them, and short
 * proofs that an entry is among them.
 *
 * <p>Entries are taken one after the other and not kept: the memory that is needed grows with the depth of the tree.
 * Leaves and inner nodes are hashed with different prefixes, so that neither can be passed off as the other.
 */
public final class MerkleTree {

    private static final byte LEAF = 0;
    private static final byte NODE = 1;

    private final MessageDigest sha256 = Digest.algorithm();
    private final List<Digest> path = new ArrayList<>();
    private final Iterator<byte[]> entries;

    private MerkleTree(Iterator<byte[]> entries) {
        this.entries = entries;
    }

    /**
     * The way from an entry to the root.
     *
     * @param root the digest that commits to all entries
     * @param path the digests that are missing on the way, from the leaf up
     */
    public record Inclusion(Digest root, List<Digest> path) {

        public Inclusion {
            path = List.copyOf(path);
        }
    }

    /**
     * The digest that commits to the entries and to their order.
     *
     * @param size how many entries are taken
     * @throws java.util.NoSuchElementException if there are fewer
     */
    public static Digest root(Iterator<byte[]> entries, long size) {
        if (size == 0) {
            return Digest.sha256(new byte[0]);
        }
        return Digest.of(new MerkleTree(entries).hash(size));
    }

    /**
     * The proof that an entry is one of the entries, at its place.
     *
     * @param size how many entries are taken
     * @param index which one is proved, from 0
     * @throws java.util.NoSuchElementException if there are fewer entries
     */
    public static Inclusion prove(Iterator<byte[]> entries, long size, long index) {
        if (index < 0 || index >= size) {
            throw new IllegalArgumentException("the tree has no such entry");
        }
        MerkleTree tree = new MerkleTree(entries);
        byte[] root = tree.hash(size, index);
        return new Inclusion(Digest.of(root), tree.path);
    }

    /**
     * The root of the tree to which a proof leads; empty if no tree of that size has a path of that length there.
     *
     * <p>The proof holds if this is the root that is known from elsewhere.
     */
    public static Optional<Digest> rootOf(byte[] entry, long size, long index, List<Digest> path) {
        if (index < 0 || index >= size) {
            return Optional.empty();
        }
        MerkleTree tree = new MerkleTree(List.<byte[]>of().iterator());
        byte[] hash = tree.leaf(entry);
        long place = index;
        long last = size - 1;
        for (Digest sibling : path) {
            if (last == 0) {
                return Optional.empty();
            }
            if ((place & 1) == 1 || place == last) {
                hash = tree.node(sibling.bytes(), hash);
                // The last node of a level that has no sibling moves up unchanged.
                int up = Long.numberOfTrailingZeros(place);
                place >>= up;
                last >>= up;
            } else {
                hash = tree.node(hash, sibling.bytes());
            }
            place >>= 1;
            last >>= 1;
        }
        return last == 0 ? Optional.of(Digest.of(hash)) : Optional.empty();
    }

    /** The hash of the subtree over the next entries. */
    private byte[] hash(long size) {
        if (size == 1) {
            return leaf(entries.next());
        }
        long left = left(size);
        byte[] first = hash(left);
        return node(first, hash(size - left));
    }

    /** The same, noting what the entry at that place needs on its way up. */
    private byte[] hash(long size, long index) {
        if (size == 1) {
            return leaf(entries.next());
        }
        long left = left(size);
        boolean inLeft = index < left;
        byte[] first = inLeft ? hash(left, index) : hash(left);
        byte[] second = inLeft ? hash(size - left) : hash(size - left, index - left);
        path.add(Digest.of(inLeft ? second : first));
        return node(first, second);
    }

    /** How many entries the left subtree has: the largest power of two that leaves some for the right one. */
    private static long left(long size) {
        return Long.highestOneBit(size - 1);
    }

    private byte[] leaf(byte[] entry) {
        sha256.update(LEAF);
        return sha256.digest(entry);
    }

    private byte[] node(byte[] left, byte[] right) {
        sha256.update(NODE);
        sha256.update(left);
        return sha256.digest(right);
    }
}
