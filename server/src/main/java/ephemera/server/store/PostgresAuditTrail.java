package ephemera.server.store;

import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.PersonId;
import ephemera.core.talk.AuditTrail;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.MessageId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** The audit trail in PostgreSQL. Thread-safe. */
public final class PostgresAuditTrail implements AuditTrail {

    /** Sorts before all. */
    private static final UUID FIRST = new UUID(0, 0);
    /** Sorts behind all. */
    private static final UUID LAST = new UUID(-1, -1);

    private final Database database;
    private final Json json;
    private final Epochs epochs;

    /** Makes the trail on that database. */
    public PostgresAuditTrail(Database database, Json json, Epochs epochs) {
        this.database = database;
        this.json = json;
        this.epochs = epochs;
    }

    /** Enters changes that have nothing to do with messages, in the transaction that makes them. */
    void append(Handle handle, List<Change> changes) {
        var now = handle.createQuery("SELECT clock_timestamp() AS now")
                .map((row, _) -> MessageRow.instant(row, "now"))
                .one()
                .truncatedTo(ChronoUnit.MILLIS);
        long epoch = epochs.audited(now);
        AuditStatement.append(
                handle, json, now, changes.stream().map(each -> new AuditStatement.Row(each, epoch)).toList());
    }

    /** Enters changes that have nothing to do with messages and were just made. */
    public void append(List<Change> changes) {
        database.change(handle -> {
            append(handle, changes);
            return changes;
        });
    }

    private static final String COLUMNS =
            """
            SELECT audit_id, at, entity_id, editor_id, conversation_id, organization_id, kind, action, client,
                   revisions
            """;

    /** What the viewer may know, between two places. */
    private static final String WANTED =
            """
             WHERE organization_id = :organization AND audit_id > :after AND audit_id < :before
               AND (:anybody OR editor_id = ANY (:editors))
               AND (:everything OR editor_id = :viewer
                    OR conversation_id IN (SELECT conversation_id FROM membership
                                            WHERE person_id = :viewer AND left_at IS NULL))
            """;

    /**
     * That a message was sent is told by the message itself where nobody has entered it: most are sent by clients that
     * ask for no audit trail, and need not pay for it.
     */
    private static final String OF_ENTITY = COLUMNS
            + """
              FROM (SELECT audit_id, at, entity_id, editor_id, conversation_id, organization_id, kind, action,
                           client, revisions
                      FROM audit WHERE entity_id = :entity AND kind = :kind
                     UNION ALL
                    SELECT message_id, sent_at, message_id, sender_id, conversation_id, organization_id, 'MESSAGE',
                           'CREATED', NULL, '[]'
                      FROM message
                     WHERE epoch = :epoch AND message_id = :entity
                       AND NOT EXISTS (SELECT FROM audit WHERE entity_id = :entity AND action = 'CREATED')) AS trail
            """
            + WANTED;

    private static final String OF_ALL = COLUMNS + " FROM audit " + WANTED;

    @Override
    public Page read(Question question, Cut cut) {
        List<Entry> found = database.read(handle -> {
            var query = handle.createQuery((question.entity().isPresent() ? OF_ENTITY : OF_ALL)
                    + (cut.newer() ? " ORDER BY audit_id" : " ORDER BY audit_id DESC") + " LIMIT :limit")
                    .bind("organization", question.organization().token())
                    .bind("after", cut.newer() ? cut.place().orElse(FIRST) : FIRST)
                    .bind("before", cut.newer() ? LAST : cut.place().orElse(LAST))
                    .bind("anybody", question.editors().isEmpty())
                    .bindArray("editors", UUID.class, PostgresJournal.values(question.editors()))
                    .bind("everything", question.viewer().isEmpty())
                    .bind("viewer", question.viewer().map(PersonId::value).orElse(FIRST))
                    .bind("limit", cut.limit() + 1);
            question.entity().ifPresent(entity -> query.bind("entity", entity.id())
                    .bind("kind", entity.kind().name())
                    .bind("epoch", entity.kind() == Kind.MESSAGE ? epochs.of(new MessageId(entity.id()))
                            : Epochs.NONE));
            return query.map((row, _) -> entry(row)).list();
        });
        boolean more = found.size() > cut.limit();
        List<Entry> entries = new ArrayList<>(more ? found.subList(0, cut.limit()) : found);
        return cut.newer()
                ? new Page(entries.reversed(), more, cut.place().isPresent())
                : new Page(entries, cut.place().isPresent(), more);
    }

    private Entry entry(ResultSet row) throws SQLException {
        return new Entry(
                row.getObject("audit_id", UUID.class),
                MessageRow.instant(row, "at"),
                new Change(
                        new OrganizationId(row.getString("organization_id")),
                        new Editor(
                                new PersonId(row.getObject("editor_id", UUID.class)),
                                Optional.ofNullable(row.getString("client"))),
                        new Entity(Kind.valueOf(row.getString("kind")), row.getObject("entity_id", UUID.class)),
                        Optional.ofNullable(row.getObject("conversation_id", UUID.class)).map(ConversationId::new),
                        Action.valueOf(row.getString("action")),
                        json.readRevisions(row.getString("revisions"))));
    }
}
