package ephemera.core.vault;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The store of files: attachments and pictures (a port).
 *
 * <p>A file is stored before it is known what it is for. It is then either kept with the messages that end in a slice,
 * or as a picture; what nobody keeps is removed after a while. Files are streamed, never whole in memory, and sealed on
 * their way to the disk, each with a key of its own. Thread-safe.
 */
public interface Blobs {

    /**
     * Stores everything that can be read from the stream; it is on disk when this returns.
     *
     * @param limit the most bytes that are accepted
     * @throws ephemera.core.Refused with {@code TOO_LARGE} if there is more, with {@code UNAVAILABLE} if it cannot be
     *     stored now; nothing is kept then
     * @throws IOException if reading fails; nothing is kept then
     */
    Stored put(InputStream content, long limit) throws IOException;

    /**
     * What was stored.
     *
     * @param id by which it is found again
     * @param key without which it cannot be read
     * @param size in bytes
     */
    record Stored(UUID id, BlobKey key, long size) {}

    /**
     * Moves files that were just stored to where they end with the messages of a slice; durable when this returns.
     *
     * @throws ephemera.core.Refused with {@code UNAVAILABLE} if one cannot be moved now: then none is
     */
    void keep(Collection<UUID> ids, Slice slice);

    /**
     * The content of a file that is kept with a slice; empty if there is none (any more). The reader closes the stream.
     */
    Optional<InputStream> open(UUID id, BlobKey key, Slice slice) throws IOException;

    /**
     * Keeps a file that is kept with a slice with another one as well, such as that of a hold; durable when this
     * returns, and may be repeated. With either slice it is opened and deleted like any other.
     *
     * @return false if there is no such file (any more)
     */
    boolean share(UUID id, Slice slice, Slice other);

    /** Makes a file that was just stored a picture; durable when this returns. Pictures are directory data. */
    void keepAsPicture(UUID id, BlobKey key) throws IOException;

    /** The content of a picture; empty if there is none (any more). The reader closes the stream. */
    Optional<InputStream> openPicture(UUID id) throws IOException;

    /** Removes files that nobody kept, and pictures kept for nothing; those that are gone already are no failure. */
    void discard(Collection<UUID> ids);

    /** Removes files that were kept with a slice; those that are gone already are no failure. */
    void delete(Collection<UUID> ids, Slice slice);

    /** Removes all files of an epoch at once. */
    void delete(Epoch epoch);

    /** Removes pictures. */
    void deletePictures(Collection<UUID> ids);

    /** The pictures that were kept before that instant: for finding those that nobody shows. */
    List<UUID> picturesBefore(Instant instant);

    /** Removes what was stored before that instant and is not kept by anybody. */
    void discardBefore(Instant instant);
}
