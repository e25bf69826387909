package ephemera.server.store;

import ephemera.core.Failure;
import ephemera.core.Ids;
import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.PersonId;
import ephemera.core.talk.ConversationId;
import ephemera.core.vault.Deletion;
import ephemera.core.vault.KeyRing;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;

/**
 * The register of legal holds: placing, releasing, and what there is.
 *
 * <p>From its commit on a hold is in force in all processes, since the database itself looks for it whenever a message
 * is emptied, and since the key store tells of it: as long as there may be something to hold, the hold's slice has a
 * tree there, made before the commit and destroyed with what was held. So whoever destroys keys without the database
 * knows when not to. Thread-safe.
 */
public final class Holds {

    private final Database database;
    private final Supplier<KeyRing> keys;
    private final Supplier<DeletionRecord> record;
    private final Ids ids;

    /**
     * Makes the register on that database.
     *
     * @param keys asked for when a hold is placed
     * @param record asked for when a hold is placed or released
     */
    public Holds(Database database, Supplier<KeyRing> keys, Supplier<DeletionRecord> record, Ids ids) {
        this.database = database;
        this.keys = keys;
        this.record = record;
        this.ids = ids;
    }

    /**
     * How much a hold holds.
     *
     * @param messages that are dead for everybody else
     * @param attachments how many files they have
     * @param lost how many of them could not be opened when they were to be sealed anew
     * @param alive how many messages are alive that will be held
     */
    public record Extent(long messages, long attachments, long lost, long alive) {}

    /** Whether that is a conversation of the organization, so that a hold can reach its messages. */
    public boolean canReach(OrganizationId organization, ConversationId conversation) {
        return database.read(handle -> handle.createQuery(
                """
                        SELECT EXISTS (SELECT FROM conversation
                                        WHERE conversation_id = :id AND organization_id = :organization)
                        """)
                .bind("id", conversation.value())
                .bind("organization", organization.token())
                .mapTo(Boolean.class)
                .one());
    }

    /**
     * Waits until nobody else places, releases or destroys, and keeps it so until the transaction ends: the slices in
     * the key store and the rows are compared then.
     */
    static void lock(Handle handle) {
        handle.createQuery("SELECT pg_advisory_xact_lock(hashtext('hold'))::text").mapTo(String.class).list();
    }

    /** Waits for whoever is about to place a hold, so that what the transaction of that handle does next sees it. */
    static void awaitPlacing(Handle handle) {
        handle.createQuery("SELECT pg_advisory_xact_lock_shared(hashtext('hold placed'))::text")
                .mapTo(String.class)
                .list();
    }

    private static void beginPlacing(Handle handle) {
        handle.createQuery("SELECT pg_advisory_xact_lock(hashtext('hold placed'))::text").mapTo(String.class).list();
    }

    /** Places a hold, and records it. */
    public Hold place(OrganizationId organization, Hold.Target target) {
        UUID id = ids.random();
        Optional<UUID> person =
                target instanceof Hold.Target.OfPerson(PersonId each) ? Optional.of(each.value()) : Optional.empty();
        Optional<UUID> conversation = target instanceof Hold.Target.OfConversation(ConversationId each)
                ? Optional.of(each.value())
                : Optional.empty();
        return database.change(handle -> {
            lock(handle);
            long number = handle.createQuery(
                    """
                            INSERT INTO hold (hold_id, number, organization_id, person_id, conversation_id, placed_at)
                            SELECT :id, coalesce(max(number), 0) + 1, :organization, CAST(:person AS uuid),
                                   CAST(:conversation AS uuid), now()
                              FROM hold
                            RETURNING number
                            """)
                    .bind("id", id)
                    .bind("organization", organization.token())
                    .bind("person", person)
                    .bind("conversation", conversation)
                    .mapTo(Long.class)
                    .one();
            keys.get().prepare(Hold.slice(number));
            CrashPoint.HOLD_MARKED.reached();
            beginPlacing(handle);
            // Only now: whoever saw no sign of the hold in the key store destroys what ended before it.
            Hold hold = handle.createQuery(
                    "UPDATE hold SET placed_at = clock_timestamp() WHERE hold_id = :id RETURNING *")
                    .bind("id", id)
                    .map((row, _) -> Hold.read(row))
                    .one();
            append(handle, hold, Deletion.Reason.HELD, hold.placedAt());
            return hold;
        });
    }

