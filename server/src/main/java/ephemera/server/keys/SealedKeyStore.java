package ephemera.server.keys;

import ephemera.core.vault.KeyStore;
import ephemera.core.vault.Slice;
import ephemera.server.StartFailure;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What the key stores have in common: everything goes through an {@link Envelope}, in the store and in a backup.
 *
 * <p>A backup is a line of text, the id of the root key, for each place its kind, its name and its envelope, and the
 * number of places as the end.
 */
abstract class SealedKeyStore implements KeyStore {

    private static final String EXPORT = "ephemera keys 1";
    private static final byte END = 0;
    private static final byte TREE = 1;
    private static final byte SECRET = 2;
    private static final int LONGEST_SECRET = 64 * 1024;

    private final RootKey root;

    SealedKeyStore(RootKey root) {
        this.root = root;
    }

    /** What is in a place, sealed; empty if there is nothing (any more). */
    abstract Optional<byte[]> load(Slot slot);

    /** Stores an envelope, if the version that is stored is that one; 0 for none. */
    abstract boolean store(Slot slot, byte[] envelope, long expectedVersion);

    /** The places that hold something. */
    abstract List<Slot> slots();

    /** What a message calls a place. */
    abstract String place(Slot slot);

    RootKey root() {
        return root;
    }

    private Optional<Stored> read(Slot slot) {
        return load(slot).map(bytes -> Envelope.open(root, slot, bytes, place(slot)));
    }

    @Override
    public final Optional<Stored> read(Slice slice, long tree) {
        return read(new Slot.Tree(slice, tree));
    }

    @Override
    public final boolean write(Slice slice, long tree, byte[] cover, long expectedVersion) {
        Slot slot = new Slot.Tree(slice, tree);
        return store(slot, Envelope.seal(root, slot, expectedVersion + 1, cover), expectedVersion);
    }

    @Override
    public final Optional<byte[]> secret(String name) {
        return read(new Slot.Secret(name)).map(Stored::cover);
    }

    @Override
    public final byte[] secret(String name, Supplier<byte[]> first) {
        Optional<byte[]> known = secret(name);
        if (known.isPresent()) {
            return known.get();
        }
        byte[] made = first.get();
        if (made.length > LONGEST_SECRET) {
            throw new IllegalArgumentException("a secret has at most " + LONGEST_SECRET + " bytes");
        }
        Slot slot = new Slot.Secret(name);
        if (store(slot, Envelope.seal(root, slot, 1, made), 0)) {
            return made.clone();
        }
        return secret(name).orElseThrow(() -> new IllegalStateException("secrets are never removed"));
    }

    /** Seals with the root key of this store what an older root key has sealed. */
    abstract void reseal(RootKey old);

    /**
     * An envelope of an older root key, sealed anew as the next version: who has read the old one cannot replace it.
     */
    final byte[] resealed(RootKey old, Slot slot, byte[] envelope) {
        Stored stored = Envelope.open(old, slot, envelope, place(slot));
        try {
            return Envelope.seal(root, slot, stored.version() + 1, stored.cover());
        } finally {
            Arrays.fill(stored.cover(), (byte) 0);
        }
    }

    /**
     * Opens everything with one of some root keys.
     *
     * @return how much there is
     * @throws StartFailure if something was sealed with another one
     * @throws Damaged if something is not what was stored
     */
    final long requireOpens(List<RootKey> roots) {
        long count = 0;
        for (Slot slot : slots()) {
            Optional<byte[]> envelope = load(slot);
            if (envelope.isPresent()) {
                String place = place(slot);
                RootKey key = Envelope.rootOf(roots, envelope.get(), place)
                        .orElseThrow(() -> new StartFailure(place + " was sealed with neither the root key that is"
                                + " configured nor the new one: configure the one from before the change that was"
                                + " begun, and run the same command again."));
                Arrays.fill(Envelope.open(key, slot, envelope.get(), place).cover(), (byte) 0);
                count++;
            }
        }
        return count;
    }

    /**
     * Makes sure that all was sealed with the root key of this store.
     *
     * @param own whether something was
     * @param other whether something whole was sealed with another one
     * @param where what a message calls the store
     * @throws StartFailure otherwise
     */
    final void requireRoot(boolean own, boolean other, String where) {
        if (other && (own || root.hasSuccessor())) {
            throw new StartFailure("The change of the root key of the keys in " + where + " is not finished: run the"
                    + " same \"root-key change\" again, with the configuration of before.");
        }
        if (other) {
            throw new StartFailure("The root key is not the one that the keys in " + where + " were sealed with:"
                    + " configure that one, or restore the keys that belong to this one.");
        }
    }

    @Override
    public final void exportTo(DataOutput out) throws IOException {
        out.writeUTF(EXPORT);
        out.write(root.id());
        long count = 0;
        for (Slot slot : slots()) {
            Optional<byte[]> envelope = load(slot);
            if (envelope.isPresent()) {
                // A backup of something damaged would be none.
                Arrays.fill(Envelope.open(root, slot, envelope.get(), place(slot)).cover(), (byte) 0);
                name(out, slot);
                out.writeInt(envelope.get().length);
                out.write(envelope.get());
                count++;
            }
        }
        out.writeByte(END);
        out.writeLong(count);
    }

    private static void name(DataOutput out, Slot slot) throws IOException {
        switch (slot) {
            case Slot.Tree(Slice slice, long number) -> {
                out.writeByte(TREE);
                out.writeLong(slice.code());
                out.writeLong(number);
            }
            case Slot.Secret(String name) -> {
                out.writeByte(SECRET);
                out.writeUTF(name);
            }
        }
    }

    @Override
    public final void importFrom(DataInput in) throws IOException {
        if (!slots().isEmpty()) {
            throw new IllegalStateException("The key store is not empty.");
        }
        require(in.readUTF().equals(EXPORT), "it is no backup of keys that this release knows");
        byte[] id = new byte[RootKey.ID];
        in.readFully(id);
        require(Arrays.equals(id, root.id()), "it was sealed with another root key");
        long count = 0;
        for (byte kind = in.readByte(); kind != END; kind = in.readByte()) {
            Slot slot = slot(in, kind);
            int length = in.readInt();
            require(length >= 0 && length <= Envelope.LARGEST, "an entry has an impossible length");
            byte[] envelope = new byte[length];
            in.readFully(envelope);
            try {
                Arrays.fill(Envelope.open(root, slot, envelope, "an entry").cover(), (byte) 0);
            } catch (Damaged e) {
                throw new IOException("The backup of the keys cannot be used: " + e.getMessage() + ".", e);
            }
            require(store(slot, envelope, 0), "an entry is there twice");
            count++;
        }
        require(in.readLong() == count, "its end does not fit its beginning");
    }

    private static Slot slot(DataInput in, byte kind) throws IOException {
        try {
            return switch (kind) {
                case TREE -> new Slot.Tree(Slice.ofCode(in.readLong()).orElseThrow(), in.readLong());
                case SECRET -> new Slot.Secret(in.readUTF());
                default -> throw new StreamCorruptedException("The backup of the keys has an unknown entry.");
            };
        } catch (IllegalArgumentException | NoSuchElementException e) {
            throw new IOException("The backup of the keys has an entry without a proper name.", e);
        }
    }

    private static void require(boolean fits, String otherwise) throws IOException {
        if (!fits) {
            throw new StreamCorruptedException("The backup of the keys cannot be used: " + otherwise + ".");
        }
    }
}
