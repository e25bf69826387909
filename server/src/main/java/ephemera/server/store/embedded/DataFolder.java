package ephemera.server.store.embedded;

import ephemera.server.StartFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A data folder that this process has claimed for itself, until it is closed.
 *
 * <p>The claim is a lock of the operating system on {@code server.lock}; it ends with the process, so that a lock file
 * left by {@code kill -9} is no obstacle. The file holds the process id and the purpose of the claim, for the sentence
 * that another process shows.
 *
 * <p>Thread-safe.
 */
public final class DataFolder implements AutoCloseable {

    /** Why a process claims a data folder. */
    public enum Purpose {
        /** A server that runs until it is told to stop. */
        SERVER,
        /** A command of the command line, over in a moment: others may wait for it. */
        COMMAND
    }

    /** The process that has claimed a data folder; the id is 0 when it is not known yet. */
    public record Holder(long pid, Purpose purpose) {

        private static Holder parse(String text) {
            String[] words = text.strip().split(" ");
            if (words.length != 2 || !words[0].matches("[0-9]{1,18}")) {
                return new Holder(0, Purpose.SERVER);
            }
            Purpose purpose = words[1].equals(Purpose.COMMAND.name()) ? Purpose.COMMAND : Purpose.SERVER;
            return new Holder(Long.parseLong(words[0]), purpose);
        }

        private String text() {
            return pid + " " + purpose + "\n";
        }

        /** The holder as words of a sentence. */
        @Override
        public String toString() {
            String who = purpose == Purpose.SERVER ? "a server" : "a command";
            return pid == 0 ? who : who + " with process id " + pid;
        }
    }

    /** Somebody who only looks holds the lock for microseconds, or until a busy machine lets them go on. */
    private static final Duration PATIENCE_WITH_PEEKERS = Duration.ofSeconds(2);
    private static final Duration PATIENCE_WITH_COMMANDS = Duration.ofSeconds(30);
    private static final Duration STEP = Duration.ofMillis(20);

    /**
     * Folders claimed by this JVM; also the monitor under which lock files are opened and closed.
     *
     * <p>A lock of the operating system belongs to the process and is lost when the process closes any descriptor of
     * the file, so the lock file of a claimed folder must not be opened again in here.
     */
    private static final Map<Path, Holder> CLAIMED_HERE = new HashMap<>();

    private final Path path;
    private final FileChannel channel;

    private DataFolder(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /**
     * Claims a data folder for a server; the folder is created, readable by its owner only, where it does not exist.
     *
     * @throws StartFailure when another server holds it, a command holds it for more than 30 seconds, or it cannot be
     *     created or written
     */
    public static DataFolder claim(Path folder) {
        return claim(folder, Purpose.SERVER);
    }

    /** Claims a data folder for the given purpose; otherwise like {@link #claim(Path)}. */
    public static DataFolder claim(Path folder, Purpose purpose) {
        Path real = create(folder);
        Holder me = new Holder(ProcessHandle.current().pid(), purpose);
        Deadline withPeekers = Deadline.in(PATIENCE_WITH_PEEKERS);
        Deadline withCommands = Deadline.in(PATIENCE_WITH_COMMANDS);
        while (true) {
            Optional<DataFolder> claimed = tryClaim(real, me);
            if (claimed.isPresent()) {
                return claimed.get();
            }
            Holder holder = peek(real).orElse(new Holder(0, Purpose.COMMAND));
            Deadline deadline = holder.purpose() == Purpose.COMMAND ? withCommands : withPeekers;
            if (deadline.isOver()) {
                throw new StartFailure("The data folder " + real + " is in use by " + holder
                        + ": stop it first, or give this one a folder of its own with --data DIR.");
            }
            deadline.pause(STEP);
        }
    }

    /**
     * Tells which process holds a data folder, without claiming it; empty when none does or the folder does not exist.
     *
     * @throws StartFailure when the folder may not be read
     */
    public static Optional<Holder> peek(Path folder) {
        try {
            Path real = folder.toRealPath();
            synchronized (CLAIMED_HERE) {
                Holder here = CLAIMED_HERE.get(real);
                return here != null ? Optional.of(here) : peekLock(real.resolve("server.lock"));
            }
        } catch (NoSuchFileException _) {
            return Optional.empty();
        } catch (AccessDeniedException e) {
            throw notPermitted(folder, e);
        } catch (IOException e) {
            throw new StartFailure("The data folder " + folder + " cannot be read: " + e.getMessage() + ".", e);
        }
    }

    private static Optional<Holder> peekLock(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
                FileLock lock = channel.tryLock(0, Long.MAX_VALUE, true)) {
            if (lock != null) {
                return Optional.empty();
            }
            ByteBuffer text = ByteBuffer.allocate(64);
            channel.read(text, 0);
            return Optional.of(Holder.parse(StandardCharsets.US_ASCII.decode(text.flip()).toString()));
        }
    }

