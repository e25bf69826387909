package ephemera.server.keys;

import ephemera.core.Failure;
import ephemera.core.vault.Slice;
import ephemera.server.StartFailure;
import ephemera.server.keys.Steps.Step;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Keys in a folder of their own: a folder for each slice, a file for each of its trees.
 *
 * <p>What is replaced or destroyed is overwritten where it is. A disk that writes elsewhere than it is told, or a file
 * system that copies on write, keeps what it likes; such remains are of use to those only who also have the root key.
 * Destroying takes no room. Replacing does, and for a full disk some is kept in reserve.
 *
 * <p>Thread-safe, and safe for several processes of one machine.
 */
public final class FileKeyStore extends SealedKeyStore {

    private static final Logger LOG = System.getLogger(FileKeyStore.class.getName());
    private static final String SECRETS = "secrets";
    private static final String LOCK = "lock";
    private static final String RESERVE = "reserve";
    /** A tree at its largest. */
    private static final int RESERVE_BYTES = 20 << 20;

    private static final int SLICE_DIGITS = Slice.BITS / 4;
    private static final int TREE_DIGITS = 2 * Long.BYTES;

    private final Path folder;
    private final Steps steps;
    private final FolderLock lock;
    private final Reserve reserve;

    private FileKeyStore(Path folder, RootKey root, Steps steps, int reserveBytes) throws IOException {
        super(root);
        this.folder = folder;
        this.steps = steps;
        Disk.createFolder(folder);
        Disk.createFolder(folder.resolve(SECRETS));
        this.lock = new FolderLock(folder.resolve(LOCK));
        this.reserve = new Reserve(folder.resolve(RESERVE), reserveBytes);
    }

    /**
     * Opens the store in that folder, which is made if need be, and finishes or undoes what a crash interrupted.
     *
     * @throws StartFailure if the folder cannot be used, or if what it holds was sealed with another root key
     */
    public static FileKeyStore open(Path folder, RootKey root) {
        return open(folder, root, Steps.OF_A_SERVER, RESERVE_BYTES);
    }

    static FileKeyStore open(Path folder, RootKey root, Steps steps, int reserveBytes) {
        return open(folder, root, steps, reserveBytes, FileKeyStore::requireRoot);
    }

    /** Opens the store under the root key to come, whatever has sealed it; otherwise as {@link #open}. */
    static FileKeyStore openForChange(Path folder, RootKey root) {
        return openForChange(folder, root, Steps.OF_A_SERVER, RESERVE_BYTES);
    }

    static FileKeyStore openForChange(Path folder, RootKey root, Steps steps, int reserveBytes) {
        return open(folder, root, steps, reserveBytes, _ -> {});
    }

    /** What has to hold before a store is used. */
    private interface Condition {

        void check(FileKeyStore store) throws IOException;
    }

    private static FileKeyStore open(
            Path folder, RootKey root, Steps steps, int reserveBytes, Condition condition) {
        try {
            FileKeyStore store = new FileKeyStore(folder, root, steps, reserveBytes);
            return store.lock.hold(() -> {
                store.requireLinks();
                store.recover();
                condition.check(store);
                store.reserve.fill();
                return store;
            });
        } catch (IOException e) {
            throw new StartFailure(
                    "The folder of the keys " + folder + " cannot be used (" + e
                            + "): let the server, and nobody else, write in it.",
                    e);
        }
    }

