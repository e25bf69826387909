package ephemera.server.store;

import ephemera.core.talk.MessageId;
import ephemera.core.vault.Blobs;
import ephemera.core.vault.KeyId;
import ephemera.core.vault.KeyRing;
import ephemera.core.vault.Slice;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.statement.Query;

/**
 * What looks after uploads: ends claims that a server left open, destroys the keys and files of what was taken or
 * deleted, and removes what nobody took.
 *
 * <p>Every step can be repeated, also by several servers at once. Thread-safe.
 */
public final class UploadSweep {

    /** By far longer than a message is on its way to the journal. */
    private static final Duration ON_ITS_WAY = Duration.ofMinutes(10);

    private static final int AT_ONCE = 1_000;

    private final Database database;
    private final KeyRing keys;
    private final Blobs blobs;
    private final PostgresShelf shelf;

    /** Makes a sweep of that shelf. */
    public UploadSweep(Database database, KeyRing keys, Blobs blobs, PostgresShelf shelf) {
        this.database = database;
        this.keys = keys;
        this.blobs = blobs;
        this.shelf = shelf;
    }

    /** Does all that is due. */
    public void sweep() {
        endClaims();
        shed();
        remove();
    }

    private record Open(UUID claim, MessageId message) {}

    private void endClaims() {
        List<Open> open = database.read(handle -> handle.createQuery(
                """
                        SELECT DISTINCT claim, message_id FROM upload
                         WHERE claim IS NOT NULL AND content IS NOT NULL
                           AND claimed_at <= now() - :seconds * interval '1 second'
                         LIMIT :some
                        """)
                .bind("seconds", ON_ITS_WAY.toSeconds())
                .bind("some", AT_ONCE)
                .map((row, _) -> new Open(
                        row.getObject("claim", UUID.class),
                        new MessageId(row.getObject("message_id", UUID.class))))
                .list());
        open.forEach(each -> shelf.end(each.claim(), each.message()));
    }

    /**
     * Where an upload is.
     *
     * @param message which has taken it
     */
    private record Place(UUID upload, KeyId key, Optional<MessageId> message) {

        Slice slice() {
            return key.slice();
        }
    }

    private static List<Place> places(Query query) {
        return query.bind("some", AT_ONCE)
                .map((row, _) -> new Place(
                        row.getObject("upload_id", UUID.class),
                        PostgresShelf.key(row),
                        Optional.ofNullable(row.getObject("message_id", UUID.class)).map(MessageId::new)))
                .list();
    }

    /** Deletes files where they waited, unless they are with their messages by being there. */
    private void deleteFiles(List<Place> places) {
        Map<Slice, List<UUID>> files = places.stream()
                .filter(each -> each.message()
                        .flatMap(MessageId::slice)
                        .filter(slice -> shelf.isOnePlace(slice, each.slice()))
                        .isEmpty())
                .collect(Collectors.groupingBy(
                        Place::slice, Collectors.mapping(Place::upload, Collectors.toList())));
        files.forEach((slice, ids) -> blobs.delete(ids, slice));
    }

    /** What was taken has its file with the message, and what was deleted has none: here both end. */
    private void shed() {
        List<Place> due;
        do {
            due = database.read(handle -> places(handle.createQuery(
                    "SELECT * FROM upload WHERE content IS NULL AND NOT shed LIMIT :some")));
            if (!due.isEmpty()) {
                deleteFiles(due);
                keys.puncture(due.stream().map(Place::key).toList());
                List<UUID> ids = due.stream().map(Place::upload).toList();
                database.change(handle -> handle.createUpdate(
                        "UPDATE upload SET shed = true WHERE upload_id = ANY (:ids)")
                        .bindArray("ids", UUID.class, ids)
                        .execute());
            }
        } while (due.size() == AT_ONCE);
    }

    /** Nobody took it in time, and its key has ended; or it was taken, and nobody repeats the request any more. */
    private void remove() {
        List<Place> over;
        do {
            over = database.read(handle -> places(handle.createQuery(
                    """
                            SELECT * FROM upload
                             WHERE ends_at <= now()
                               AND (claim IS NULL OR (content IS NULL AND claimed_at <= now() - interval '1 day'))
                               AND (content IS NOT NULL OR shed)
                             LIMIT :some
                            """)));
            if (!over.isEmpty()) {
                deleteFiles(over);
                List<UUID> ids = over.stream().map(Place::upload).toList();
                database.change(handle -> handle.createUpdate("DELETE FROM upload WHERE upload_id = ANY (:ids)")
                        .bindArray("ids", UUID.class, ids)
                        .execute());
            }
        } while (over.size() == AT_ONCE);
    }
}
