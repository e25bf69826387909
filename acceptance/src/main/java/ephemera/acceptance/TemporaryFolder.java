package ephemera.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A folder for the data folders of servers, which is gone after {@link #close}.
 *
 * <p>Unlike the JDK's temporary folders, everybody may pass through it: a server that is started as root runs its
 * database as another user.
 *
 * @param path the folder
 */
public record TemporaryFolder(Path path) implements AutoCloseable {
    /** Makes a folder in the system's place for temporary files. */
    public static TemporaryFolder make() {
        return makeIn(Path.of(System.getProperty("java.io.tmpdir")));
    }

    /** Makes a folder in another one, which is made too if it is not there. */
    public static TemporaryFolder makeIn(Path parent) {
        try {
            Files.createDirectories(parent);
            Path folder = Files.createTempDirectory(parent.toAbsolutePath(), "ephemera-");
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            return new TemporaryFolder(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("No temporary folder can be made in " + parent, e);
        }
    }

    /** Deletes the folder with everything in it; what disappears meanwhile is no error. */
    @Override
    public void close() {
        try {
            Files.walkFileTree(path, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                    if (failure instanceof NoSuchFileException) {
                        return FileVisitResult.CONTINUE;
                    }
                    throw failure;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path folder, IOException failure) throws IOException {
                    Files.deleteIfExists(folder);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException("The temporary folder could not be deleted", e);
        }
    }
}
