package ephemera.server.store;

import ephemera.core.Failure;
import ephemera.core.Ids;
import ephemera.core.vault.BlobKey;
import ephemera.core.vault.Blobs;
import ephemera.core.vault.Epoch;
import ephemera.core.vault.SealingInputStream;
import ephemera.core.vault.SealingOutputStream;
import ephemera.core.vault.Slice;
import ephemera.core.vault.Term;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Files in folders: one for what was just stored, one for each epoch, one for pictures.
 *
 * <p>A file is sealed while it is written, and written in the folder {@code new}; keeping it is a rename. An epoch's
 * folder is renamed first and emptied then, so that its end does not wait for its files. Pictures are not sealed:
 * whoever knows their address may see them. Thread-safe.
 */
public final class FileBlobs implements Blobs {

    private static final Logger LOG = System.getLogger(FileBlobs.class.getName());
    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final String ENDED = "ended-";
    private static final String UNFINISHED = ".part";
    private static final int BUFFER = 64 * 1024;

    private final Path folder;
    private final Path arrived;
    private final Path pictures;
    private final Epochs epochs;
    private final Ids ids;
    private final SecureRandom random;

    /** Opens the store in that folder, which is made if need be, and removes what an earlier run left unfinished. */
    public FileBlobs(Path folder, Epochs epochs, Ids ids, SecureRandom random) throws IOException {
        this(epochs, ids, random, folder);
        removeUnfinished();
    }

    /** Opens the store in a folder that a running server may be at work on: what looks unfinished stays. */
    public static FileBlobs beside(Path folder, Epochs epochs, Ids ids, SecureRandom random) throws IOException {
        return new FileBlobs(epochs, ids, random, folder);
    }

    private FileBlobs(Epochs epochs, Ids ids, SecureRandom random, Path folder) throws IOException {
        this.folder = folder;
        this.arrived = folder.resolve("new");
        this.pictures = folder.resolve("pictures");
        this.epochs = epochs;
        this.ids = ids;
        this.random = random;
        Files.createDirectories(folder, PRIVATE);
        Files.createDirectories(arrived, PRIVATE);
        Files.createDirectories(pictures, PRIVATE);
    }

    /** What an earlier run did not finish. */
    private void removeUnfinished() throws IOException {
        for (Path each : children(pictures)) {
            if (each.toString().endsWith(UNFINISHED)) {
                Files.deleteIfExists(each);
            }
        }
        for (Path each : children(folder)) {
            if (each.getFileName().toString().startsWith(ENDED)) {
                remove(each);
            }
        }
    }

