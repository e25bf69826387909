package ephemera.server.backup;

import ephemera.core.vault.KeyStore;
import ephemera.core.vault.SigningKey;
import ephemera.server.StartFailure;
import ephemera.server.config.Config;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Optional;

/**
 * A backup of the keys: everything in the key store, sealed with the root key as it is there, and the file with the
 * root key if the server keeps one.
 *
 * <p>It opens what was alive when it was made, and goes on doing so when that has ended: only the newest one may exist.
 * So a new one takes the place of its predecessor, of which no byte is left. For one thread.
 *
 * @param file where it is
 */
public record KeysFile(Path file) {

    private static final String FORM = "ephemera backup of keys 1";
    private static final int DIGEST = 32;

    /** Which of the keys in it are of use depends on when it was made. */
    record Head(Instant takenAt, Optional<byte[]> root) {}

    /** Whether the root key goes into the backup with the keys. */
    public static boolean hasRoot(Config.Root root) {
        return rootFile(root).isPresent();
    }

    /** The file that goes into the backup with the keys: without it nobody could open them. */
    static Optional<Path> rootFile(Config.Root root) {
        return switch (root) {
            case Config.Root.File(var place, boolean standard) -> standard ? Optional.of(place) : Optional.empty();
            case Config.Root.Given _ -> Optional.empty();
            // What is in it is sealed by the service.
            case Config.Root.Kms(_, var place, _) -> Optional.of(place);
        };
    }

    /**
     * Writes it, with mode 0600, in place of its predecessor; on disk when this returns.
     *
     * @return how many bytes it has
     * @throws StartFailure if it cannot be written, or a key is damaged, or there are none; the predecessor is still
     *     there then
     */
    public long write(KeyStore keys, Config.Root rootKey, InstantSource clock) {
        if (keys.secret(SigningKey.SECRET).isEmpty()) {
            throw new StartFailure("There is nothing to back up: the key store is empty. If it should not be, see"
                    + " whether its disk is there; the backup that you have is then the only one.");
        }
        if (Files.isDirectory(file)) {
            throw new StartFailure(file + " is a folder: give the name of a file in it.");
        }
        try {
            Optional<Path> rootFile = rootFile(rootKey);
            Optional<byte[]> root =
                    rootFile.isEmpty() ? Optional.empty() : Optional.of(Files.readAllBytes(rootFile.get()));
            Path target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
            Path fresh = sibling(target, ".new");
            Path old = sibling(target, ".old");
            finish(target, fresh, old);
            try {
                writeNew(fresh, keys, root, clock);
                replace(target, fresh, old);
            } finally {
                finish(target, fresh, old);
            }
            return Files.size(target);
        } catch (KeyStore.Damaged e) {
            throw new StartFailure("The keys cannot be backed up: " + e.getMessage() + ". The backup that was there"
                    + " stays; see what \"doctor\" finds.", e);
        } catch (IOException e) {
            throw new StartFailure("The backup of the keys " + file + " cannot be written (" + e
                    + "): the one that was there stays.", e);
        }
    }

    private static Path sibling(Path target, String end) {
        return target.resolveSibling(target.getFileName() + end);
    }

    /** Ends what another run began: a new file that never got its name, an old one that has lost it. */
    private static void finish(Path target, Path fresh, Path old) throws IOException {
        if (Files.exists(old, LinkOption.NOFOLLOW_LINKS)) {
            if (!Files.exists(target)) {
                Files.move(old, target, StandardCopyOption.ATOMIC_MOVE);
            } else if (Files.isSameFile(old, target)) {
                Files.delete(old);
            } else {
                PrivateFile.erase(old);
            }
        }
        if (Files.exists(fresh, LinkOption.NOFOLLOW_LINKS)) {
            PrivateFile.erase(fresh);
        }
    }

    private static void writeNew(Path fresh, KeyStore keys, Optional<byte[]> root, InstantSource clock)
            throws IOException {
        MessageDigest sum = ArchiveWriter.sha256();
        try (FileChannel channel = PrivateFile.create(fresh);
                DataOutputStream out = new DataOutputStream(
                        new BufferedOutputStream(new DigestOutputStream(Channels.newOutputStream(channel), sum)))) {
            out.writeUTF(FORM);
            out.writeLong(clock.millis());
            out.writeInt(root.map(bytes -> bytes.length).orElse(0));
            out.write(root.orElse(new byte[0]));
            keys.exportTo(out);
            out.flush();
            Channels.newOutputStream(channel).write(sum.digest());
            channel.force(true);
        }
    }

    /** The old file keeps a second name, by which it is erased when it has lost its own. */
    private static void replace(Path target, Path fresh, Path old) throws IOException {
        try {
            Files.createLink(old, target);
        } catch (NoSuchFileException _) {
            // It is the first one.
        } catch (UnsupportedOperationException | IOException e) {
            // A stick has no second names: for a moment the old one has no other than that by which it is erased.
            Files.move(target, old, StandardCopyOption.ATOMIC_MOVE);
        }
        Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
        PrivateFile.synchronise(PrivateFile.folder(target));
    }

    /**
     * Makes sure that it is what was written.
     *
     * @throws StartFailure otherwise
     */
    Head requireWhole() {
        try {
            MessageDigest sum = ArchiveWriter.sha256();
            try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
                byte[] buffer = new byte[64 * 1024];
                for (long left = Files.size(file) - DIGEST; left > 0;) {
                    int read = in.readNBytes(buffer, 0, (int) Math.min(buffer.length, left));
                    sum.update(buffer, 0, read);
                    left = read == 0 ? 0 : left - read;
                }
                if (!Arrays.equals(in.readAllBytes(), sum.digest())) {
                    throw new StartFailure("The file " + file + " is no backup of keys, or is damaged or cut off: it is"
                            + " not what \"backup-keys\" wrote.");
                }
            }
            try (DataInputStream in = open()) {
                return head(in);
            }
        } catch (IOException e) {
            throw new StartFailure("The backup of the keys " + file + " cannot be read (" + e
                    + "): check that it is there and yours.", e);
        }
    }

    private DataInputStream open() throws IOException {
        return new DataInputStream(new BufferedInputStream(Files.newInputStream(file)));
    }

    private Head head(DataInputStream in) throws IOException {
        if (!in.readUTF().equals(FORM)) {
            throw new StartFailure("The backup of the keys " + file + " has a form that this release does not know:"
                    + " restore it with the release that made it, or a later one.");
        }
        Instant takenAt = Instant.ofEpochMilli(in.readLong());
        byte[] root = in.readNBytes(in.readInt());
        return new Head(takenAt, root.length == 0 ? Optional.empty() : Optional.of(root));
    }

    /**
     * Puts the keys into a store that is empty.
     *
     * @throws StartFailure if it is not, or if the root key is another one
     */
    void readInto(KeyStore keys) {
        try (DataInputStream in = open()) {
            head(in);
            keys.importFrom(in);
        } catch (IllegalStateException e) {
            throw new StartFailure(
                    "The key store is in use: it holds other keys, which would be mixed with those of the"
                            + " backup. Restore into one that is empty.",
                    e);
        } catch (IOException e) {
            throw new StartFailure("The keys of " + file + " cannot be put into the key store (" + e.getMessage()
                    + "): configure the root key that they were sealed with.", e);
        }
    }
}