    /**
     * Whether there are no keys in a folder, so that no root key is needed yet.
     *
     * @throws StartFailure if the folder cannot be read
     */
    public static boolean isEmpty(Path folder) {
        try {
            for (Path sub : list(folder)) {
                if (Files.isDirectory(sub, LinkOption.NOFOLLOW_LINKS) && !list(sub).isEmpty()) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            throw new StartFailure("The folder of the keys " + folder + " cannot be read (" + e + ").", e);
        }
    }

    private void requireLinks() throws IOException {
        Path probe = folder.resolve("probe");
        Files.deleteIfExists(probe);
        try {
            Files.createLink(probe, folder.resolve(LOCK));
            Files.delete(probe);
        } catch (UnsupportedOperationException e) {
            throw new IOException("its file system has no hard links", e);
        } catch (IOException e) {
            // A full disk is no reason not to start: it must go on destroying.
            if (!Disk.isFull(e)) {
                throw e;
            }
        }
    }

    private void recover() throws IOException {
        for (Path sub : folders()) {
            for (Path file : versions(sub)) {
                if (new KeyFile(file, Steps.NONE).recover()) {
                    LOG.log(Level.INFO, "What was interrupted at {0} is brought to its end.", file);
                }
            }
            removeIfEmpty(sub);
        }
    }

    private void requireRoot() throws IOException {
        boolean own = false;
        boolean other = false;
        for (Path sub : folders()) {
            for (Path file : versions(sub)) {
                own |= head(file).filter(head -> Envelope.isOf(root(), head)).isPresent();
                other |= isForeign(file);
            }
        }
        requireRoot(own, other, folder.toString());
    }

    /** The beginning of a file that has one. */
    private static Optional<byte[]> head(Path file) throws IOException {
        return new KeyFile(file, Steps.NONE).head().filter(head -> head.length == Envelope.HEAD);
    }

    /** Whether a file was sealed with another root key; one that is damaged does not tell. */
    private boolean isForeign(Path file) throws IOException {
        boolean claims = head(file).filter(head -> !Envelope.isOf(root(), head)).isPresent();
        return claims && new KeyFile(file, Steps.NONE).read().filter(Envelope::isWhole).isPresent();
    }

    /**
     * Makes sure that nothing new is sealed with a root key that another process has changed meanwhile: a change begins
     * with the secrets.
     */
    private void requireNotChanged() throws IOException {
        for (Path secret : versions(folder.resolve(SECRETS))) {
            if (isForeign(secret)) {
                throw new IOException("the root key was changed while this ran");
            }
        }
    }

    private Path path(Slot slot) {
        return switch (slot) {
            case Slot.Tree(Slice slice, long number) ->
                    path(slice).resolve(HexFormat.of().toHexDigits(number));
            case Slot.Secret(String name) -> folder.resolve(SECRETS).resolve(name);
        };
    }

    private Path path(Slice slice) {
        return folder.resolve(HexFormat.of().toHexDigits(slice.code(), SLICE_DIGITS));
    }

    private KeyFile file(Slot slot) {
        return new KeyFile(path(slot), steps);
    }

    @Override
    String place(Slot slot) {
        return "The file " + path(slot);
    }

    /** Does what only the disk can refuse. */
    private static <T> T onDisk(FolderLock.Work<T> work) {
        try {
            return work.run();
        } catch (IOException e) {
            LOG.log(Level.ERROR, "The store of the keys does not work: {0}", e.toString());
            throw Failure.UNAVAILABLE.refused();
        }
    }

    @Override
    Optional<byte[]> load(Slot slot) {
        return onDisk(() -> {
            Optional<byte[]> bytes = file(slot).read();
            // Perhaps somebody replaced it while it was read; with the lock nobody does.
            return bytes.isEmpty() || Envelope.isWhole(bytes.get()) ? bytes : lock.hold(() -> file(slot).read());
        });
    }

    @Override
    boolean store(Slot slot, byte[] envelope, long expectedVersion) {
        return onDisk(() -> lock.hold(() -> {
            // Of an interrupted attempt the outcome is decided before anybody compares.
            file(slot).recover();
            Optional<byte[]> head = file(slot).head();
            long version = head.isPresent() ? Envelope.version(head.get(), place(slot)) : 0;
            if (version != expectedVersion) {
                return false;
            }
            requireNotChanged();
            put(slot, envelope);
            return true;
        }));
    }

    @Override
    void reseal(RootKey old) {
        for (Slot slot : slots()) {
            onDisk(() -> lock.hold(() -> {
                Optional<byte[]> envelope = file(slot).read();
                if (envelope.isPresent() && !Envelope.isOf(root(), envelope.get())) {
                    put(slot, resealed(old, slot, envelope.get()));
                }
                return slot;
            }));
        }
    }

    private void put(Slot slot, byte[] envelope) throws IOException {
        try {
            replace(slot, envelope);
        } catch (IOException e) {
            replaceWithReserve(slot, envelope, e);
        }
    }

    private void replace(Slot slot, byte[] envelope) throws IOException {
        if (Disk.createFolder(Disk.parent(path(slot)))) {
            steps.done(Step.FOLDER_MADE);
        }
        file(slot).replace(envelope);
        reserve.fill();
    }

    /** Tries again with room from the reserve, as long as there is any: others may take it as it becomes free. */
    private void replaceWithReserve(Slot slot, byte[] envelope, IOException failure) throws IOException {
        file(slot).recover();
        if (!Disk.isFull(failure) || !reserve.giveUp(envelope.length)) {
            removeIfEmpty(Disk.parent(path(slot)));
            throw failure;
        }
        LOG.log(Level.WARNING, "The disk is full: room in reserve is used to replace keys.");
        try {
            replace(slot, envelope);
        } catch (IOException e) {
            replaceWithReserve(slot, envelope, e);
        } finally {
            reserve.takeBack();
        }
    }

    @Override
    public void destroy(Slice slice) {
        onDisk(() -> lock.hold(() -> {
            Path sub = path(slice);
            for (Path file : versions(sub)) {
                new KeyFile(file, steps).destroy();
            }
            if (Files.exists(sub)) {
                Disk.synchronise(sub);
            }
            if (removeIfEmpty(sub)) {
                steps.done(Step.FOLDER_REMOVED);
            }
            Disk.synchronise(folder);
            reserve.fill();
            return slice;
        }));
    }

    /** Removes the folder of a slice that has no trees. */
    private boolean removeIfEmpty(Path sub) throws IOException {
        try {
            return !sub.equals(folder.resolve(SECRETS)) && Files.deleteIfExists(sub);
        } catch (DirectoryNotEmptyException _) {
            return false;
        }
    }

    @Override
    public Set<Slice> slices() {
        return onDisk(() -> {
            Set<Slice> slices = new TreeSet<>();
            folders().forEach(sub -> slice(sub).ifPresent(slices::add));
            return slices;
        });
    }

    @Override
    public Set<Long> trees(Slice slice) {
        return onDisk(() -> {
            Set<Long> trees = new TreeSet<>();
            for (Path file : list(path(slice))) {
                number(file, TREE_DIGITS).ifPresent(trees::add);
            }
            return trees;
        });
    }

    @Override
    List<Slot> slots() {
        return onDisk(() -> {
            List<Slot> slots = new ArrayList<>();
            for (Path file : list(folder.resolve(SECRETS))) {
                String name = file.getFileName().toString();
                if (name.indexOf('.') < 0) {
                    slots.add(new Slot.Secret(name));
                }
            }
            for (Slice slice : slices()) {
                trees(slice).forEach(tree -> slots.add(new Slot.Tree(slice, tree)));
            }
            return slots;
        });
    }

    /** The folders of slices, and that of secrets. */
    private List<Path> folders() throws IOException {
        return list(folder).stream()
                .filter(sub -> slice(sub).isPresent() || sub.endsWith(SECRETS))
                .filter(sub -> Files.isDirectory(sub, LinkOption.NOFOLLOW_LINKS))
                .toList();
    }

    private static Optional<Slice> slice(Path sub) {
        return number(sub, SLICE_DIGITS).flatMap(Slice::ofCode);
    }

    private static Optional<Long> number(Path path, int digits) {
        String name = path.getFileName().toString();
        return name.matches("[0-9a-f]{" + digits + "}")
                ? Optional.of(HexFormat.fromHexDigitsToLong(name))
                : Optional.empty();
    }

    /** The files of a slice by the name that they have, had, or will have. */
    private static Set<Path> versions(Path sub) throws IOException {
        Set<Path> files = new TreeSet<>();
        for (Path file : list(sub)) {
            String name = file.getFileName().toString();
            int end = name.endsWith(KeyFile.NEW) || name.endsWith(KeyFile.DEAD) ? name.lastIndexOf('.') : name.length();
            files.add(file.resolveSibling(name.substring(0, end)));
        }
        return files;
    }

    private static List<Path> list(Path sub) throws IOException {
        try (Stream<Path> files = Files.list(sub)) {
            return files.toList();
        } catch (NoSuchFileException | NotDirectoryException _) {
            return List.of();
        }
    }
}
