package ephemera.core.vault;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;

/**
 * What is left of a puncturable tree of keys: the fewest nodes from which every living leaf's key, and no other, can be
 * computed (the construction of Goldreich, Goldwasser and Micali).
 *
 * <p>A node is a seed of 32 bytes. The seeds of its children are {@code SHA-256(0 ‖ seed)} and
 * {@code SHA-256(1 ‖ seed)} and the key of a leaf is {@code SHA-256(2 ‖ seed)}, so nothing leads from a node to its
 * siblings or its parent. A leaf is punctured by replacing the node above it by the siblings along the path. At worst,
 * when every other leaf is punctured, 2<sup>19</sup> nodes are left: 17 MB. A tree that no leaf was taken from is one
 * node: 34 bytes.
 *
 * <p>Immutable, and so thread-safe, until it is {@linkplain #erase erased}.
 */
final class KeyTree {

    /** How many levels are below the root. */
    static final int DEPTH = 20;

    /** How many leaves a tree has. */
    static final int LEAVES = 1 << DEPTH;

    /** How many bytes a seed and a key have. */
    static final int SEED = 32;

    private static final byte LEFT = 0;
    private static final byte RIGHT = 1;
    private static final byte KEY = 2;
    private static final byte FORMAT = 1;
    /** In the byte before a seed: the level in five bits, and the gap before the node in three if it is small. */
    private static final int LONG_GAP = 7;

    private static final int HEADER = 5;
    private static final int LONGEST_NODE = 4 + SEED;

    /** The first leaf below each node, ascending; nodes never overlap. */
    private final int[] first;
    /** How many levels are below each node. */
    private final byte[] height;
    /** One seed after the other. */
    private final byte[] seeds;

    private final ReentrantLock walking = new ReentrantLock();
    /** The way to the leaf that was found last: that to its neighbour begins with it. For who has the lock. */
    private final Way lastWay = new Way();

    private volatile boolean erased;

    private KeyTree(int[] first, byte[] height, byte[] seeds) {
        this.first = first;
        this.height = height;
        this.seeds = seeds;
    }

    /** The seeds from a node down to a leaf, by their levels. */
    private static final class Way {

        private final byte[] seeds = new byte[(DEPTH + 1) * SEED];
        private int leaf = -1;

        void erase() {
            Arrays.fill(seeds, (byte) 0);
        }
    }

    /** The tree in which every leaf lives, grown from a copy of the seed. */
    static KeyTree whole(byte[] seed) {
        if (seed.length != SEED) {
            throw new IllegalArgumentException("a seed has " + SEED + " bytes");
        }
        return new KeyTree(new int[1], new byte[] {DEPTH}, seed.clone());
    }

    /** How many nodes are left. */
    int nodes() {
        return first.length;
    }

    /** How many leaves live. */
    int living() {
        return IntStream.range(0, height.length).map(node -> 1 << height[node]).sum();
    }

    /** About how many bytes of memory it takes. */
    long bytes() {
        return 300L + lastWay.seeds.length + (long) first.length * (Integer.BYTES + 1 + SEED);
    }

    /**
     * The key of a leaf; empty if it is punctured. Costs at most 21 hashes, and three on average for the leaf after the
     * one that was found last.
     */
    Optional<byte[]> find(int leaf) {
        int node = above(leaf);
        if (node < 0) {
            return Optional.empty();
        }
        boolean alone = walking.tryLock();
        Way way = alone ? lastWay : new Way();
        try {
            byte[] key = walk(way, leaf, node);
            // Zeroes that were read while another thread erased are told from seeds by the flag that was set before.
            VarHandle.fullFence();
            return erased ? Optional.empty() : Optional.of(key);
        } finally {
            if (alone) {
                walking.unlock();
            } else {
                way.erase();
            }
        }
    }

    /** Goes down to a leaf from where it is no longer the way to the last one. */
    private byte[] walk(Way way, int leaf, int node) {
        int level = Integer.SIZE - Integer.numberOfLeadingZeros(leaf ^ way.leaf);
        if (level > height[node]) {
            level = height[node];
            System.arraycopy(seeds, node * SEED, way.seeds, level * SEED, SEED);
        }
        way.leaf = leaf;
        MessageDigest hash = hash();
        for (int below = level - 1; below >= 0; below--) {
            byte which = (leaf >> below & 1) == 0 ? LEFT : RIGHT;
            step(hash, which, way.seeds, (below + 1) * SEED, way.seeds, below * SEED);
        }
        byte[] key = new byte[SEED];
        step(hash, KEY, way.seeds, 0, key, 0);
        return key;
    }

