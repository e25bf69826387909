package ephemera.server.keys;

import ephemera.server.StartFailure;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;

/**
 * The key that seals everything in the key store; whoever has it and the store can read what is alive.
 *
 * <p>256 random bits, from a file, an environment variable, or a key management service. Another one takes its place by
 * a {@link RootKeyChange}. Thread-safe.
 */
public final class RootKey {

    /** How many bytes {@link #id} has. */
    static final int ID = 8;

    static final int SALT = 32;

    private static final int LENGTH = 32;
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final byte[] FOR_CONTENT = "ephemera content of the key store".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] FOR_ID = "ephemera id of the root key".getBytes(StandardCharsets.US_ASCII);

    private final byte[] key;
    private final byte[] id;
    private final boolean hasSuccessor;

    private RootKey(byte[] key, boolean hasSuccessor) {
        this.key = key;
        this.hasSuccessor = hasSuccessor;
        this.id = Arrays.copyOf(derive(FOR_ID, new byte[SALT]), ID);
    }

    /** What may happen if a file does not exist: a new key is made only while nothing depends on an old one. */
    public enum IfMissing {
        /** The store is empty and the file is where the server keeps it: it is made, with mode 0600. */
        CREATE,
        /** The store holds what only the missing key opens. */
        STORE_NEEDS_IT,
        /** The operator named the file, and so has to make it. */
        OPERATOR_MAKES_IT
    }

    /**
     * The key in a file: 32 bytes in Base64, on one line.
     *
     * @throws StartFailure if there is none, or something else is in the file
     */
    public static RootKey ofFile(Path file, IfMissing ifMissing) {
        return in(file, Optional.empty(), ifMissing);
    }

    /**
     * The key in an environment variable: 32 bytes in Base64.
     *
     * @param name of the variable, for messages
     * @throws StartFailure if it is something else
     */
    public static RootKey ofEnvironment(String name, String value) {
        return decoded(value, "The environment variable " + name);
    }

    /**
     * The key in a file that a key management service has sealed, and opens at each start.
     *
     * @param uri of the service's key, as its Tink client understands it, for example {@code aws-kms://…}
     * @param file holds the sealed key in Base64
     * @param credentials a file as the client wants it; empty for what it finds by itself
     * @throws StartFailure if no client for such an address is installed, if the service refuses, or as {@link #ofFile}
     */
    public static RootKey ofService(String uri, Path file, Optional<Path> credentials, IfMissing ifMissing) {
        return in(file, Optional.of(KeyService.at(uri, credentials)), ifMissing);
    }

    private static RootKey in(Path file, Optional<KeyService> service, IfMissing ifMissing) {
        return find(file, service).orElseGet(() -> {
            requireCreate(file, ifMissing);
            return make(file, service);
        });
    }

    /** The key in a file, as it is or sealed by a service; empty if there is no such file. */
    static Optional<RootKey> find(Path file, Optional<KeyService> service) {
        return read(file).map(text -> {
            boolean hasSuccessor = RootFile.at(file).hasNext();
            String where = "The file " + file;
            byte[] bytes = decode(text, where);
            if (service.isEmpty()) {
                warnIfOthersRead(file);
                requireForm(bytes.length <= LENGTH, where + " does not hold a root key, or one that a key management"
                        + " service has sealed: configure that service with vault.root.kms.");
                return checked(bytes, where, hasSuccessor);
            }
            // No service is to see a root key that it has not sealed.
            requireForm(bytes.length > LENGTH, where + " does not hold a root key that a service has sealed: configure"
                    + " it without vault.root.kms.");
            return checked(service.get().open(bytes), "What the file " + file + " holds", hasSuccessor);
        });
    }

    private static void requireForm(boolean fits, String otherwise) {
        if (!fits) {
            throw new StartFailure(otherwise);
        }
    }

    /** Whether there is such a file, and its key is in it as a service has sealed it, or as it is. */
    static boolean isIn(Path file, boolean sealed) {
        return read(file).filter(text -> decode(text, "The file " + file).length > LENGTH == sealed).isPresent();
    }

    /** Makes a key, in a file that must not exist, as it is or sealed by a service; on disk when this returns. */
    static RootKey make(Path file, Optional<KeyService> service) {
        byte[] key = newKey();
        create(file, Base64.getEncoder().encodeToString(service.isEmpty() ? key : service.get().seal(key)));
        return new RootKey(key, false);
    }

    private static byte[] newKey() {
        byte[] key = new byte[LENGTH];
        RANDOM.nextBytes(key);
        return key;
    }

    private static Optional<String> read(Path file) {
        try {
            return Optional.of(Files.readString(file, StandardCharsets.US_ASCII));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        } catch (IOException e) {
            throw new StartFailure("The root key cannot be read from " + file + " (" + e + "): let the server read it.",
                    e);
        }
    }

    private static void requireCreate(Path file, IfMissing ifMissing) {
        switch (ifMissing) {
            case CREATE -> createFolder(file);
            case STORE_NEEDS_IT -> throw missing(file);
            case OPERATOR_MAKES_IT -> throw new StartFailure("The root key " + file + " does not exist: write 32 random"
                    + " bytes in Base64 into it, for example with 'openssl rand -base64 32'.");
        }
    }

    /** What is to be done when the store is in use, and the file of its root key is not there. */
    static StartFailure missing(Path file) {
        return new StartFailure(
                RootFile.at(file).hasNext()
                        ? "The change of the root key " + file + " is not finished: run the same \"root-key change\""
                                + " again, with the configuration of before."
                        : "The root key " + file + " is missing, and the key store holds keys that nothing else opens:"
                                + " put the file back from its backup, or, if the root key was changed, configure the"
                                + " new one.");
    }

    /** With keys in a database, nothing else has made it. */
    private static void createFolder(Path file) {
        try {
            Disk.createFolder(Disk.parent(file));
        } catch (IOException e) {
            throw new StartFailure("The folder of the root key " + file + " cannot be made (" + e + ").", e);
        }
    }

    private static void create(Path file, String text) {
        try {
            Disk.createFile(file, (text + "\n").getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new StartFailure("The root key cannot be written to " + file + " (" + e + ").", e);
        }
    }

    private static void warnIfOthersRead(Path file) {
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
            if (permissions.contains(PosixFilePermission.OTHERS_READ)) {
                System.getLogger(RootKey.class.getName())
                        .log(Level.WARNING, "Every user of this machine may read the root key {0}: chmod 600.", file);
            }
        } catch (IOException | UnsupportedOperationException _) {
            // A file system without such permissions has its own ways.
        }
    }

    private static RootKey decoded(String text, String where) {
        return checked(decode(text, where), where, false);
    }

    private static byte[] decode(String text, String where) {
        try {
            return Base64.getDecoder().decode(text.strip());
        } catch (IllegalArgumentException e) {
            throw new StartFailure(where + " does not hold a root key: it is not Base64.", e);
        }
    }

    private static RootKey checked(byte[] key, String where, boolean hasSuccessor) {
        if (key.length != LENGTH) {
            throw new StartFailure(
                    where + " does not hold a root key: it has " + key.length + " bytes instead of " + LENGTH + ".");
        }
        return new RootKey(key, hasSuccessor);
    }

    /** Tells this root key from others, and nothing else about it. */
    byte[] id() {
        return id.clone();
    }

    boolean isSame(RootKey other) {
        return Arrays.equals(id, other.id);
    }

    /** Whether the key that is to take its place is in a file beside it. */
    boolean hasSuccessor() {
        return hasSuccessor;
    }

    static byte[] newSalt() {
        byte[] salt = new byte[SALT];
        RANDOM.nextBytes(salt);
        return salt;
    }

    /** The key of whatever has that salt. */
    byte[] derive(byte[] salt) {
        return derive(FOR_CONTENT, salt);
    }

    private byte[] derive(byte[] purpose, byte[] salt) {
        try {
            return KDF.getInstance("HKDF-SHA256")
                    .deriveData(HKDFParameterSpec.ofExtract()
                            .addIKM(key)
                            .addSalt(salt)
                            .thenExpand(purpose, LENGTH));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String toString() {
        return "***";
    }
}
