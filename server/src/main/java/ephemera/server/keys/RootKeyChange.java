package ephemera.server.keys;

import ephemera.core.Refused;
import ephemera.core.vault.KeyStore;
import ephemera.server.StartFailure;
import ephemera.server.keys.Steps.Step;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Puts a new root key in the place of the one under which a key store is sealed.
 *
 * <p>The new key is on disk before anything is sealed with it, and the old one is destroyed when everything was opened
 * with the new one: whoever is interrupted repeats the same change, which then comes to its end. Everything counts as
 * written once more, so that nobody who has read it before can write it back. Nobody else may use the store meanwhile;
 * whoever does all the same is refused by it. For one thread.
 */
public final class RootKeyChange {

    private final Function<RootKey, SealedKeyStore> store;
    private final Steps steps;

    RootKeyChange(Function<RootKey, SealedKeyStore> store, Steps steps) {
        this.store = store;
        this.steps = steps;
    }

    /** That of the store in a folder. */
    public static RootKeyChange inFolder(Path folder) {
        return new RootKeyChange(root -> FileKeyStore.openForChange(folder, root), Steps.OF_A_SERVER);
    }

    /** That of the store in a database, which stays the caller's to close. */
    public static RootKeyChange inDatabase(KeyDatabase database) {
        return new RootKeyChange(root -> PostgresKeyStore.openForChange(database, root), Steps.OF_A_SERVER);
    }

    /**
     * Changes it, or finishes a change that was interrupted.
     *
     * <p>The old key is overwritten and removed if it gives up its file to the new one, or if the server made the file.
     *
     * @param from where the old key is
     * @param to where the new one is, which is made if it is to be in a file that does not exist; the same file as that
     *     of the old one to replace it there
     * @return how many keys the store holds, all of which are sealed with the new one
     * @throws StartFailure if one of the keys cannot be had, is not that of the store, or is both the old and the new
     *     one, or if something in the store is damaged; repeat the change when that is seen to
     */
    public long change(RootPlace from, RootPlace to) {
        try {
            return from instanceof RootPlace.InFile old && to instanceof RootPlace.InFile fresh && areOne(old, fresh)
                    ? inPlace(old, fresh)
                    : elsewhere(from, to);
        } catch (KeyStore.Damaged e) {
            throw new StartFailure("The root key cannot be changed: " + e.getMessage() + ". Put it back from the newest"
                    + " backup of the keys, or remove it if what it opens is to be given up, and run the same command"
                    + " again.", e);
        } catch (Refused e) {
            throw interrupted(String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw interrupted(e.toString(), e);
        }
    }

    private static StartFailure interrupted(String reason, Exception cause) {
        return new StartFailure("The change of the root key did not come to its end (" + reason
                + "): see to it, and run the same command again.", cause);
    }

    /**
     * Destroys the old root key that an interrupted change has left beside the new one; to be called when the new one
     * has opened the store.
     *
     * @throws StartFailure if that cannot be done
     */
    public static void clearAway(Path file) {
        RootFile root = RootFile.at(file);
        try {
            if (root.isLeft()) {
                root.bury();
            }
        } catch (IOException e) {
            throw new StartFailure("What is left of the old root key beside " + file + " cannot be removed (" + e
                    + "): let the server write in that folder.", e);
        }
    }

    private static boolean areOne(RootPlace.InFile old, RootPlace.InFile fresh) {
        return RootFile.at(old.file()).path().normalize().equals(RootFile.at(fresh.file()).path().normalize());
    }

    private long inPlace(RootPlace.InFile from, RootPlace.InFile to) throws IOException {
        RootFile file = RootFile.at(from.file(), steps);
        if (file.isLeft() || hasItsForm(from, to)) {
            RootKey now = to.find().orElseThrow(() -> RootKey.missing(from.file()));
            long count = store.apply(now).requireOpens(List.of(now));
            file.bury();
            return count;
        }
        Optional<RootKey> next = to.find(file.next());
        Optional<RootKey> old = from.find();
        RootKey fresh = next.isPresent() ? next.get() : made(old, from, to, file.next());
        long count = reseal(old, fresh);
        file.replace();
        return count;
    }

    /** Whether a key that was as it is has been sealed in its file, or the other way round: all is done then. */
    private static boolean hasItsForm(RootPlace.InFile from, RootPlace.InFile to) {
        boolean sealed = to.service().isPresent();
        return from.service().isPresent() != sealed && RootKey.isIn(to.file(), sealed);
    }

    private long elsewhere(RootPlace from, RootPlace to) throws IOException {
        Optional<RootKey> old = switch (from) {
            case RootPlace.InFile file -> file.find();
            case RootPlace.Given(var key) -> Optional.of(key);
        };
        RootKey fresh = switch (to) {
            case RootPlace.InFile file -> file.find().orElseGet(() -> made(old, from, file, file.file()));
            case RootPlace.Given(var key) -> key;
        };
        if (old.filter(fresh::isSame).isPresent()) {
            throw new StartFailure("The new root key is the old one: nothing is changed.");
        }
        long count = reseal(old, fresh);
        if (from instanceof RootPlace.InFile file && file.ours()) {
            RootFile.at(file.file(), steps).destroy();
        }
        return count;
    }

    /** Makes the new key, when it is certain that the old one opens everything. */
    private RootKey made(Optional<RootKey> old, RootPlace from, RootPlace.InFile to, Path file) {
        if (old.isEmpty() && from instanceof RootPlace.InFile missing) {
            throw RootKey.missing(missing.file());
        }
        RootKey before = old.orElseThrow();
        store.apply(before).requireOpens(List.of(before));
        RootKey fresh = to.make(file);
        done(Step.ROOT_MADE);
        return fresh;
    }

    private long reseal(Optional<RootKey> old, RootKey fresh) {
        SealedKeyStore keys = store.apply(fresh);
        keys.requireOpens(Stream.concat(Stream.of(fresh), old.stream()).toList());
        old.ifPresent(keys::reseal);
        // The old one is destroyed on the strength of this, and not before.
        long count = keys.requireOpens(List.of(fresh));
        done(Step.ROOT_SERVES);
        return count;
    }

    private void done(Step step) {
        try {
            steps.done(step);
        } catch (IOException e) {
            throw interrupted(e.toString(), e);
        }
    }
}
