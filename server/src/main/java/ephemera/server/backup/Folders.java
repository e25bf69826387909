package ephemera.server.backup;

import ephemera.core.Ids;
import ephemera.core.vault.Epoch;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * The folders of files: one for each epoch, one for pictures, one for what has just come.
 *
 * <p>In an archive a folder is one run of bytes: for each file 1, its id, its size and its content; then 0.
 * Thread-safe.
 *
 * @param root where they are
 */
record Folders(Path root) {

    static final String PICTURES = "pictures";
    static final String ARRIVED = "new";
    static final String ENDED = "ended-";

    private static final int MORE = 1;
    private static final int END = 0;

    /** The name of an epoch's folder. */
    static String of(Epoch epoch) {
        return Long.toString(epoch.code());
    }

    /** The names in the root; none if it does not exist. */
    List<String> names() {
        return names(root);
    }

    /** The names in a folder; none if it does not exist (any more). */
    List<String> names(String folder) {
        return names(root.resolve(folder));
    }

    private static List<String> names(Path folder) {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            files.forEach(file -> names.add(file.getFileName().toString()));
        } catch (NoSuchFileException | NotDirectoryException _) {
            return names;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return names;
    }

    /** Writes all files of a folder, but those that vanish meanwhile; how many. */
    long write(String folder, OutputStream out) throws IOException {
        DataOutputStream data = new DataOutputStream(out);
        long files = 0;
        for (String name : names(folder)) {
            Optional<UUID> id = Ids.parse(name);
            if (id.isPresent() && write(id.get(), root.resolve(folder).resolve(name), data)) {
                files++;
            }
        }
        data.writeByte(END);
        data.flush();
        return files;
    }

    private static boolean write(UUID id, Path file, DataOutputStream out) throws IOException {
        try (FileChannel channel = FileChannel.open(file, LinkOption.NOFOLLOW_LINKS)) {
            long size = channel.size();
            out.writeByte(MORE);
            out.writeLong(id.getMostSignificantBits());
            out.writeLong(id.getLeastSignificantBits());
            out.writeLong(size);
            long copied = Channels.newInputStream(channel).transferTo(out);
            if (copied != size) {
                throw new IOException("the file " + file + " changed while it was read");
            }
            return true;
        } catch (NoSuchFileException _) {
            return false;
        }
    }

    /**
     * Writes the files of an archive into a folder, over those that are there; on disk when this returns.
     *
     * @param wanted which of them; the others never touch the disk
     * @return how many were written
     */
    long read(InputStream in, String folder, Predicate<UUID> wanted) throws IOException {
        DataInputStream data = new DataInputStream(in);
        Path place = root.resolve(folder);
        PrivateFile.createFolder(place);
        long files = 0;
        while (data.readByte() != END) {
            UUID id = new UUID(data.readLong(), data.readLong());
            long size = data.readLong();
            if (wanted.test(id)) {
                read(data, size, place.resolve(id.toString()));
                files++;
            } else {
                data.skipNBytes(size);
            }
        }
        PrivateFile.synchronise(place);
        PrivateFile.synchronise(root);
        return files;
    }

    private static void read(DataInputStream in, long size, Path file) throws IOException {
        Files.deleteIfExists(file);
        byte[] buffer = new byte[64 * 1024];
        try (FileChannel channel = PrivateFile.create(file);
                OutputStream out = Channels.newOutputStream(channel)) {
            for (long left = size; left > 0;) {
                int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
                if (read < 0) {
                    throw new EOFException("the files of the backup end too early");
                }
                out.write(buffer, 0, read);
                left -= read;
            }
            channel.force(true);
        }
    }

    /** Whether a folder holds a file. */
    boolean holds(String folder, UUID id) {
        return Files.isRegularFile(root.resolve(folder).resolve(id.toString()), LinkOption.NOFOLLOW_LINKS);
    }
}
