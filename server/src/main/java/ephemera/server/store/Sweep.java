package ephemera.server.store;

import ephemera.core.vault.Blobs;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** Removes rows and files of what has expired; nobody could read them before already. Thread-safe. */
public final class Sweep {

    private static final int AT_ONCE = 5_000;

    private final Database database;
    private final Blobs blobs;

    /** Makes a sweep of that database and those files. */
    public Sweep(Database database, Blobs blobs) {
        this.database = database;
        this.blobs = blobs;
    }

    /** Removes what has expired and returns how many messages that were. */
    public int expired() {
        int removed = 0;
        int more;
        do {
            more = someMessages();
            removed += more;
        } while (more == AT_ONCE);
        database.read(handle -> handle.execute("DELETE FROM notice WHERE expires_at <= now()"));
        database.read(handle -> handle.execute("DELETE FROM receipt WHERE expires_at <= now()"));
        database.read(handle -> handle.execute("DELETE FROM delivery WHERE expires_at <= now()"));
        return removed;
    }

    private int someMessages() {
        List<UUID> files = database.change(handle -> {
            List<UUID[]> gone = handle.createQuery(
                    """
                            DELETE FROM message
                             WHERE message_id IN (SELECT message_id FROM message WHERE expires_at <= now() LIMIT :some)
                            RETURNING message_id, blob
                            """)
                    .bind("some", AT_ONCE)
                    .map((row, _) -> new UUID[] {
                        row.getObject("message_id", UUID.class), row.getObject("blob", UUID.class)
                    })
                    .list();
            handle.createUpdate("DELETE FROM burn WHERE message_id = ANY (:messages)")
                    .bindArray("messages", UUID.class, gone.stream().map(row -> row[0]).toArray())
                    .execute();
            return gone.stream().map(row -> row[1]).toList();
        });
        blobs.delete(files.stream().filter(file -> file != null).toList());
        return files.size();
    }

    /**
     * Removes files that no message or picture owns: those of recalled messages, and what a crash left between file and
     * row.
     *
     * @param storedBefore only files older than this, since younger ones may belong to a send that is under way
     */
    public int orphans(Instant storedBefore) {
        List<UUID> old = blobs.storedBefore(storedBefore);
        Set<UUID> owned = new HashSet<>(database.read(handle -> handle.createQuery(
                """
                        SELECT blob FROM message WHERE blob = ANY (:blobs) AND NOT recalled
                        UNION SELECT avatar FROM person WHERE avatar = ANY (:blobs)
                        UNION SELECT avatar FROM conversation WHERE avatar = ANY (:blobs)
                        """)
                .bindArray("blobs", UUID.class, old.toArray())
                .mapTo(UUID.class)
                .list()));
        List<UUID> orphans = old.stream().filter(blob -> !owned.contains(blob)).toList();
        blobs.delete(orphans);
        return orphans.size();
    }
}
