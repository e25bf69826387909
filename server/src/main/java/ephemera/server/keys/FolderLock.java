package ephemera.server.keys;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets one thread of one process at a time change a folder.
 *
 * <p>The lock of the operating system is held by a process, so that threads need a second one. Both end with their
 * holder, however it ends. Thread-safe.
 */
final class FolderLock {

    private static final Map<Path, ReentrantLock> THREADS = new ConcurrentHashMap<>();

    private final Path file;
    private final ReentrantLock threads;

    /** Work on files. */
    interface Work<T> {

        T run() throws IOException;
    }

    FolderLock(Path file) throws IOException {
        this.file = file;
        if (!Files.exists(file)) {
            try (FileChannel _ = Disk.create(file)) {
                // The file is all that is needed.
            } catch (FileAlreadyExistsException _) {
                // Another process was faster.
            }
        }
        this.threads = THREADS.computeIfAbsent(file.toRealPath(), _ -> new ReentrantLock());
    }

    <T> T hold(Work<T> work) throws IOException {
        threads.lock();
        // Opened each time: an interrupted thread closes the channel that it waits on.
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
                FileLock _ = channel.lock()) {
            return work.run();
        } finally {
            threads.unlock();
        }
    }
}