    /**
     * Releases a hold, and records it; what was held is destroyed by {@link Release}.
     *
     * @throws ephemera.core.Refused with {@code NOT_FOUND} if there is none, with {@code CONFLICT} if it is released
     */
    public Hold release(UUID id) {
        return database.change(handle -> {
            lock(handle);
            if (find(id).releasedAt().isPresent()) {
                throw Failure.CONFLICT.refused("The hold " + id + " is released already.");
            }
            Hold released = handle.createQuery(
                    "UPDATE hold SET released_at = clock_timestamp() WHERE hold_id = :id RETURNING *")
                    .bind("id", id)
                    .map((row, _) -> Hold.read(row))
                    .one();
            append(handle, released, Deletion.Reason.RELEASED, released.releasedAt().orElseThrow());
            return released;
        });
    }

    private void append(Handle handle, Hold hold, Deletion.Reason reason, Instant at) {
        record.get().append(
                handle, List.of(Deletion.Draft.hold(hold.organization().token(), hold.id(), reason, at)));
    }

    /**
     * The hold with that id.
     *
     * @throws ephemera.core.Refused with {@code NOT_FOUND} if there is none
     */
    public Hold find(UUID id) {
        return database.read(handle -> handle.createQuery("SELECT * FROM hold WHERE hold_id = :id")
                .bind("id", id)
                .map((row, _) -> Hold.read(row))
                .findOne()
                .orElseThrow(() -> Failure.NOT_FOUND.refused("There is no hold " + id + ".")));
    }

    /** All holds, also those that were released, in the order in which they were placed. */
    public List<Hold> all() {
        return database.read(handle -> handle.createQuery("SELECT * FROM hold ORDER BY number")
                .map((row, _) -> Hold.read(row))
                .list());
    }

    /** How much a hold holds. */
    public Extent extent(UUID id) {
        return database.read(handle -> handle.createQuery(
                """
                        WITH unscrubbed AS (
                             SELECT DISTINCT message.message_id, message.blobs, message.expires_at > now() AS is_alive
                        """ + Rescue.REACHED + """
                                AND reach.hold_id = :id),
                        dead AS (
                             SELECT message_id, blobs, secured AND content IS NULL AS is_lost
                               FROM held WHERE hold_id = :id
                              UNION ALL
                             SELECT message_id, blobs, false FROM unscrubbed
                              WHERE NOT is_alive AND message_id NOT IN (SELECT message_id FROM held
                                                                         WHERE hold_id = :id))
                        SELECT count(*) AS messages, coalesce(sum(cardinality(blobs)), 0) AS attachments,
                               count(*) FILTER (WHERE is_lost) AS lost,
                               (SELECT count(*) FROM unscrubbed WHERE is_alive) AS alive
                          FROM dead
                        """)
                .bind("id", id)
                .map((row, _) -> new Extent(
                        row.getLong("messages"),
                        row.getLong("attachments"),
                        row.getLong("lost"),
                        row.getLong("alive")))
                .one());
    }

    /** Whether a message that is dead for everybody else is held. */
    public static boolean isHeld(Database database, UUID message) {
        return database.read(handle -> handle.createQuery("SELECT EXISTS (SELECT FROM held WHERE message_id = :id)")
                .bind("id", message)
                .mapTo(Boolean.class)
                .one());
    }

    /** Notes that what is held was written to a file. */
    public void exported(UUID id) {
        database.change(handle -> handle.createUpdate(
                "UPDATE hold SET exported_at = clock_timestamp() WHERE hold_id = :id")
                .bind("id", id)
                .execute());
    }
}
