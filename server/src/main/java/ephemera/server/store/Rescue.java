package ephemera.server.store;

import ephemera.core.directory.OrganizationId;
import ephemera.core.talk.MessageId;
import ephemera.core.vault.Blobs;
import ephemera.core.vault.Epoch;
import ephemera.core.vault.KeyId;
import ephemera.core.vault.KeyRing;
import ephemera.core.vault.Slice;
import ephemera.core.vault.Term;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.Update;

/**
 * How messages that are held outlive their keys, rows and files.
 *
 * <p>First what they say is copied as it is, in one statement, or was by the transaction that emptied them; then each
 * copy is secured: its files get a second place, its content is sealed anew with a key of the hold. Both can be
 * repeated after a crash at any point, and by several servers at once. A hold outranks destruction: what could not be
 * secured must not be destroyed. Thread-safe.
 */
public final class Rescue {

    /** Messages with content, each for every hold that reaches it: the tables and the conditions of a query. */
    static final String REACHED =
            """
              FROM hold_reach AS reach
              JOIN message ON message.conversation_id = reach.conversation_id
                          AND message.organization_id = reach.organization_id
                          AND message.content IS NOT NULL
                          AND message.expires_at > reach.placed_at
             WHERE (message.sender_id = reach.person_id
                    OR message.recipient_id = reach.person_id
                    OR (message.position > after_position
                        AND (last_position IS NULL OR message.position <= last_position)))
            """;

    private static final String COPY =
            """
            INSERT INTO held (hold_id, message_id, slice, position, sent_at, expires_at, own_tree, own_leaf,
                              conversation_id, sender_id, recipient_id, blobs, organization_id, content)
            SELECT reach.hold_id, message.message_id, slice_of(message.message_id), message.position, message.sent_at,
                   message.expires_at, message.key_tree, message.key_leaf, message.conversation_id, message.sender_id,
                   message.recipient_id, message.blobs, message.organization_id, message.content
            """ + REACHED;

    private static final Logger LOG = System.getLogger(Rescue.class.getName());
    private static final int AT_ONCE = 200;
    private static final UUID FIRST = new UUID(0, 0);

    private final Database database;
    private final KeyRing keys;
    private final Sealing sealing;
    private final Blobs blobs;
    private final Epochs epochs;
    private final Consumer<CrashPoint> steps;
    private volatile boolean needed;

    /** Makes a rescue from that database and those files. */
    public Rescue(Database database, KeyRing keys, Sealing sealing, Blobs blobs, Epochs epochs) {
        this(database, keys, sealing, blobs, epochs, CrashPoint::reached);
    }

    /** Makes one that tells each step after it is done. */
    Rescue(
            Database database,
            KeyRing keys,
            Sealing sealing,
            Blobs blobs,
            Epochs epochs,
            Consumer<CrashPoint> steps) {
        this.database = database;
        this.keys = keys;
        this.sealing = sealing;
        this.blobs = blobs;
        this.epochs = epochs;
        this.steps = steps;
    }

    /** Whether anything may be held, as the key store tells: it does so also while the database is away. */
    boolean isNeeded() {
        return isNeeded(keys.slices());
    }

    /** Whether anything may be held if these are the slices that have keys. */
    boolean isNeeded(Set<Slice> slices) {
        needed = slices.stream().anyMatch(slice -> slice.term() == Term.HELD);
        return needed;
    }

    /** What was found when somebody last looked. */
    boolean wasNeeded() {
        return needed;
    }

    /**
     * Secures what is held of a slice that is over; true if its keys may be destroyed.
     *
     * @throws ephemera.core.Refused with {@code UNAVAILABLE} while the database is away
     */
    boolean rescue(Slice slice) {
        Optional<Epoch> epoch = epochs.find(slice);
        epoch.ifPresent(place -> copy(
                " AND message.epoch = :epoch AND slice_of(message.message_id) = :slice ON CONFLICT DO NOTHING",
                query -> query.bind("epoch", place.code()).bind("slice", slice.code())));
        return secure("slice = :slice", query -> query.bind("slice", slice.code())).isEmpty();
    }

    /**
     * Secures what is held of messages whose time has come.
     *
     * @param places the numbers of the epochs in which they are
     * @return those that must not be destroyed yet
     */
    Set<UUID> rescue(Collection<UUID> messages, Collection<Long> places) {
        copy(
                " AND message.epoch = ANY (:epochs) AND message.message_id = ANY (:messages) ON CONFLICT DO NOTHING",
                query -> query.bindArray("epochs", Long.class, places.toArray())
                        .bindArray("messages", UUID.class, messages.toArray()));
        return secure(
                "message_id = ANY (:messages)", query -> query.bindArray("messages", UUID.class, messages.toArray()));
    }

