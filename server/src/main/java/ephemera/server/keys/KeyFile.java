package ephemera.server.keys;

import ephemera.server.keys.Steps.Step;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Optional;

/**
 * One file of keys, whose versions replace each other so that a crash leaves the old or the new one, and no byte of the
 * old one once the new one is acknowledged.
 *
 * <p>{@code x.new} is the next version until it is renamed to {@code x}; {@code x.dead} is a second name of the old
 * version, by which it can be overwritten when it is no longer {@code x}. A file that is destroyed first gets a mark
 * over its beginning: what has the mark is gone, however much of the rest is still there.
 *
 * <p>Used by one thread at a time, but for {@link #read}.
 */
final class KeyFile {

    static final String NEW = ".new";
    static final String DEAD = ".dead";

    private static final byte[] MARK = Arrays.copyOf("GONE".getBytes(StandardCharsets.US_ASCII), Envelope.HEAD);

    private final Path file;
    private final Path fresh;
    private final Path dead;
    private final Steps steps;

    KeyFile(Path file, Steps steps) {
        this.file = file;
        this.fresh = file.resolveSibling(file.getFileName() + NEW);
        this.dead = file.resolveSibling(file.getFileName() + DEAD);
        this.steps = steps;
    }

    /** What the file holds; empty if there is none or it is destroyed. */
    Optional<byte[]> read() throws IOException {
        try {
            byte[] bytes = Files.readAllBytes(file);
            return isMarked(bytes) ? Optional.empty() : Optional.of(bytes);
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }

    /** The beginning of what the file holds, as far as the version; empty if there is none. */
    Optional<byte[]> head() throws IOException {
        try {
            return Optional.of(Disk.head(file, Envelope.HEAD));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }

    static boolean isMarked(byte[] bytes) {
        return bytes.length >= Integer.BYTES && Arrays.equals(bytes, 0, Integer.BYTES, MARK, 0, Integer.BYTES);
    }

    /** Stores a version instead of the one that is there, if there is one. */
    void replace(byte[] content) throws IOException {
        recover();
        try (FileChannel channel = Disk.create(fresh)) {
            steps.done(Step.NEW_MADE);
            Disk.write(channel, ByteBuffer.wrap(content));
            steps.done(Step.NEW_WRITTEN);
            channel.force(true);
        }
        steps.done(Step.NEW_ON_DISK);
        boolean replaces = Files.exists(file);
        if (replaces) {
            Files.createLink(dead, file);
            steps.done(Step.OLD_LINKED);
            Disk.synchronise(Disk.parent(file));
            steps.done(Step.LINK_ON_DISK);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        steps.done(Step.RENAMED);
        Disk.synchronise(Disk.parent(file));
        steps.done(Step.REPLACED);
        if (replaces) {
            Disk.overwrite(dead, 0);
            steps.done(Step.OLD_OVERWRITTEN);
            Files.delete(dead);
            steps.done(Step.OLD_REMOVED);
        }
    }

    /**
     * Finishes or undoes what a crash or a failure interrupted: afterwards there is one version or none.
     *
     * @return whether there was anything to do
     */
    boolean recover() throws IOException {
        boolean found = false;
        if (Files.exists(dead)) {
            found = true;
            bury();
        }
        if (Files.exists(fresh)) {
            found = true;
            Disk.overwrite(fresh, 0);
            Files.delete(fresh);
        }
        if (head().filter(KeyFile::isMarked).isPresent()) {
            found = true;
            Disk.overwrite(file, MARK.length);
            Files.delete(file);
        }
        if (found) {
            Disk.synchronise(Disk.parent(file));
        }
        return found;
    }

    private void bury() throws IOException {
        if (Files.exists(file) && Files.isSameFile(file, dead)) {
            // The new version did not come into its place: the old one stays.
            Files.delete(dead);
        } else if (!isWhole(file) && isWhole(dead)) {
            // The disk lost the new version, although it said that it had it.
            Files.move(dead, file, StandardCopyOption.ATOMIC_MOVE);
        } else {
            Disk.overwrite(dead, 0);
            Files.delete(dead);
        }
    }

    private static boolean isWhole(Path path) throws IOException {
        try {
            byte[] bytes = Files.readAllBytes(path);
            return isMarked(bytes) || Envelope.isWhole(bytes);
        } catch (NoSuchFileException _) {
            return false;
        }
    }

    /** Makes noise of every version, and removes it; takes no room. */
    void destroy() throws IOException {
        if (Files.exists(file)) {
            Disk.overwriteHead(file, MARK);
            steps.done(Step.CONDEMNED);
            Disk.overwrite(file, MARK.length);
            steps.done(Step.OVERWRITTEN);
        }
        for (Path version : new Path[] {dead, fresh}) {
            if (Files.exists(version)) {
                Disk.overwrite(version, 0);
                Files.delete(version);
            }
        }
        if (Files.deleteIfExists(file)) {
            steps.done(Step.REMOVED);
        }
    }
}
