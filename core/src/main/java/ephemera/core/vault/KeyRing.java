package ephemera.core.vault;

import ephemera.core.Failure;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The keys that seal content: each is given out once, found again while it lives, and gone for ever once it is
 * punctured or its slice destroyed.
 *
 * <p>Each process grows its own trees, so that giving out a key asks nobody. A tree is in the store before its first
 * leaf is given out, and a process never goes on with a tree of an earlier run. Nothing of a leaf that was given out
 * stays in memory but in the bounded cache of trees for reading.
 *
 * <p>Every method throws what the {@link KeyStore} throws. Thread-safe.
 */
public final class KeyRing {

    /** How much memory the trees for reading take unless told otherwise: 64 MB. */
    public static final long DEFAULT_CACHE = 64L << 20;

    /** How many destroyed slices are remembered; by far more than end in a month. */
    private static final int REMEMBERED = 50_000;

    private static final int LOCKS = 64;

    private final KeyStore store;
    private final RandomGenerator random;
    private final Covers covers;
    private final Map<Slice, Source> sources = new ConcurrentHashMap<>();
    private final Queue<Slice> destroyed = new ArrayDeque<>();
    /** Who changes or loads a tree holds one of these, so that a large tree is loaded once. */
    private final Object[] locks =
            IntStream.range(0, LOCKS).mapToObj(_ -> new Object()).toArray();

    /**
     * Makes keys from that randomness.
     *
     * @param random a secure one in production, safe for use by several threads
     * @param cacheBytes how much memory the trees for reading may take
     */
    public KeyRing(KeyStore store, RandomGenerator random, long cacheBytes) {
        this.store = store;
        this.random = random;
        this.covers = new Covers(cacheBytes);
    }

    /**
     * A key that nothing was sealed with.
     *
     * @param id by which it is found again
     * @param key of {@link Seal#KEY} bytes, the caller's own
     */
    public record Issued(KeyId id, byte[] key) {}

    /**
     * Gives out a key.
     *
     * @throws ephemera.core.Refused with {@code UNAVAILABLE} if this process destroyed the slice, or if the store
     *     cannot take a new tree at the moment
     */
    public Issued issue(Slice slice) {
        return source(slice).issue();
    }

    /**
     * Stores a tree for a slice ahead of its first use, so that nobody waits for the store then; if there is one
     * already, nothing is done.
     *
     * @throws ephemera.core.Refused as {@link #issue} does
     */
    public void prepare(Slice slice) {
        source(slice).prepare();
    }

    private Source source(Slice slice) {
        Optional<Source> known = Optional.ofNullable(sources.get(slice));
        return known.orElseGet(() -> sources.computeIfAbsent(slice, Source::new));
    }

    /** Where the keys of a slice come from. */
    private final class Source {

        private final Slice slice;
        private Optional<KeyTree.Cursor> cursor = Optional.empty();
        private long tree;
        private boolean closed;

        Source(Slice slice) {
            this.slice = slice;
        }

        synchronized Issued issue() {
            KeyTree.Cursor leaves = leaves();
            KeyId id = new KeyId(slice, tree, leaves.leaf());
            return new Issued(id, leaves.next());
        }

        synchronized void prepare() {
            leaves();
        }

        private KeyTree.Cursor leaves() {
            if (closed) {
                throw Failure.UNAVAILABLE.refused("The keys of this time are destroyed.");
            }
            return cursor.filter(KeyTree.Cursor::hasNext).orElseGet(this::plant);
        }

        /** Makes the next tree; once it is stored its leaves are given out. */
        private KeyTree.Cursor plant() {
            byte[] seed = new byte[KeyTree.SEED];
            random.nextBytes(seed);
            KeyTree whole = KeyTree.whole(seed);
            byte[] cover = whole.encode();
            try {
                long number = random.nextLong() >>> 1;
                while (!store.write(slice, number, cover, 0)) {
                    number = random.nextLong() >>> 1;
                }
                KeyTree.Cursor leaves = KeyTree.cursor(seed);
                tree = number;
                cursor = Optional.of(leaves);
                return leaves;
            } finally {
                whole.erase();
                Arrays.fill(seed, (byte) 0);
                Arrays.fill(cover, (byte) 0);
            }
        }

        /** Ends it; who waits for a key is refused. Whether it was open. */
        synchronized boolean close() {
            boolean first = !closed;
            closed = true;
            cursor.ifPresent(KeyTree.Cursor::erase);
            cursor = Optional.empty();
            return first;
        }
    }

