package ephemera.server.backup;

import ephemera.server.StartFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Keeps backups of one data folder from writing over each other, and its root key from being changed meanwhile; ends
 * with the process at the latest.
 */
public final class OneAtATime implements AutoCloseable {

    private final FileChannel channel;

    /**
     * Begins.
     *
     * @param data the data folder
     * @throws StartFailure if another one has begun, or there is no such folder
     */
    public OneAtATime(Path data) {
        if (!Files.isDirectory(data)) {
            throw new StartFailure("There is no data folder " + data + ": give that of your server with --data.");
        }
        Path file = data.resolve("backup.lock");
        try {
            channel = Files.exists(file)
                    ? FileChannel.open(file, StandardOpenOption.WRITE)
                    : PrivateFile.create(file);
        } catch (IOException e) {
            throw new StartFailure("The file " + file + " cannot be used (" + e
                    + "): run as the user who runs the server.", e);
        }
        if (lock().isEmpty()) {
            close();
            throw new StartFailure(
                    "Another backup of " + data + " is being made, or its root key is changed: wait until"
                            + " that is done.");
        }
    }

    private Optional<FileLock> lock() {
        try {
            return Optional.ofNullable(channel.tryLock());
        } catch (OverlappingFileLockException _) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
