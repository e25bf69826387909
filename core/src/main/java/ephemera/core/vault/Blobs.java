package ephemera.core.vault;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The store of files: attachments and avatars (a port).
 *
 * <p>Files are streamed and never whole in memory. Thread-safe.
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
     * @param size in bytes
     */
    record Stored(UUID id, long size) {}

    /** The content of a blob; empty if there is none (any more). The reader closes the stream. */
    Optional<InputStream> open(UUID id) throws IOException;

    /** Removes blobs; those that are gone already are no failure. */
    void delete(Collection<UUID> ids);

    /** The blobs that were stored before that instant: for finding those that no message owns. */
    List<UUID> storedBefore(Instant instant);
}
