package ephemera.server.backup;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;

/** What is done to files, so that nobody but their owner reads them and a crash leaves no half one under its name. */
final class PrivateFile {

    private static final FileAttribute<Set<PosixFilePermission>> FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<Set<PosixFilePermission>> FOLDER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final int BLOCK = 64 * 1024;

    private PrivateFile() {}

    /** Makes a new file with mode 0600; it must not exist. */
    static FileChannel create(Path file) throws IOException {
        FileChannel channel = FileChannel.open(
                file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE), FILE);
        likeFolder(file);
        return channel;
    }

    /** Makes a folder, and those it stands in, with mode 0700; it is fine if they exist. */
    static void createFolder(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            createFolder(folder(folder));
            Files.createDirectory(folder, FOLDER);
            likeFolder(folder);
        }
    }

    /** Writes a whole file with mode 0600 that must not exist; on disk when this returns. */
    static void write(Path file, byte[] content) throws IOException {
        try (FileChannel channel = create(file)) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        synchronise(folder(file));
    }

    /** Waits until the names in a folder are on disk. */
    static void synchronise(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Puts zeros over every byte of a file where it lies, and removes it. */
    static void erase(Path file) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            long left = channel.size();
            ByteBuffer zeros = ByteBuffer.allocate(BLOCK);
            while (left > 0) {
                zeros.clear().limit((int) Math.min(BLOCK, left));
                left -= channel.write(zeros);
            }
            channel.force(true);
        }
        Files.delete(file);
        synchronise(folder(file));
    }

    /** The folder in which a file stands. */
    static Path folder(Path file) {
        return Objects.requireNonNull(file.toAbsolutePath().getParent(), "a path of more than its root");
    }

    /** What root makes in somebody's folder belongs to them, who must be able to use it when root no longer does. */
    private static void likeFolder(Path file) throws IOException {
        Path folder = folder(file);
        Object owner = Files.getAttribute(folder, "unix:uid");
        if (!owner.equals(0) && Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS).equals(0)) {
            Object group = Files.getAttribute(folder, "unix:gid");
            Files.setAttribute(file, "unix:gid", group, LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(file, "unix:uid", owner, LinkOption.NOFOLLOW_LINKS);
        }
    }
}
