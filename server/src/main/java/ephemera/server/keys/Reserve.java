package ephemera.server.keys;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.SplittableRandom;

/**
 * Room on the disk that is kept for the keys: a file that is given up when the disk is full, and made again when there
 * is room.
 *
 * <p>Used by one thread at a time.
 */
final class Reserve {

    private static final int BLOCK = 64 * 1024;

    private final Path file;
    private final Path unfinished;
    private final int size;

    Reserve(Path file, int size) {
        this.file = file;
        this.unfinished = file.resolveSibling(file.getFileName() + ".part");
        this.size = size;
    }

    /** Makes it if it is missing and more than twice as much room is there; whether it is there now. */
    boolean make() {
        try {
            if (Files.exists(file) && Files.size(file) == size) {
                return true;
            }
            Files.deleteIfExists(unfinished);
            if (Files.getFileStore(Disk.parent(file)).getUsableSpace() < 2L * size) {
                return false;
            }
            write();
            return true;
        } catch (IOException e) {
            System.getLogger(Reserve.class.getName())
                    .log(Level.WARNING, "No room is kept for the keys: {0}", e.toString());
            return false;
        }
    }

    private void write() throws IOException {
        // Real bytes, which no file system stores as a hole or squeezes.
        SplittableRandom noise = new SplittableRandom();
        byte[] block = new byte[BLOCK];
        try (FileChannel channel = Disk.create(unfinished)) {
            for (int left = size; left > 0; left -= BLOCK) {
                noise.nextBytes(block);
                Disk.write(channel, ByteBuffer.wrap(block, 0, Math.min(left, BLOCK)));
            }
            channel.force(true);
        }
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Disk.synchronise(Disk.parent(file));
    }

    /** Gives the room to whoever needs it now; whether there was any. */
    boolean giveUp() throws IOException {
        boolean whole = Files.deleteIfExists(file);
        boolean part = Files.deleteIfExists(unfinished);
        Disk.synchronise(Disk.parent(file));
        return whole || part;
    }
}