    /** The key with that id; empty if it is punctured or destroyed, or was never given out by anybody. */
    public Optional<byte[]> find(KeyId id) {
        Covers.Name name = new Covers.Name(id.slice(), id.tree());
        while (true) {
            Optional<KeyTree> known = covers.get(name);
            Optional<KeyTree> tree = known.isPresent() ? known : load(name);
            Optional<byte[]> key = tree.flatMap(nodes -> nodes.find(id.leaf()));
            if (key.isPresent() || tree.isEmpty() || !tree.get().isErased()) {
                return key;
            }
            // It left the cache while we looked.
        }
    }

    private Optional<KeyTree> load(Covers.Name name) {
        synchronized (lock(name)) {
            Optional<KeyTree> known = covers.get(name);
            if (known.isPresent()) {
                return known;
            }
            long before = covers.changes();
            Optional<KeyTree> tree = store.read(name.slice(), name.tree()).map(KeyRing::decoded);
            tree.ifPresent(nodes -> covers.keep(name, nodes, before));
            return tree;
        }
    }

    private Object lock(Covers.Name name) {
        return locks[Math.floorMod(name.hashCode(), LOCKS)];
    }

    private static KeyTree decoded(KeyStore.Stored stored) {
        try {
            return KeyTree.decode(stored.cover());
        } finally {
            Arrays.fill(stored.cover(), (byte) 0);
        }
    }

    /**
     * Destroys single keys; they are gone when this returns, and those that are gone already are passed over.
     *
     * <p>Costs one write for each tree, of 33 bytes for each node that is left of it: gather what dies within the bound
     * that is promised, and puncture it together. If the store fails half-way some of the keys are gone; the same call
     * may be repeated.
     */
    public void puncture(Collection<KeyId> ids) {
        Map<Covers.Name, int[]> leaves = ids.stream()
                .collect(Collectors.groupingBy(
                        id -> new Covers.Name(id.slice(), id.tree()),
                        Collectors.collectingAndThen(
                                Collectors.toList(),
                                those -> those.stream().mapToInt(KeyId::leaf).toArray())));
        leaves.forEach(this::puncture);
        store.settle();
    }

    private void puncture(Covers.Name name, int[] leaves) {
        synchronized (lock(name)) {
            Optional<KeyStore.Stored> stored = store.read(name.slice(), name.tree());
            while (stored.isPresent() && !punctured(name, leaves, stored.get())) {
                stored = store.read(name.slice(), name.tree());
            }
            if (stored.isEmpty()) {
                covers.drop(name);
            }
        }
    }

    /** Stores what is left of a tree; false if another process stored it in the meantime. */
    private boolean punctured(Covers.Name name, int[] leaves, KeyStore.Stored stored) {
        KeyTree before = decoded(stored);
        KeyTree after = before.puncture(leaves);
        before.erase();
        if (after.living() != before.living()) {
            byte[] cover = after.encode();
            try {
                if (!store.write(name.slice(), name.tree(), cover, stored.version())) {
                    after.erase();
                    return false;
                }
            } finally {
                Arrays.fill(cover, (byte) 0);
            }
        }
        covers.replace(name, after);
        return true;
    }

    /**
     * Destroys every key of a slice, and refuses to make new ones for it in this process.
     *
     * <p>They are gone when this returns; a slice without keys is no failure. If the store fails, call it again: until
     * then the slice is refused here all the same. Another process that made keys for the slice destroys them by
     * itself.
     */
    public void destroy(Slice slice) {
        boolean first = source(slice).close();
        covers.drop(slice);
        store.destroy(slice);
        // Who was reading in the meantime may have kept what it read.
        covers.drop(slice);
        if (first) {
            remember(slice);
        }
        store.settle();
    }

    private void remember(Slice slice) {
        synchronized (destroyed) {
            destroyed.add(slice);
            if (destroyed.size() > REMEMBERED) {
                sources.remove(destroyed.remove());
            }
        }
    }

    /** The slices that have keys. */
    public Set<Slice> slices() {
        return store.slices();
    }

    /**
     * Forgets the keys of all slices that are over at an instant, whoever destroyed them: here none is found, and none
     * given out, any more.
     */
    public void forgetOver(Instant now) {
        for (Map.Entry<Slice, Source> each : sources.entrySet()) {
            if (!each.getKey().end().isAfter(now) && each.getValue().close()) {
                remember(each.getKey());
            }
        }
        covers.dropOver(now);
    }

    /** Forgets the trees for reading, so that what other processes punctured or destroyed is not found here either. */
    public void forget() {
        covers.clear();
    }
}
