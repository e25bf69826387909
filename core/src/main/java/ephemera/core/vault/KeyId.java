package ephemera.core.vault;

/**
 * Which key seals something: content-free, and of no use once the key is destroyed.
 *
 * @param slice with whose end it is destroyed at the latest
 * @param tree the key tree of the slice that it is a leaf of
 * @param leaf its number in the tree, from 0
 */
public record KeyId(Slice slice, long tree, int leaf) {

    public KeyId {
        if (leaf < 0) {
            throw new IllegalArgumentException("leaves are numbered from 0");
        }
    }

    @Override
    public String toString() {
        return slice + "/" + Long.toUnsignedString(tree, 36) + "/" + leaf;
    }
}
