package ephemera.core.vault;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** A key store that lasts as long as the test. */
public final class KeysInMemory implements KeyStore {

    private final Map<Slice, Map<Long, Stored>> trees = new TreeMap<>();
    private final Map<String, byte[]> secrets = new TreeMap<>();

    @Override
    public synchronized Optional<Stored> read(Slice slice, long tree) {
        return Optional.ofNullable(trees.getOrDefault(slice, Map.of()).get(tree))
                .map(stored -> new Stored(stored.cover().clone(), stored.version()));
    }

    @Override
    public synchronized boolean write(Slice slice, long tree, byte[] cover, long expectedVersion) {
        long version = read(slice, tree).map(Stored::version).orElse(0L);
        if (version != expectedVersion) {
            return false;
        }
        trees.computeIfAbsent(slice, _ -> new TreeMap<>()).put(tree, new Stored(cover.clone(), version + 1));
        return true;
    }

    @Override
    public synchronized void destroy(Slice slice) {
        trees.remove(slice);
    }

    @Override
    public synchronized Set<Slice> slices() {
        return Set.copyOf(trees.keySet());
    }

    @Override
    public synchronized Set<Long> trees(Slice slice) {
        return Set.copyOf(trees.getOrDefault(slice, Map.of()).keySet());
    }

    @Override
    public synchronized Optional<byte[]> secret(String name) {
        return Optional.ofNullable(secrets.get(name)).map(byte[]::clone);
    }

    @Override
    public synchronized byte[] secret(String name, Supplier<byte[]> first) {
        return secrets.computeIfAbsent(name, _ -> first.get().clone()).clone();
    }

    @Override
    public synchronized void exportTo(DataOutput out) throws IOException {
        out.writeInt(secrets.size());
        for (Map.Entry<String, byte[]> secret : secrets.entrySet()) {
            out.writeUTF(secret.getKey());
            bytes(out, secret.getValue());
        }
        out.writeInt(trees.values().stream().mapToInt(Map::size).sum());
        for (Map.Entry<Slice, Map<Long, Stored>> slice : trees.entrySet()) {
            for (Map.Entry<Long, Stored> tree : slice.getValue().entrySet()) {
                out.writeLong(slice.getKey().code());
                out.writeLong(tree.getKey());
                out.writeLong(tree.getValue().version());
                bytes(out, tree.getValue().cover());
            }
        }
    }

    @Override
    public synchronized void importFrom(DataInput in) throws IOException {
        if (!trees.isEmpty() || !secrets.isEmpty()) {
            throw new IllegalStateException("the key store is not empty");
        }
        for (int left = in.readInt(); left > 0; left--) {
            secrets.put(in.readUTF(), bytes(in));
        }
        for (int left = in.readInt(); left > 0; left--) {
            Slice slice = Slice.ofCode(in.readLong()).orElseThrow();
            long tree = in.readLong();
            long version = in.readLong();
            trees.computeIfAbsent(slice, _ -> new TreeMap<>()).put(tree, new Stored(bytes(in), version));
        }
    }

    private static void bytes(DataOutput out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static byte[] bytes(DataInput in) throws IOException {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return bytes;
    }

    @Override
    public String toString() {
        return trees.keySet().stream().map(Slice::toString).collect(Collectors.joining(" "));
    }
}
