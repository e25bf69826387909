package ephemera.server.backup;

import ephemera.server.StartFailure;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Reads an archive, which has proved to be whole before anything of it is read. Not thread-safe. */
final class ArchiveReader implements AutoCloseable {

    private static final int BUFFER = 256 * 1024;

    private final Path file;
    private final String digest;
    private final ZipFile zip;

    private ArchiveReader(Path file, String digest) throws IOException {
        this.file = file;
        this.digest = digest;
        this.zip = new ZipFile(file.toFile(), StandardCharsets.UTF_8);
    }

    /**
     * Opens an archive; reads all of it once.
     *
     * @throws StartFailure if it is none, or is not what was written
     */
    static ArchiveReader open(Path file) {
        try {
            return new ArchiveReader(file, requireWhole(file));
        } catch (IOException e) {
            throw new StartFailure("The backup " + file + " cannot be read (" + e + "): check that it is there and"
                    + " yours.", e);
        }
    }

    private static String requireWhole(Path file) throws IOException {
        int tail = ArchiveWriter.MARK.length() + ArchiveWriter.DIGEST;
        MessageDigest sum = ArchiveWriter.sha256();
        try (InputStream in = Files.newInputStream(file)) {
            byte[] buffer = new byte[BUFFER];
            for (long left = Files.size(file) - tail; left > 0;) {
                int read = in.readNBytes(buffer, 0, (int) Math.min(BUFFER, left));
                sum.update(buffer, 0, read);
                left = read == 0 ? 0 : left - read;
            }
            String end = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
            if (end.length() != tail || !end.startsWith(ArchiveWriter.MARK)) {
                throw new StartFailure("The file " + file + " is no backup, or only the beginning of one: take another"
                        + " copy of it.");
            }
            sum.update((ArchiveWriter.MARK + ArchiveWriter.BLANK).getBytes(StandardCharsets.US_ASCII));
            String digest = HexFormat.of().formatHex(sum.digest());
            if (!end.endsWith(digest)) {
                throw new StartFailure("The backup " + file + " is damaged: it is not what was written. Take another"
                        + " copy of it.");
            }
            return digest;
        }
    }

    /** Tells this archive from every other one. */
    String digest() {
        return digest;
    }

    /** The content of an entry; empty if there is none. The reader closes the stream. */
    Optional<InputStream> entry(String name) throws IOException {
        Optional<ZipEntry> entry = Optional.ofNullable(zip.getEntry(name));
        return entry.isEmpty()
                ? Optional.empty()
                : Optional.of(new BufferedInputStream(zip.getInputStream(entry.get()), BUFFER));
    }

    /** What the archive says about itself. */
    Manifest manifest() throws IOException {
        return Manifest.read(
                entry(Manifest.NAME).orElseThrow(() -> new IOException("it has no manifest")), file.toString());
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }
}