    private static Optional<DataFolder> tryClaim(Path real, Holder me) {
        synchronized (CLAIMED_HERE) {
            Optional<DataFolder> claimed = CLAIMED_HERE.containsKey(real) ? Optional.empty() : lock(real, me);
            claimed.ifPresent(_ -> CLAIMED_HERE.put(real, me));
            return claimed;
        }
    }

    private static Optional<DataFolder> lock(Path real, Holder me) {
        try {
            FileChannel channel = PrivateFiles.openForWriting(real.resolve("server.lock"));
            boolean locked = false;
            try {
                locked = channel.tryLock() != null;
                if (locked) {
                    channel.truncate(0);
                    channel.write(ByteBuffer.wrap(me.text().getBytes(StandardCharsets.US_ASCII)), 0);
                }
            } finally {
                if (!locked) {
                    channel.close();
                }
            }
            return locked ? Optional.of(new DataFolder(real, channel)) : Optional.empty();
        } catch (AccessDeniedException e) {
            throw notPermitted(real, e);
        } catch (IOException e) {
            throw new StartFailure("The data folder " + real + " cannot be written: " + e.getMessage() + ".", e);
        }
    }

    private static Path create(Path folder) {
        try {
            Path absolute = folder.toAbsolutePath().normalize();
            if (!Files.isDirectory(absolute)) {
                if (absolute.getParent() != null) {
                    Files.createDirectories(absolute.getParent());
                }
                PrivateFiles.createFolder(absolute);
            }
            return absolute.toRealPath();
        } catch (AccessDeniedException e) {
            throw notPermitted(folder, e);
        } catch (IOException e) {
            throw new StartFailure("The data folder " + folder + " cannot be created (" + e
                    + "): give another one with --data DIR.", e);
        }
    }

    private static StartFailure notPermitted(Path folder, AccessDeniedException cause) {
        return new StartFailure("The user " + System.getProperty("user.name") + " may not use " + cause.getFile()
                + ": run as the user who owns the data folder " + folder + ", or give another one with --data DIR.",
                cause);
    }

    /** The folder itself, absolute and free of symbolic links. */
    public Path path() {
        return path;
    }

    /** Where the bundled PostgreSQL lives: its binaries, its data, its log. */
    public Path postgres() {
        return postgresIn(path);
    }

    /** Where attachments and other large content live, encrypted. */
    public Path blobs() {
        return blobsIn(path);
    }

    /** Where that is in a data folder that somebody else may hold. */
    public static Path blobsIn(Path folder) {
        return folder.resolve("blobs");
    }

    /** Where the logins of the demo organization are written. */
    public Path demoFile() {
        return path.resolve("demo.json");
    }

    /** Where the port and the passwords of the bundled PostgreSQL are kept, readable by the owner only. */
    Path connectionFile() {
        return connectionFileIn(path);
    }

    static Path connectionFileIn(Path folder) {
        return folder.resolve("postgres.properties");
    }

    static Path postgresIn(Path folder) {
        return folder.resolve("postgres");
    }

    /** Gives the folder free again. Calling it twice is harmless. */
    @Override
    public void close() {
        synchronized (CLAIMED_HERE) {
            if (!channel.isOpen()) {
                return;
            }
            try (channel) {
                channel.truncate(0);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                CLAIMED_HERE.remove(path);
            }
        }
    }
}
