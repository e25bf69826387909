package ephemera.server.backup;

import ephemera.server.StartFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;

/**
 * Tells in a data folder that a restore into it is not finished: nothing else may be done there, and the same restore
 * goes on.
 *
 * @param folder the data folder
 */
public record RestoreMark(Path folder) {

    private static final String NAME = "restore-unfinished";
    private static final String KEYS_ARE_IN = "keys: in";

    private Path file() {
        return folder.resolve(NAME);
    }

    /**
     * Makes sure that no restore is unfinished.
     *
     * @throws StartFailure otherwise
     */
    public void requireNone() {
        if (Files.exists(file())) {
            throw new StartFailure("The restore into " + folder + " is not finished: run the same \"restore\" again, or"
                    + " empty the folder and begin anew.");
        }
    }

    /** What is unfinished here; empty if nothing is. */
    Optional<Begun> read() throws IOException {
        try {
            List<String> lines = Files.readAllLines(file(), StandardCharsets.UTF_8);
            return Optional.of(new Begun(lines.size() < 2 ? "" : lines.get(1), lines.contains(KEYS_ARE_IN)));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }

    /**
     * A restore that was begun.
     *
     * @param archive the digest of its archive
     * @param hasKeys whether all keys are in the key store
     */
    record Begun(String archive, boolean hasKeys) {}

    /** Tells that a restore goes on; on disk when this returns. */
    void write(Begun begun) throws IOException {
        Path fresh = folder.resolve(NAME + ".part");
        Files.deleteIfExists(fresh);
        String text = "A restore into this folder is not finished: run it again. Its backup has the digest\n"
                + begun.archive() + "\n" + (begun.hasKeys() ? KEYS_ARE_IN + "\n" : "");
        PrivateFile.write(fresh, text.getBytes(StandardCharsets.UTF_8));
        Files.move(fresh, file(), StandardCopyOption.ATOMIC_MOVE);
        PrivateFile.synchronise(folder);
    }

    /** Tells that the restore is finished; on disk when this returns. */
    void remove() throws IOException {
        Files.deleteIfExists(file());
        PrivateFile.synchronise(folder);
    }
}
