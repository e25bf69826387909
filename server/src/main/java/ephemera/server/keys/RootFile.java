package ephemera.server.keys;

import ephemera.server.keys.Steps.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The file of a root key, in which another one takes its place, or which is destroyed.
 *
 * <p>{@code x.next} is the key that comes, while it and the old one each open a part of the store; {@code x.dead} is
 * the old one when nothing needs it any more, until it is overwritten. A crash leaves what the same call finishes. Used
 * by one thread at a time.
 */
final class RootFile {

    private static final String NEXT = ".next";
    private static final String DEAD = ".dead";

    private final Path file;
    private final Path next;
    private final Path dead;
    private final Steps steps;

    private RootFile(Path file, Steps steps) {
        this.file = file;
        this.next = file.resolveSibling(file.getFileName() + NEXT);
        this.dead = file.resolveSibling(file.getFileName() + DEAD);
        this.steps = steps;
    }

    /** The file of that name, or the one that a link of that name points to. */
    static RootFile at(Path name, Steps steps) {
        try {
            Path path = name.toAbsolutePath();
            return new RootFile(
                    Files.isSymbolicLink(path) ? path.resolveSibling(Files.readSymbolicLink(path)) : path, steps);
        } catch (IOException _) {
            return new RootFile(name.toAbsolutePath(), steps);
        }
    }

    static RootFile at(Path name) {
        return at(name, Steps.NONE);
    }

    /** Where the key is that counts for whoever reads the configuration. */
    Path path() {
        return file;
    }

    /** Where the key is that takes its place. */
    Path next() {
        return next;
    }

    boolean hasNext() {
        return Files.exists(next);
    }

    /** Whether the new key has its place, and the old one is still there under another name. */
    boolean isLeft() {
        return Files.exists(dead) && Files.exists(file) && !hasNext();
    }

    /** Gives the next key the place of the old one, of which no byte is left; nothing may need the old one. */
    void replace() throws IOException {
        bury();
        condemn();
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        Disk.synchronise(Disk.parent(file));
        steps.done(Step.ROOT_NAMED);
        bury();
    }

    /** Destroys the key, and one that was to take its place; nothing may need them. */
    void destroy() throws IOException {
        bury();
        condemn();
        bury();
        if (hasNext()) {
            Disk.overwrite(next, 0);
            Files.delete(next);
            Disk.synchronise(Disk.parent(file));
        }
    }

    private void condemn() throws IOException {
        if (Files.exists(file)) {
            Files.move(file, dead, StandardCopyOption.ATOMIC_MOVE);
            Disk.synchronise(Disk.parent(file));
            steps.done(Step.ROOT_CONDEMNED);
        }
    }

    /** Overwrites and removes what has lost its name. */
    void bury() throws IOException {
        if (Files.exists(dead)) {
            Disk.overwrite(dead, 0);
            steps.done(Step.ROOT_OVERWRITTEN);
            Files.deleteIfExists(dead);
            Disk.synchronise(Disk.parent(file));
            steps.done(Step.ROOT_REMOVED);
        }
    }
}
