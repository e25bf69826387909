package ephemera.core.vault;

import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The trees that were used last, as many as fit into a bound.
 *
 * <p>What was read from the store before a change of keys is not kept after it: who reads notes {@link #changes} first.
 * What leaves is erased; who still holds it is told by {@link KeyTree#isErased}. Thread-safe.
 */
final class Covers {

    /** Which tree it is. */
    record Name(Slice slice, long tree) {}

    private final long room;
    private final Map<Name, KeyTree> trees = new LinkedHashMap<>(16, 0.75f, true);
    private long changes;
    private long used;

    /** Keeps trees of that many bytes. */
    Covers(long room) {
        this.room = room;
    }

    /** How many changes of keys there were. */
    synchronized long changes() {
        return changes;
    }

    synchronized Optional<KeyTree> get(Name name) {
        return Optional.ofNullable(trees.get(name));
    }

    /** Keeps a tree that was read, unless keys were changed since; whether it is kept. */
    synchronized boolean keep(Name name, KeyTree tree, long changesBefore) {
        return changes == changesBefore && tree.bytes() <= room && put(name, tree);
    }

    /** Keeps what a tree has become. */
    synchronized void replace(Name name, KeyTree tree) {
        changes++;
        remove(name);
        if (tree.bytes() <= room) {
            put(name, tree);
        }
    }

    private boolean put(Name name, KeyTree tree) {
        remove(name);
        used += tree.bytes();
        trees.put(name, tree);
        Iterator<KeyTree> eldest = trees.values().iterator();
        while (used > room) {
            KeyTree old = eldest.next();
            eldest.remove();
            used -= old.bytes();
            old.erase();
        }
        return true;
    }

    /** Forgets a tree. */
    synchronized void drop(Name name) {
        changes++;
        remove(name);
    }

    private void remove(Name name) {
        Optional.ofNullable(trees.remove(name)).ifPresent(old -> {
            used -= old.bytes();
            old.erase();
        });
    }

    /** Forgets the trees of a slice. */
    synchronized void drop(Slice slice) {
        changes++;
        trees.keySet().stream().filter(name -> name.slice().equals(slice)).toList().forEach(this::remove);
    }

    /** Forgets the trees of all slices that are over at an instant. */
    synchronized void dropOver(Instant now) {
        List<Name> over = trees.keySet().stream().filter(name -> !name.slice().end().isAfter(now)).toList();
        if (!over.isEmpty()) {
            changes++;
            over.forEach(this::remove);
        }
    }

    /** Forgets every tree. */
    synchronized void clear() {
        changes++;
        trees.values().forEach(KeyTree::erase);
        trees.clear();
        used = 0;
    }
}
