package ephemera.server.store;

import ephemera.core.talk.MessageId;
import ephemera.core.vault.Epoch;
import ephemera.core.vault.KeyId;
import ephemera.server.StartFailure;
import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.result.ResultIterator;
import org.postgresql.copy.CopyManager;
import org.postgresql.core.BaseConnection;

/**
 * One transaction that puts the rows of a backup into an empty database: all that live, or, if it is not committed,
 * none. For one thread.
 */
public final class Restoration implements AutoCloseable {

    private static final int AT_ONCE = 5_000;

    private final Handle handle;

    private Restoration(Handle handle) {
        this.handle = handle;
    }

    /**
     * Begins.
     *
     * @throws StartFailure if the database cannot be reached
     */
    public static Restoration begin(Database database) {
        try {
            Connection connection = database.connect("restore");
            // Much is done by single statements here, and each takes its time.
            connection.setNetworkTimeout(Runnable::run, 0);
            return new Restoration(
                    Database.configured(Jdbi.create(() -> connection)).open().begin());
        } catch (SQLException e) {
            throw new StartFailure("The database cannot be reached (" + e.getMessage() + ").", e);
        }
    }

    /** Whether a database has tables with anything in them. */
    public static boolean isUsed(Database database) {
        return database.read(handle -> handle.createQuery("SELECT to_regclass('journal') IS NOT NULL")
                .mapTo(Boolean.class)
                .one()
                && handle.createQuery("SELECT head > 0 OR EXISTS (SELECT FROM organization) FROM journal")
                        .mapTo(Boolean.class)
                        .one());
    }

    /** Of what the rows of a table consist; nothing if there is no such table. */
    public String columns(CopiedTable table) {
        return CopiedColumns.of(handle, table);
    }

    /** Makes the partitions of an epoch. */
    public void open(Epoch epoch) {
        handle.createQuery("SELECT open_epoch(:epoch, :ends)")
                .bind("epoch", epoch.code())
                .bind("ends", Epochs.end(epoch.end()))
                .mapTo(String.class)
                .list();
    }

    /** Whether the end of an epoch has come, by the database's clock. */
    public boolean isOver(Epoch epoch) {
        return handle.createQuery("SELECT ends_at <= now() FROM epoch WHERE epoch = :epoch")
                .bind("epoch", epoch.code())
                .mapTo(Boolean.class)
                .one();
    }

    /**
     * Puts rows into a table, which knows into which of its partitions.
     *
     * @throws IOException if they cannot be read
     * @throws StartFailure if the database does not take them
     */
    public long copy(CopiedTable table, InputStream rows) throws IOException {
        try {
            // COPY takes no parameters; the name is one of ours.
            return new CopyManager(handle.getConnection().unwrap(BaseConnection.class))
                    .copyIn("COPY " + table.table() + " FROM STDIN (FORMAT binary)", rows);
        } catch (SQLException e) {
            throw new StartFailure(
                    "The rows of the table " + table.table() + " cannot be put back (" + e.getMessage()
                            + "): nothing is restored.",
                    e);
        }
    }

    /** Lets the journal and the deletion record go on where they were: the journal in a new generation. */
    public void goOn(int generation, long head) {
        handle.createUpdate("UPDATE journal SET generation = :generation + 1, head = :head")
                .bind("generation", generation)
                .bind("head", head)
                .execute();
        handle.execute(
                """
                UPDATE deletion_head SET sequence = last.sequence, hash = last.hash, recorded_at = last.recorded_at
                  FROM (SELECT * FROM deletion ORDER BY sequence DESC LIMIT 1) AS last
                """);
    }

    /** Removes what has ended since the backup; how many messages. */
    public int removeExpired() {
        handle.execute("DELETE FROM notice WHERE expires_at <= now()");
        handle.execute("DELETE FROM delivery WHERE expires_at <= now()");
        handle.execute("DELETE FROM upload WHERE ends_at <= now() AND (claim IS NULL OR content IS NOT NULL)");
        handle.execute(
                "DELETE FROM webhook_delivery WHERE epoch NOT IN (SELECT epoch FROM epoch WHERE ends_at > now())");
        handle.execute(
                """
                DELETE FROM reaction USING message
                 WHERE message.epoch = reaction.epoch AND message.message_id = reaction.message_id
                   AND message.expires_at <= now()
                """);
        return handle.execute("DELETE FROM message WHERE expires_at <= now()");
    }

