package ephemera.server.store;

import ephemera.core.directory.ClientId;
import ephemera.core.directory.PersonId;
import ephemera.core.talk.Shelf;
import java.util.Optional;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;

/** How many bytes of files wait for their messages, counted in a transaction. Stateless. */
final class WaitingBytes {

    private WaitingBytes() {}

    /** What waits of a person, and of an application. */
    static Shelf.Weight of(Handle handle, PersonId uploader, Optional<ClientId> client) {
        return handle.createQuery(
                """
                        SELECT (SELECT coalesce(sum(greatest(size, :smallest)), 0) FROM upload
                                 WHERE uploader_id = :uploader AND content IS NOT NULL AND claim IS NULL
                                   AND ends_at > now()) AS of_person,
                               (SELECT coalesce(sum(greatest(size, :smallest)), 0) FROM upload
                                 WHERE client_id = CAST(:client AS uuid) AND content IS NOT NULL AND claim IS NULL
                                   AND ends_at > now()) AS of_client
                        """)
                .bind("smallest", Shelf.SMALLEST)
                .bind("uploader", uploader.value())
                .bind("client", client.map(ClientId::value).orElse(null))
                .map((row, _) -> new Shelf.Weight(row.getLong("of_person"), row.getLong("of_client")))
                .one();
    }

    /** Whoever enters a file of the same person, or through the same application, waits until this one is entered. */
    static void lock(Handle handle, PersonId uploader, Optional<ClientId> client) {
        // Always in this order, so that nobody waits for somebody who waits.
        Stream.concat(client.map(ClientId::value).stream(), Stream.of(uploader.value()))
                .forEach(each -> handle.createQuery(
                        "SELECT pg_advisory_xact_lock(hashtextextended('upload ' || :who, 0))::text")
                        .bind("who", each.toString())
                        .mapTo(String.class)
                        .list());
    }
}