    /** The place of the node that a leaf is below; negative if there is none. */
    private int above(int leaf) {
        if (leaf < 0 || leaf >= LEAVES) {
            return -1;
        }
        int place = Arrays.binarySearch(first, leaf);
        int node = place >= 0 ? place : -place - 2;
        return node >= 0 && leaf - first[node] < 1 << height[node] ? node : -1;
    }

    /**
     * The tree without those leaves.
     *
     * <p>Leaves that are punctured already, or that no tree has, are passed over. Costs a copy of the tree and at most
     * 40 hashes for each leaf.
     */
    KeyTree puncture(int... leaves) {
        int[] dead = Arrays.stream(leaves).sorted().distinct().filter(leaf -> above(leaf) >= 0).toArray();
        Growing grown = new Growing(first.length + Math.min(dead.length * DEPTH, LEAVES / 2));
        MessageDigest hash = hash();
        int from = 0;
        for (int node = 0; node < first.length; node++) {
            int to = from;
            while (to < dead.length && dead[to] - first[node] < 1 << height[node]) {
                to++;
            }
            split(hash, first[node], height[node], Arrays.copyOfRange(seeds, node * SEED, (node + 1) * SEED), dead,
                    from,
                    to, grown);
            from = to;
        }
        return grown.done();
    }

    /** Adds what is left of a node; those of the dead leaves that are below it are {@code dead[from]} to {@code to}. */
    private static void split(
            MessageDigest hash, int first, int height, byte[] seed, int[] dead, int from, int to, Growing grown) {
        if (from == to) {
            grown.add(first, height, seed);
        } else if (height > 0) {
            int middle = first + (1 << (height - 1));
            int cut = from;
            while (cut < to && dead[cut] < middle) {
                cut++;
            }
            byte[] child = new byte[SEED];
            step(hash, LEFT, seed, 0, child, 0);
            split(hash, first, height - 1, child, dead, from, cut, grown);
            step(hash, RIGHT, seed, 0, child, 0);
            split(hash, middle, height - 1, child, dead, cut, to, grown);
            Arrays.fill(child, (byte) 0);
        }
        Arrays.fill(seed, (byte) 0);
    }

    /** A tree to which nodes are added in their order. */
    private static final class Growing {

        private final int[] first;
        private final byte[] height;
        private final byte[] seeds;
        private int count;

        Growing(int room) {
            first = new int[room];
            height = new byte[room];
            seeds = new byte[room * SEED];
        }

        void add(int leaf, int level, byte[] seed) {
            first[count] = leaf;
            height[count] = (byte) level;
            System.arraycopy(seed, 0, seeds, count * SEED, SEED);
            count++;
        }

        KeyTree done() {
            KeyTree tree = new KeyTree(
                    Arrays.copyOf(first, count), Arrays.copyOf(height, count), Arrays.copyOf(seeds, count * SEED));
            Arrays.fill(seeds, (byte) 0);
            return tree;
        }
    }

    /** Zeroes the seeds; afterwards nothing is found. */
    void erase() {
        erased = true;
        VarHandle.fullFence();
        Arrays.fill(seeds, (byte) 0);
        walking.lock();
        try {
            lastWay.erase();
        } finally {
            walking.unlock();
        }
    }

    /** Whether its seeds are zeroed, so that nothing found says nothing about a leaf. */
    boolean isErased() {
        return erased;
    }

    /** The tree as bytes, 33 to 36 for each node; the caller zeroes them after use. */
    byte[] encode() {
        ByteBuffer bytes = ByteBuffer.allocate(HEADER + first.length * LONGEST_NODE);
        bytes.put(FORMAT).putInt(first.length);
        int end = 0;
        for (int node = 0; node < first.length; node++) {
            int gap = first[node] - end;
            if (gap < LONG_GAP) {
                bytes.put((byte) (height[node] << 3 | gap));
            } else {
                bytes.put((byte) (height[node] << 3 | LONG_GAP)).put((byte) (gap >> 16)).putShort((short) gap);
            }
            bytes.put(seeds, node * SEED, SEED);
            end = first[node] + (1 << height[node]);
        }
        byte[] exact = Arrays.copyOf(bytes.array(), bytes.position());
        Arrays.fill(bytes.array(), (byte) 0);
        return exact;
    }

