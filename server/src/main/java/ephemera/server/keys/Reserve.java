package ephemera.server.keys;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;

/**
 * Room on the disk that is kept for the keys: a file that becomes shorter when the disk is full, and grows back.
 *
 * <p>Used by one thread at a time.
 */
final class Reserve {

    private static final int BLOCK = 64 * 1024;

    private final Path file;
    private final long size;

    Reserve(Path file, long size) {
        this.file = file;
        this.size = size;
    }

    private long length() throws IOException {
        return Files.exists(file) ? Files.size(file) : 0;
    }

    /** Makes it as large as it should be, if there is twice as much room as that takes. */
    void fill() {
        try {
            long missing = size - length();
            if (missing > 0 && Files.getFileStore(Disk.parent(file)).getUsableSpace() >= 2 * missing) {
                grow();
            }
        } catch (IOException e) {
            complain(e);
        }
    }

    /** Takes back at once what room there is: after it was needed, and before somebody else takes it. */
    void takeBack() {
        try {
            grow();
        } catch (IOException e) {
            complain(e);
        }
    }

    private static void complain(IOException failure) {
        System.getLogger(Reserve.class.getName())
                .log(Level.WARNING, "Less room than wished is kept for the keys: {0}", failure.toString());
    }

    private void grow() throws IOException {
        // Real bytes, which no file system stores as a hole or squeezes.
        SplittableRandom noise = new SplittableRandom();
        byte[] block = new byte[BLOCK];
        try (FileChannel channel = Files.exists(file)
                ? FileChannel.open(file, StandardOpenOption.WRITE)
                : Disk.create(file)) {
            channel.position(channel.size());
            while (channel.position() < size) {
                noise.nextBytes(block);
                Disk.write(channel, ByteBuffer.wrap(block, 0, (int) Math.min(BLOCK, size - channel.position())));
            }
            channel.force(true);
        }
    }

    /** Gives up enough for a file of that many bytes and its name; whether there was anything to give. */
    boolean giveUp(long bytes) throws IOException {
        long length = length();
        if (length == 0) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(Math.max(0, length - bytes - BLOCK));
            channel.force(true);
        }
        return true;
    }
}
