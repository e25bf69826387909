package ephemera.server.backup;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes an archive: a ZIP file whose comment, its last bytes, is the digest of all of it.
 *
 * <p>It is written beside its place and moved there when it is whole; closed before that, it leaves nothing. Not
 * thread-safe.
 */
final class ArchiveWriter implements AutoCloseable {

    /** What the comment begins with. */
    static final String MARK = "ephemera backup sha256 ";

    /** How many letters the digest has at the end. */
    static final int DIGEST = 64;

    /** What stands in the digest's place while it is computed. */
    static final String BLANK = "0".repeat(DIGEST);

    private static final int BUFFER = 256 * 1024;

    private final Path target;
    private final Path unfinished;
    private final FileChannel channel;
    private final DigestOutputStream digested;
    private final ZipOutputStream zip;
    private boolean whole;

    /** Begins an archive that will be at that place, and replace what is there. */
    ArchiveWriter(Path target) throws IOException {
        this.target = target;
        this.unfinished = target.resolveSibling(target.getFileName() + ".part");
        Files.deleteIfExists(unfinished);
        this.channel = PrivateFile.create(unfinished);
        this.digested = new DigestOutputStream(Channels.newOutputStream(channel), sha256());
        this.zip = new ZipOutputStream(new BufferedOutputStream(digested, BUFFER), StandardCharsets.UTF_8);
        zip.setComment(MARK + BLANK);
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Begins an entry, which ends when the next one begins.
     *
     * @param dense whether it cannot be compressed
     * @return where its content goes; it is not to be closed
     */
    OutputStream entry(String name, boolean dense) throws IOException {
        zip.setLevel(dense ? Deflater.NO_COMPRESSION : Deflater.BEST_SPEED);
        zip.putNextEntry(new ZipEntry(name));
        return zip;
    }

    /** Ends the archive and puts it in its place; it is on disk when this returns. How many bytes it has. */
    long finish() throws IOException {
        zip.finish();
        zip.flush();
        String digest = HexFormat.of().formatHex(digested.getMessageDigest().digest());
        long size = channel.size();
        ByteBuffer last = ByteBuffer.wrap(digest.getBytes(StandardCharsets.US_ASCII));
        while (last.hasRemaining()) {
            channel.write(last, size - last.remaining());
        }
        channel.force(true);
        Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
        PrivateFile.synchronise(PrivateFile.folder(target));
        whole = true;
        return size;
    }

    @Override
    public void close() throws IOException {
        channel.close();
        if (!whole) {
            Files.deleteIfExists(unfinished);
        }
    }
}