    /**
     * The tree that was encoded so.
     *
     * @throws IllegalArgumentException for everything that {@link #encode} never makes
     */
    static KeyTree decode(byte[] encoded) {
        ByteBuffer bytes = ByteBuffer.wrap(encoded);
        require(encoded.length >= HEADER && bytes.get() == FORMAT);
        int count = bytes.getInt();
        require(count >= 0 && count <= LEAVES / 2 && bytes.remaining() >= (long) count * (1 + SEED));
        int[] first = new int[count];
        byte[] height = new byte[count];
        byte[] seeds = new byte[count * SEED];
        int end = 0;
        for (int node = 0; node < count; node++) {
            require(bytes.remaining() >= 1 + SEED);
            int head = bytes.get() & 0xff;
            int gap = head & LONG_GAP;
            if (gap == LONG_GAP) {
                require(bytes.remaining() >= 3 + SEED);
                gap = (bytes.get() & 0xff) << 16 | (bytes.getShort() & 0xffff);
                require(gap >= LONG_GAP);
            }
            first[node] = end + gap;
            height[node] = (byte) (head >> 3);
            require(height[node] <= DEPTH && (first[node] & ((1 << height[node]) - 1)) == 0);
            end = first[node] + (1 << height[node]);
            require(end <= LEAVES);
            bytes.get(seeds, node * SEED, SEED);
        }
        require(!bytes.hasRemaining());
        return new KeyTree(first, height, seeds);
    }

    private static void require(boolean fits) {
        if (!fits) {
            throw new IllegalArgumentException("this is no key tree");
        }
    }

    /** Gives out the keys of a whole tree in their order, at a cost of three hashes each on average. */
    static Cursor cursor(byte[] seed) {
        return new Cursor(seed);
    }

    /**
     * The way along the leaves, which remembers no more than the nodes to the right of it: from the leaves that were
     * passed nothing is left.
     *
     * <p>Not thread-safe.
     */
    static final class Cursor {

        private final MessageDigest hash = hash();
        /** Where the right siblings of the path are, one for each level; what is above the last leaf is zeroed. */
        private final byte[] pending = new byte[(DEPTH + 1) * SEED];

        private int leaf;

        private Cursor(byte[] seed) {
            System.arraycopy(seed, 0, pending, DEPTH * SEED, SEED);
        }

        /** The number of the next leaf; the number of leaves if there is none. */
        int leaf() {
            return leaf;
        }

        /** Whether a leaf is left. */
        boolean hasNext() {
            return leaf < LEAVES;
        }

        /** The key of the next leaf. */
        byte[] next() {
            if (!hasNext()) {
                throw new IllegalStateException("every leaf is given out");
            }
            // The node that begins with this leaf is the pending one as high as the leaf has zeroes at its end.
            int level = leaf == 0 ? DEPTH : Integer.numberOfTrailingZeros(leaf);
            byte[] seed = new byte[SEED];
            System.arraycopy(pending, level * SEED, seed, 0, SEED);
            Arrays.fill(pending, level * SEED, (level + 1) * SEED, (byte) 0);
            while (level > 0) {
                level--;
                step(hash, RIGHT, seed, 0, pending, level * SEED);
                step(hash, LEFT, seed, 0, seed, 0);
            }
            step(hash, KEY, seed, 0, seed, 0);
            leaf++;
            return seed;
        }

        /** Zeroes what it remembers; it has no next leaf afterwards. */
        void erase() {
            leaf = LEAVES;
            Arrays.fill(pending, (byte) 0);
        }
    }

    private static void step(MessageDigest hash, byte which, byte[] seed, int from, byte[] into, int at) {
        try {
            hash.update(which);
            hash.update(seed, from, SEED);
            hash.digest(into, at, SEED);
        } catch (DigestException e) {
            throw new IllegalStateException(e);
        }
    }

    private static MessageDigest hash() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
