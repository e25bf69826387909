package ephemera.server.store.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Optional;

/**
 * A log file that never grows beyond two files of a given size: the present one, and the one before with {@code .1}.
 *
 * <p>A disk that is full costs lines, never more. Thread-safe.
 */
final class BoundedLog {

    private static final int TAIL = 8192;

    private final Path file;
    private final long limit;
    private byte[] tail = new byte[0];

    BoundedLog(Path file, long limit) {
        this.file = file;
        this.limit = limit;
    }

    /** Copies a stream to the log until its end; returns when that is reached. */
    void drain(InputStream in) {
        byte[] buffer = new byte[TAIL];
        try (in) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                append(buffer, n);
            }
        } catch (IOException _) {
            // The process behind the stream is gone, and with it what it still had to say.
        }
    }

    private synchronized void append(byte[] bytes, int length) {
        byte[] joined = Arrays.copyOf(tail, tail.length + length);
        System.arraycopy(bytes, 0, joined, tail.length, length);
        tail = Arrays.copyOfRange(joined, Math.max(0, joined.length - TAIL), joined.length);
        try {
            if (Files.exists(file) && Files.size(file) + length > limit) {
                Files.move(file, file.resolveSibling(file.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
            }
            try (FileChannel channel = PrivateFiles.openForWriting(file)) {
                channel.write(ByteBuffer.wrap(bytes, 0, length), channel.size());
            }
        } catch (IOException _) {
            // See the class comment: the lines are lost, the tail in memory still tells the reason of a failure.
        }
    }

    /** Forgets the last lines, so that a reason found later belongs to what happened since. */
    synchronized void forgetTail() {
        tail = new byte[0];
    }

    /** Whether the last lines contain a text. */
    synchronized boolean tailContains(String text) {
        return new String(tail, StandardCharsets.UTF_8).contains(text);
    }

    /** The last line in which PostgreSQL gave up, without its time stamp. */
    synchronized Optional<String> fatalLine() {
        return new String(tail, StandardCharsets.UTF_8).lines()
                .filter(line -> line.matches(".*(FATAL|PANIC): .*"))
                .reduce((_, last) -> last)
                .map(line -> line.replaceFirst("^.*?(FATAL|PANIC): +", ""));
    }

    /** The last line of all that is not empty; a pointer to the file when there is none. */
    synchronized String lastLine() {
        return new String(tail, StandardCharsets.UTF_8).lines().map(String::strip).filter(line -> !line.isEmpty())
                .reduce((_, last) -> last).orElse(pointer());
    }

    /** Where to read more, as words of a sentence. */
    String pointer() {
        return "see " + file;
    }
}
