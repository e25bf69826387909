package ephemera.server.store;

import ephemera.core.Failure;
import ephemera.core.Ids;
import ephemera.core.vault.Blobs;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Files in a folder, one for each blob, in subfolders by the last two digits of their ids.
 *
 * <p>A file is written under a temporary name, synchronised, and renamed; what a crash leaves under a temporary name is
 * removed at the next start. Thread-safe.
 */
public final class FileBlobs implements Blobs {

    private static final Logger LOG = System.getLogger(FileBlobs.class.getName());
    private static final String UNFINISHED = ".part";
    private static final int BUFFER = 64 * 1024;

    private final Path folder;
    private final Ids ids;

    /** Opens the store in that folder, which is made if need be, and removes what an earlier run left unfinished. */
    public FileBlobs(Path folder, Ids ids) throws IOException {
        this.folder = folder;
        this.ids = ids;
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        for (Path file : files()) {
            if (file.toString().endsWith(UNFINISHED)) {
                Files.deleteIfExists(file);
            }
        }
    }

    @Override
    public Stored put(InputStream content, long limit) throws IOException {
        UUID id = ids.random();
        Path file = path(id);
        Path unfinished = file.resolveSibling(id + UNFINISHED);
        try (FileChannel channel = onDisk(() -> create(unfinished))) {
            long size = copy(content, limit, channel);
            return onDisk(() -> {
                channel.force(true);
                Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
                synchronise(directory(id));
                return new Stored(id, size);
            });
        } finally {
            Files.deleteIfExists(unfinished);
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

    private static FileChannel create(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        return FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    private static long copy(InputStream content, long limit, FileChannel channel) throws IOException {
        byte[] buffer = new byte[BUFFER];
        long size = 0;
        for (int read = content.read(buffer); read >= 0; read = content.read(buffer)) {
            size += read;
            if (size > limit) {
                throw Failure.TOO_LARGE.refused("An attachment has at most " + limit + " bytes.");
            }
            ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, read);
            onDisk(() -> {
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                return bytes;
            });
        }
        return size;
    }

    /** Makes the name of a new file durable too. */
    private static void synchronise(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public Optional<InputStream> open(UUID id) throws IOException {
        try {
            return Optional.of(Channels.newInputStream(FileChannel.open(path(id), StandardOpenOption.READ)));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }

    @Override
    public void delete(Collection<UUID> blobs) {
        for (UUID id : blobs) {
            try {
                Files.deleteIfExists(path(id));
            } catch (IOException e) {
                throw new UncheckedIOException("a blob cannot be removed", e);
            }
        }
    }

    @Override
    public List<UUID> storedBefore(Instant instant) {
        try {
            List<UUID> found = new ArrayList<>();
            for (Path file : files()) {
                if (Files.getLastModifiedTime(file).toInstant().isBefore(instant)) {
                    Ids.parse(file.getFileName().toString()).ifPresent(found::add);
                }
            }
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException("the blobs cannot be listed", e);
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    private Path path(UUID id) {
        return directory(id).resolve(id.toString());
    }

    private Path directory(UUID id) {
        String name = id.toString();
        return folder.resolve(name.substring(name.length() - 2));
    }
}
