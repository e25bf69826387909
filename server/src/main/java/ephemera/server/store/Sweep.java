package ephemera.server.store;

import ephemera.core.vault.Blobs;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/**
 * Removes what is left over: pictures that nobody shows, files that nobody kept, request ids that nobody may repeat,
 * tokens that are long over. Thread-safe.
 */
public final class Sweep {

    private final Database database;
    private final Blobs blobs;

    /** Makes a sweep of that database and those files. */
    public Sweep(Database database, Blobs blobs) {
        this.database = database;
        this.blobs = blobs;
    }

    /**
     * Removes pictures that nobody shows, and files that were stored for a message that was never sent.
     *
     * @param storedBefore only files older than this, since younger ones may belong to a request that is under way
     */
    public void files(Instant storedBefore) {
        blobs.discardBefore(storedBefore);
        List<UUID> old = blobs.picturesBefore(storedBefore);
        Set<UUID> shown = new HashSet<>(database.read(handle -> handle.createQuery(
                """
                        SELECT avatar FROM person WHERE avatar = ANY (:blobs)
                        UNION SELECT avatar FROM conversation WHERE avatar = ANY (:blobs)
                        """)
                .bindArray("blobs", UUID.class, old.toArray())
                .mapTo(UUID.class)
                .list()));
        blobs.deletePictures(old.stream().filter(blob -> !shown.contains(blob)).toList());
    }

    /** Removes the requests with a key that nobody may repeat any more. */
    public void repeatable() {
        new PostgresIdempotency(database).sweep();
    }

    /**
     * Empties the slots of request ids that are older than yesterday: all rows of a slot are of one day, and each day
     * begins with an empty one.
     */
    public void requests() {
        database.read(handle -> {
            if (isPast(handle, 0)) {
                handle.execute("TRUNCATE request_0");
            }
            if (isPast(handle, 1)) {
                handle.execute("TRUNCATE request_1");
            }
            if (isPast(handle, 2)) {
                handle.execute("TRUNCATE request_2");
            }
            return handle;
        });
    }

    /** Removes tokens and codes that expired more than a day ago. */
    public void tokens() {
        database.change(handle -> {
            TokenRows.sweep(handle);
            return handle;
        });
    }

    private static boolean isPast(Handle handle, int slot) {
        return handle.createQuery("SELECT day < today() - 1 FROM request WHERE slot = :slot LIMIT 1")
                .bind("slot", slot)
                .mapTo(Boolean.class)
                .findOne()
                .orElse(false);
    }
}
