package ephemera.server.store;

import ephemera.core.talk.AuditTrail;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/**
 * How the audit trail is written: many entries in one statement, in the transaction of the changes that they tell of.
 *
 * <p>A transaction on the journal uses {@link Scribe#audit} instead, which writes all its entries at the end.
 * Stateless.
 */
final class AuditStatement {

    private AuditStatement() {}

    /**
     * An entry on its way.
     *
     * @param epoch the number of the epoch with which it goes: {@link Epochs#audited}
     */
    record Row(AuditTrail.Change change, long epoch) {}

    /** Enters changes that are made at that time, in their order. */
    static void append(Handle handle, Json json, Instant now, List<Row> rows) {
        if (rows.isEmpty()) {
            return;
        }
        handle.createUpdate(
                """
                        INSERT INTO audit (epoch, audit_id, at, entity_id, editor_id, conversation_id, organization_id,
                                           kind, action, client, revisions)
                        SELECT epoch, numbered_id(:now, place), :now, entity_id, editor_id, conversation_id,
                               organization_id, kind, action, client, revisions::jsonb
                          FROM unnest(:epochs, :entities, :editors, :conversations, :organizations, :kinds, :actions,
                                      :clients, :revisions)
                               WITH ORDINALITY AS row (epoch, entity_id, editor_id, conversation_id, organization_id,
                                                       kind, action, client, revisions, place)
                        """)
                .bind("now", Scribe.parameter(now))
                .bindArray("epochs", Long.class, rows.stream().map(Row::epoch).toList())
                .bindArray("entities", UUID.class, rows.stream().map(row -> row.change().entity().id()).toList())
                .bindArray(
                        "editors",
                        UUID.class,
                        rows.stream().map(row -> row.change().editor().person().value()).toList())
                .bindArray(
                        "conversations",
                        UUID.class,
                        rows.stream()
                                .map(row -> row.change().conversation().map(each -> each.value()).orElse(null))
                                .toList())
                .bindArray(
                        "organizations",
                        String.class,
                        rows.stream().map(row -> row.change().organization().token()).toList())
                .bindArray(
                        "kinds", String.class, rows.stream().map(row -> row.change().entity().kind().name()).toList())
                .bindArray("actions", String.class, rows.stream().map(row -> row.change().action().name()).toList())
                .bindArray(
                        "clients",
                        String.class,
                        rows.stream().map(row -> row.change().editor().client().orElse(null)).toList())
                .bindArray(
                        "revisions",
                        String.class,
                        rows.stream().map(row -> json.writeRevisions(row.change().revisions())).toList())
                .execute();
    }
}
