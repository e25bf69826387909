package ephemera.server.keys;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Objects;
import java.util.Set;

/** What is done to files of keys: each method is on disk when it returns, unless it says otherwise. */
final class Disk {

    private static final FileAttribute<Set<PosixFilePermission>> FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<Set<PosixFilePermission>> FOLDER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final int BLOCK = 64 * 1024;
    private static final SecureRandom RANDOM = new SecureRandom();

    private Disk() {}

    /** Makes a folder with mode 0700; it is fine when it exists. Whether it is new. */
    static boolean createFolder(Path folder) throws IOException {
        try {
            Files.createDirectory(folder, FOLDER);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(folder)) {
                throw e;
            }
            return false;
        }
        likeParent(folder);
        synchronise(parent(folder));
        return true;
    }

    /** Opens a new file with mode 0600 for writing; nothing is on disk yet. */
    static FileChannel create(Path file) throws IOException {
        FileChannel channel =
                FileChannel.open(file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), FILE);
        likeParent(file);
        return channel;
    }

    /** Makes a whole file with mode 0600 that must not exist. */
    static void createFile(Path file, byte[] content) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".part");
        Files.deleteIfExists(fresh);
        try (FileChannel channel = create(fresh)) {
            write(channel, ByteBuffer.wrap(content));
            channel.force(true);
        }
        if (Files.exists(file)) {
            throw new FileAlreadyExistsException(file.toString());
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        synchronise(parent(file));
    }

    /** Writes all of it; it is not on disk yet. */
    static void write(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Puts noise over the bytes of a file from a place on, which takes no room. */
    static void overwrite(Path file, long from) throws IOException {
        byte[] noise = new byte[BLOCK];
        RANDOM.nextBytes(noise);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            long size = channel.size();
            channel.position(from);
            while (channel.position() < size) {
                write(channel, ByteBuffer.wrap(noise, 0, (int) Math.min(BLOCK, size - channel.position())));
            }
            channel.force(true);
        }
    }

    /** Puts those bytes over the first ones of a file that has at least as many, which takes no room. */
    static void overwriteHead(Path file, byte[] head) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            write(channel, ByteBuffer.wrap(head, 0, (int) Math.min(head.length, channel.size())));
            channel.force(true);
        }
    }

    /** The first bytes of a file, as many as are there. */
    static byte[] head(Path file, int length) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer bytes = ByteBuffer.allocate(length);
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
                // Reads on.
            }
            byte[] read = new byte[bytes.position()];
            bytes.get(0, read);
            return read;
        }
    }

    /** Waits until the names in a folder are on disk. */
    static void synchronise(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Whether there was no room. */
    static boolean isFull(IOException failure) {
        String message = Objects.requireNonNullElse(failure.getMessage(), "");
        return message.contains("No space left") || message.contains("quota exceeded");
    }

    /** The folder in which a file or folder stands. */
    static Path parent(Path path) {
        return Objects.requireNonNull(path.toAbsolutePath().getParent(), "a path of more than its root");
    }

    /** What root makes in somebody's folder belongs to them, who must be able to use it when root no longer does. */
    private static void likeParent(Path path) throws IOException {
        Object owner = Files.getAttribute(parent(path), "unix:uid", LinkOption.NOFOLLOW_LINKS);
        if (!owner.equals(0) && Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS).equals(0)) {
            Object group = Files.getAttribute(parent(path), "unix:gid", LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(path, "unix:gid", group, LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(path, "unix:uid", owner, LinkOption.NOFOLLOW_LINKS);
        }
    }
}