    private void copy(String which, Consumer<Update> parameters) {
        database.change(handle -> {
            Holds.awaitPlacing(handle);
            Update update = handle.createUpdate(COPY + which);
            parameters.accept(update);
            return update.execute();
        });
        steps.accept(CrashPoint.HELD_COPIED);
    }

    /** What a hold has of a message. */
    private record Row(
            Hold hold,
            MessageId message,
            OrganizationId organization,
            KeyId own,
            Optional<KeyId> key,
            List<UUID> blobs,
            Optional<byte[]> content) {

        Slice slice() {
            return own.slice();
        }
    }

    private static Row row(ResultSet row) throws SQLException {
        Hold hold = Hold.read(row);
        Slice slice = Slice.ofCode(row.getLong("slice")).orElseThrow();
        return new Row(
                hold,
                new MessageId(row.getObject("message_id", UUID.class)),
                hold.organization(),
                new KeyId(slice, row.getLong("own_tree"), row.getInt("own_leaf")),
                row.getBoolean("secured")
                        ? Optional.of(new KeyId(hold.slice(), row.getLong("key_tree"), row.getInt("key_leaf")))
                        : Optional.empty(),
                MessageRow.blobs(row),
                Optional.ofNullable(row.getBytes("content")));
    }

    private static final String ROW =
            """
            hold.*, held.message_id, held.slice, held.own_tree, held.own_leaf, held.key_tree, held.key_leaf,
            held.secured, held.blobs, held.content
            """;

    /** Secures the copies that are not yet; gives the messages of those that could not be. */
    private Set<UUID> secure(String which, Consumer<Query> parameters) {
        Set<UUID> failed = new HashSet<>();
        List<Row> some = unsecured(which, parameters, FIRST, FIRST);
        while (!some.isEmpty()) {
            Map<Row, Optional<Sealing.Sealed>> secured = new LinkedHashMap<>();
            for (Row row : some) {
                try {
                    secured.put(row, sealed(row));
                } catch (RuntimeException e) {
                    failed.add(row.message().value());
                    LOG.log(Level.WARNING, "a held message cannot be secured yet, and is not destroyed before", e);
                }
            }
            steps.accept(CrashPoint.HELD_SEALED);
            store(secured);
            steps.accept(CrashPoint.HELD_SECURED);
            some = unsecured(which, parameters, some.getLast().hold().id(), some.getLast().message().value());
        }
        return failed;
    }

    private List<Row> unsecured(String which, Consumer<Query> parameters, UUID lastHold, UUID lastMessage) {
        return database.read(handle -> {
            Query query = handle.createQuery("SELECT " + ROW
                    + " FROM held JOIN hold USING (hold_id) WHERE NOT secured AND destroyed_at IS NULL AND " + which
                    + " AND (hold_id, message_id) > (:lastHold, :lastMessage)"
                    + " ORDER BY hold_id, message_id LIMIT :some")
                    .bind("lastHold", lastHold)
                    .bind("lastMessage", lastMessage)
                    .bind("some", AT_ONCE);
            parameters.accept(query);
            return query.map((row, _) -> row(row)).list();
        });
    }

    /** What a row has, sealed anew; empty if nobody can open it any more, which destroying it cannot make worse. */
    private Optional<Sealing.Sealed> sealed(Row row) {
        row.blobs().forEach(blob -> keepFile(row, blob, row.slice(), row.hold()));
        steps.accept(CrashPoint.HELD_FILE_KEPT);
        Optional<Sealing.Sealed> sealed = row.content().flatMap(
                content -> sealing.hold(row.own(), content, row.organization(), row.message(), row.hold().custody()));
        if (sealed.isEmpty()) {
            LOG.log(Level.ERROR, "message {0} is held and cannot be opened any more", row.message());
        }
        return sealed;
    }

    private void store(Map<Row, Optional<Sealing.Sealed>> secured) {
        if (secured.isEmpty()) {
            return;
        }
        database.change(handle -> {
            PreparedBatch batch = handle.prepareBatch(
                    """
                            UPDATE held
                               SET secured = true, key_tree = CAST(:tree AS bigint), key_leaf = CAST(:leaf AS integer),
                                   content = CAST(:content AS bytea),
                                   ended = coalesce((SELECT reason FROM doomed
                                                      WHERE doomed.message_id = held.message_id), ended)
                             WHERE hold_id = :hold AND message_id = :message AND NOT secured
                            """);
            secured.forEach((row, sealed) -> batch
                    .bind("tree", sealed.map(each -> each.key().tree()))
                    .bind("leaf", sealed.map(each -> each.key().leaf()))
                    .bind("content", sealed.map(Sealing.Sealed::bytes))
                    .bind("hold", row.hold().id())
                    .bind("message", row.message().value())
                    .add());
            return batch.execute();
        });
    }