    @Override
    public Stored put(InputStream content, long limit) throws IOException {
        UUID id = ids.timeOrdered();
        Path file = arrived.resolve(id.toString());
        byte[] secret = new byte[BlobKey.BYTES];
        random.nextBytes(secret);
        boolean stored = false;
        try (FileChannel channel =
                onDisk(() -> FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))) {
            long size = copy(content, limit, new SealingOutputStream(Channels.newOutputStream(channel), secret));
            onDisk(() -> {
                channel.force(true);
                return channel;
            });
            stored = true;
            return new Stored(id, new BlobKey(secret), size);
        } finally {
            if (!stored) {
                Files.deleteIfExists(file);
            }
        }
    }

    private interface DiskWork<T> {

        T run() throws IOException;
    }

    /** Does what only the disk can refuse, for example because it is full: no fault of the request, and it may pass. */
    private static <T> T onDisk(DiskWork<T> work) {
        try {
            return work.run();
        } catch (IOException e) {
            LOG.log(Level.ERROR, "A file cannot be stored: {0}", e.toString());
            throw Failure.UNAVAILABLE.refused();
        }
    }

    private static long copy(InputStream content, long limit, SealingOutputStream sealed) throws IOException {
        byte[] buffer = new byte[BUFFER];
        long size = 0;
        for (int read = content.read(buffer); read >= 0; read = content.read(buffer)) {
            size += read;
            if (size > limit) {
                throw Failure.TOO_LARGE.refused("An attachment has at most " + limit + " bytes.");
            }
            int length = read;
            onDisk(() -> {
                sealed.write(buffer, 0, length);
                return sealed;
            });
        }
        onDisk(() -> {
            // The channel stays open to be synchronised.
            sealed.finish();
            return sealed;
        });
        return size;
    }

    /** Makes a name in a folder durable. */
    private static void synchronise(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public void keep(Collection<UUID> blobs, Slice slice) {
        Path place = folder(epochs.require(slice));
        List<UUID> moved = new ArrayList<>(blobs.size());
        boolean kept = false;
        try {
            onDisk(() -> {
                makePlace(place);
                for (UUID id : blobs) {
                    move(id, arrived, place);
                    moved.add(id);
                }
                synchronise(place);
                return place;
            });
            kept = true;
        } finally {
            if (!kept) {
                giveBack(moved, place);
            }
        }
    }

    private static void move(UUID id, Path from, Path to) throws IOException {
        Files.move(from.resolve(id.toString()), to.resolve(id.toString()), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Puts files back to where they waited; what is not removed from there by anybody is removed after a while. */
    private void giveBack(List<UUID> moved, Path place) {
        for (UUID id : moved) {
            try {
                move(id, place, arrived);
            } catch (IOException e) {
                LOG.log(Level.WARNING, "A file that nobody keeps stays until its epoch ends: {0}", e.toString());
            }
        }
    }

    private void makePlace(Path place) throws IOException {
        if (!Files.isDirectory(place)) {
            Files.createDirectories(place, PRIVATE);
            synchronise(folder);
        }
    }

    /** Where the files of a slice are; empty if nothing was ever stored in it, or its epoch is closed. */
    private Optional<Path> place(Slice slice) {
        // A hold is in no register: its only slice has the number of its epoch.
        return slice.term() == Term.HELD
                ? Optional.of(folder(new Epoch(slice.term(), slice.endSecond())))
                : epochs.find(slice).map(this::folder);
    }

    @Override
    public Optional<InputStream> open(UUID id, BlobKey key, Slice slice) throws IOException {
        Optional<Path> place = place(slice);
        Optional<InputStream> sealed = place.isEmpty() ? Optional.empty() : read(place.get().resolve(id.toString()));
        return sealed.isEmpty()
                ? Optional.empty()
                : Optional.of(new SealingInputStream(sealed.get(), key.bytes()));
    }

    private static Optional<InputStream> read(Path file) throws IOException {
        try {
            return Optional.of(Channels.newInputStream(FileChannel.open(file, StandardOpenOption.READ)));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }

    @Override
    public boolean share(UUID id, Slice slice, Slice other) {
        Path place = other.term() == Term.HELD ? place(other).orElseThrow() : folder(epochs.require(other));
        Path shared = place.resolve(id.toString());
        Optional<Path> file = place(slice).map(from -> from.resolve(id.toString()));
        return onDisk(() -> {
            makePlace(place);
            if (!Files.exists(shared) && (file.isEmpty() || !link(file.get(), shared))) {
                return false;
            }
            synchronise(place);
            return true;
        });
    }

    /** Gives a file a second name; where that cannot be, copies it. False if there is no such file. */
    private static boolean link(Path file, Path other) throws IOException {
        if (!Files.exists(file)) {
            return false;
        }
        try {
            Files.createLink(other, file);
        } catch (FileAlreadyExistsException _) {
            // Another server was faster.
        } catch (NoSuchFileException _) {
            return false;
        } catch (UnsupportedOperationException | FileSystemException _) {
            copy(file, other);
        }
        return true;
    }

    private static void copy(Path file, Path other) throws IOException {
        Path unfinished = other.resolveSibling(other.getFileName() + UNFINISHED);
        Files.copy(file, unfinished, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel channel = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(unfinished, other, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void keepAsPicture(UUID id, BlobKey key) throws IOException {
        Path file = arrived.resolve(id.toString());
        Path unfinished = pictures.resolve(id + UNFINISHED);
        try (InputStream sealed = read(file).orElseThrow(Failure.NOT_FOUND::refused);
                InputStream content = new SealingInputStream(sealed, key.bytes())) {
            onDisk(() -> {
                try (FileChannel channel = FileChannel.open(
                        unfinished, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                    content.transferTo(Channels.newOutputStream(channel));
                    channel.force(true);
                }
                Files.move(unfinished, pictures.resolve(id.toString()), StandardCopyOption.ATOMIC_MOVE);
                synchronise(pictures);
                return unfinished;
            });
        } finally {
            Files.deleteIfExists(unfinished);
        }
        remove(arrived, List.of(id));
    }

    @Override
    public Optional<InputStream> openPicture(UUID id) throws IOException {
        return read(pictures.resolve(id.toString()));
    }

    @Override
    public void discard(Collection<UUID> blobs) {
        remove(arrived, blobs);
        remove(pictures, blobs);
    }

    @Override
    public void delete(Collection<UUID> blobs, Slice slice) {
        place(slice).ifPresent(place -> remove(place, blobs));
    }

    @Override
    public void deletePictures(Collection<UUID> blobs) {
        remove(pictures, blobs);
    }

    private static void remove(Path directory, Collection<UUID> blobs) {
        try {
            for (UUID id : blobs) {
                Files.deleteIfExists(directory.resolve(id.toString()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("a file cannot be removed", e);
        }
    }

    @Override
    public void delete(Epoch epoch) {
        Path place = folder(epoch);
        try {
            if (Files.isDirectory(place)) {
                Path ended = place.resolveSibling(ENDED + epoch.code() + "-" + ids.random());
                Files.move(place, ended, StandardCopyOption.ATOMIC_MOVE);
                synchronise(folder);
                remove(ended);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the files of an epoch cannot be removed", e);
        }
    }

    private static void remove(Path directory) throws IOException {
        for (Path file : children(directory)) {
            Files.deleteIfExists(file);
        }
        Files.deleteIfExists(directory);
    }

    @Override
    public List<UUID> picturesBefore(Instant instant) {
        return before(pictures, instant);
    }

    @Override
    public void discardBefore(Instant instant) {
        discard(before(arrived, instant));
    }

    private static List<UUID> before(Path directory, Instant instant) {
        try {
            List<UUID> found = new ArrayList<>();
            for (Path file : children(directory)) {
                if (Files.getLastModifiedTime(file).toInstant().isBefore(instant)) {
                    Ids.parse(file.getFileName().toString()).ifPresent(found::add);
                }
            }
            return found;
        } catch (NoSuchFileException _) {
            // Somebody kept or discarded a file meanwhile; the next round sees the rest.
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException("the files cannot be listed", e);
        }
    }

    private static List<Path> children(Path directory) throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.toList();
        }
    }

    private Path folder(Epoch epoch) {
        return folder.resolve(Long.toString(epoch.code()));
    }
}