    /** Removes the messages whose keys are gone; how many. */
    public int removeWithout(Predicate<KeyId> keys) {
        int removed = 0;
        List<Row> gone = new ArrayList<>();
        try (ResultIterator<Row> all = handle.createQuery(
                """
                        SELECT epoch, message_id, key_tree, key_leaf FROM message
                         WHERE content IS NOT NULL ORDER BY epoch, key_tree
                        """)
                .setFetchSize(AT_ONCE)
                .map((row, _) -> new Row(
                        row.getLong("epoch"),
                        row.getObject("message_id", UUID.class),
                        row.getLong("key_tree"),
                        row.getInt("key_leaf")))
                .iterator()) {
            while (all.hasNext()) {
                Row row = all.next();
                if (row.key().filter(keys).isEmpty()) {
                    gone.add(row);
                }
                if (gone.size() == AT_ONCE) {
                    removed += remove(gone);
                    gone.clear();
                }
            }
        }
        return removed + remove(gone);
    }

    private record Row(long epoch, UUID message, long tree, int leaf) {

        private Optional<KeyId> key() {
            return new MessageId(message).slice().map(slice -> new KeyId(slice, tree, leaf));
        }
    }

    private int remove(List<Row> rows) {
        List<Long> epochs = rows.stream().map(Row::epoch).distinct().toList();
        List<UUID> messages = rows.stream().map(Row::message).toList();
        remove("DELETE FROM burn WHERE epoch = ANY (:epochs) AND message_id = ANY (:messages)", epochs, messages);
        remove("DELETE FROM delivery WHERE epoch = ANY (:epochs) AND message_id = ANY (:messages)", epochs, messages);
        ReactionChange.end(handle, messages, rows.stream().map(Row::epoch).toList());
        return remove(
                "DELETE FROM message WHERE epoch = ANY (:epochs) AND message_id = ANY (:messages)", epochs, messages);
    }

    private int remove(String statement, List<Long> epochs, List<UUID> messages) {
        return handle.createUpdate(statement)
                .bindArray("epochs", Long.class, epochs)
                .bindArray("messages", UUID.class, messages)
                .execute();
    }

    /** How many messages with content there are. */
    public long living() {
        return handle.createQuery("SELECT count(*) FROM message WHERE content IS NOT NULL")
                .mapTo(Long.class)
                .one();
    }

    /** Makes it last. */
    public void commit() {
        handle.commit();
    }

    /** The files of an epoch that messages with content have, and those that wait for their messages. */
    public static Set<UUID> files(Database database, Epoch epoch) {
        return new HashSet<>(database.read(handle -> handle.createQuery(
                """
                        SELECT unnest(blobs) FROM message WHERE epoch = :epoch AND content IS NOT NULL
                         UNION SELECT upload_id FROM upload JOIN slice USING (slice)
                                WHERE slice.epoch = :epoch AND content IS NOT NULL AND upload.ends_at > now()
                        """)
                .bind("epoch", epoch.code())
                .mapTo(UUID.class)
                .list()));
    }

    /** The files of legal holds, by the place of each hold. */
    public static Map<Epoch, Set<UUID>> heldFiles(Database database) {
        return database.read(handle -> handle.createQuery(
                """
                        SELECT hold.*, unnest(held.blobs) AS blob FROM hold JOIN held USING (hold_id)
                         WHERE destroyed_at IS NULL
                        """)
                .map((row, _) -> Map.entry(Hold.read(row).epoch(), row.getObject("blob", UUID.class)))
                .stream()
                .collect(Collectors.groupingBy(
                        Map.Entry::getKey, Collectors.mapping(Map.Entry::getValue, Collectors.toSet()))));
    }

    /** Undoes everything that is not committed. */
    @Override
    public void close() {
        if (handle.isInTransaction()) {
            handle.rollback();
        }
        handle.close();
    }
}