    private void keepFile(Row row, UUID blob, Slice from, Hold to) {
        if (!blobs.share(blob, from, to.slice())) {
            LOG.log(Level.ERROR, "message {0} is held, and one of its files is not there any more", row.message());
        }
    }

    /**
     * Has a new hold take over what other holds have that it reaches: it lives on when they are released.
     *
     * @return false if some of it is not secured yet, so that it is to be done again
     */
    boolean adopt(Hold hold) {
        secure("hold_id <> :hold", query -> query.bind("hold", hold.id()));
        List<Row> some = foreign(hold);
        while (!some.isEmpty()) {
            some.forEach(row -> adopt(row, hold));
            some = foreign(hold);
        }
        return database.change(handle -> handle.createUpdate(
                """
                        UPDATE hold SET adopted = true
                         WHERE hold_id = :hold
                           AND NOT EXISTS (SELECT FROM held JOIN hold AS other USING (hold_id)
                                            WHERE NOT secured AND hold_id <> :hold AND other.destroyed_at IS NULL)
                        """)
                .bind("hold", hold.id())
                .execute())
                > 0;
    }

    private List<Row> foreign(Hold hold) {
        return database.read(handle -> handle.createQuery(
                "SELECT DISTINCT ON (held.message_id) " + ROW
                        + """
                                  FROM hold_reach AS reach
                                  JOIN held ON held.conversation_id = reach.conversation_id
                                           AND held.organization_id = reach.organization_id
                                           AND held.hold_id <> reach.hold_id
                                           AND held.secured
                                  JOIN hold ON hold.hold_id = held.hold_id
                                 WHERE reach.hold_id = :hold
                                   AND (hold.released_at IS NULL OR hold.released_at > reach.placed_at)
                                   AND hold.destroyed_at IS NULL
                                   AND (held.sender_id = reach.person_id
                                        OR held.recipient_id = reach.person_id
                                        OR (held.position > after_position
                                            AND (last_position IS NULL OR held.position <= last_position)))
                                   AND NOT EXISTS (SELECT FROM held AS own
                                                    WHERE own.hold_id = :hold AND own.message_id = held.message_id)
                                 ORDER BY held.message_id LIMIT :some
                                """)
                .bind("hold", hold.id())
                .bind("some", AT_ONCE)
                .map((row, _) -> row(row))
                .list());
    }

    private void adopt(Row row, Hold hold) {
        row.blobs().forEach(blob -> keepFile(row, blob, row.hold().slice(), hold));
        Optional<Sealing.Sealed> sealed = row.content().flatMap(content -> sealing.hand(
                row.key().orElseThrow(),
                content,
                row.organization(),
                row.message(),
                row.hold().custody(),
                hold.custody()));
        database.change(handle -> handle.createUpdate(
                """
                        INSERT INTO held (hold_id, message_id, slice, position, sent_at, expires_at, own_tree, own_leaf,
                                          conversation_id, sender_id, recipient_id, blobs, organization_id, secured,
                                          ended, key_tree, key_leaf, content)
                        SELECT :hold, message_id, slice, position, sent_at, expires_at, own_tree, own_leaf,
                               conversation_id, sender_id, recipient_id, blobs, organization_id, true, ended,
                                       CAST(:tree AS bigint),
                               CAST(:leaf AS integer), CAST(:content AS bytea)
                          FROM held WHERE hold_id = :other AND message_id = :message
                            ON CONFLICT DO NOTHING
                        """)
                .bind("hold", hold.id())
                .bind("tree", sealed.map(each -> each.key().tree()))
                .bind("leaf", sealed.map(each -> each.key().leaf()))
                .bind("content", sealed.map(Sealing.Sealed::bytes))
                .bind("other", row.hold().id())
                .bind("message", row.message().value())
                .execute());
    }

    /** Those of some messages that are held, so that nobody says they were destroyed. */
    static Set<UUID> held(Handle handle, Collection<UUID> messages) {
        return handle.createQuery("SELECT DISTINCT message_id FROM held WHERE message_id = ANY (:messages)")
                .bindArray("messages", UUID.class, messages.toArray())
                .mapTo(UUID.class)
                .set();
    }
}
