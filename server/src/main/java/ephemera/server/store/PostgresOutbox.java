package ephemera.server.store;

import ephemera.core.Failure;
import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.PersonId;
import ephemera.core.outreach.DeliveryId;
import ephemera.core.outreach.EntityUpdate;
import ephemera.core.outreach.Outcome;
import ephemera.core.outreach.Retry;
import ephemera.core.outreach.Trouble;
import ephemera.core.outreach.WebhookId;
import ephemera.core.talk.AuditTrail;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import org.jdbi.v3.core.statement.Update;

/**
 * The outbox of the webhooks: what changed is noted in the transaction of the change, and claimed by whoever sends it.
 *
 * <p>A claim is a lease: whoever dies with it loses nothing, since after the lease others claim it again. The number of
 * the attempt tells a claim from later ones, so that who comes late changes nothing. Of the changes of one entity only
 * the earliest that waits can be claimed, so a webhook is told of them one after the other. Thread-safe.
 */
public final class PostgresOutbox {

    private static final String INSERT =
            """
            INSERT INTO webhook_delivery (
                   webhook_id, epoch, position, organization_id, kind, entity_id, editor_id, changed_at)
            SELECT webhook.webhook_id, change.epoch, change.position, change.organization_id, change.kind,
                   change.entity_id, change.editor_id, change.changed_at
              FROM change CROSS JOIN LATERAL (
                   SELECT webhook_id FROM webhook WHERE webhook.organization_id = change.organization_id
                    UNION
                   SELECT webhook_id FROM company JOIN webhook ON webhook.client_id = company.client_id
                    WHERE company.organization_id = change.organization_id AND company.active) AS webhook
            """;

    /**
     * Notes, for the webhooks there are, all messages that a statement has stored in topics, and the topics that were
     * opened again by them; a part of {@link SendStatement}, which has {@code stored} and {@code noted}.
     */
    static final String NOTE_STORED =
            """
            WITH change AS (
                 SELECT stored.epoch, stored.position, stored.organization_id, 'MESSAGE' AS kind,
                        stored.message_id AS entity_id, stored.sender_id AS editor_id, stored.sent_at AS changed_at
                   FROM stored JOIN topic ON topic.conversation_id = stored.conversation_id
                  UNION ALL
                 SELECT epoch, position, organization_id, 'CONVERSATION', conversation_id, sender_id, sent_at
                   FROM noted WHERE was_resolved)
            """
                    + INSERT;

    /**
     * What is not about a topic, or a message in one, is not for webhooks: the API that calls them does not show it.
     */
    private static final String NOTE_CHANGED =
            """
            WITH change AS (
                 SELECT row.epoch, CAST(:position AS bigint) AS position, topic.organization_id, row.kind,
                        row.entity_id, row.editor_id, CAST(:at AS timestamptz) AS changed_at
                   FROM unnest(:epochs, :conversations, :kinds, :entities, :editors)
                        AS row (epoch, conversation_id, kind, entity_id, editor_id)
                   JOIN topic ON topic.conversation_id = row.conversation_id)
            """
                    + INSERT;

    private static final int AT_ONCE = 1_000;

    /** Counting more than this takes longer than it tells. */
    private static final int MOST_COUNTED = 100_000;

    private final Database database;
    private final PostgresWebhooks webhooks;
    private volatile Runnable wake = () -> {};

    /** Makes the outbox on that database, for the webhooks of that register. */
    public PostgresOutbox(Database database, PostgresWebhooks webhooks) {
        this.database = database;
        this.webhooks = webhooks;
    }

    /**
     * A delivery that was claimed.
     *
     * @param id of the delivery
     * @param webhook to be told
     * @param update what changed
     * @param attempt which attempt this is, from 1
     * @param age how long it has been waiting
     */
    public record Claim(DeliveryId id, WebhookId webhook, EntityUpdate update, int attempt, Duration age) {}

    /**
     * A delivery that was given up.
     *
     * @param trouble what the last attempt failed of
     * @param status what the receiver answered to it, if it did
     */
    public record DeadLetter(
            DeliveryId id,
            WebhookId webhook,
            EntityUpdate update,
            int attempts,
            Trouble trouble,
            OptionalInt status,
            Instant endedAt) {}

    /**
     * How much waits.
     *
     * @param length how many deliveries wait; counted up to 100,000
     * @param oldest how long the oldest of them has been waiting
     */
    public record Backlog(int length, Duration oldest) {}

    /** Has somebody told whenever something was noted in this process. */
    public void whenNoted(Runnable wake) {
        this.wake = wake;
    }

    /** Whether changes in any organization are noted; costs nothing. */
    boolean isUsed() {
        return webhooks.areAny();
    }

    /** Whether changes in that organization are noted; costs a look at a set that is mostly empty. */
    boolean concerns(OrganizationId organization) {
        return webhooks.concerns(organization);
    }

    /** Tells that something was noted and committed. */
    void noted() {
        wake.run();
    }

    /**
     * Notes what a scribe has entered into the audit trail, in its transaction, for every webhook of the organizations;
     * without one, this costs nothing. That a message was sent is noted by the statement that stores it.
     */
    void note(Scribe scribe) {
        if (!isUsed()) {
            return;
        }
        List<AuditStatement.Row> told = scribe.audited().stream()
                .filter(row -> concerns(row.change().organization()) && isTold(row.change()))
                .toList();
        if (told.isEmpty()) {
            return;
        }
        List<AuditTrail.Change> changes = told.stream().map(AuditStatement.Row::change).toList();
        scribe.handle()
                .createUpdate(NOTE_CHANGED)
                .bind("position", scribe.head())
                .bind("at", Scribe.parameter(scribe.now()))
                .bindArray("epochs", Long.class, told.stream().map(AuditStatement.Row::epoch).toList())
                .bindArray("conversations", UUID.class,
                        changes.stream().map(each -> each.conversation().orElseThrow().value()).toList())
                .bindArray("kinds", String.class, changes.stream().map(each -> each.entity().kind().name()).toList())
                .bindArray("entities", UUID.class, changes.stream().map(each -> each.entity().id()).toList())
                .bindArray("editors", UUID.class, changes.stream().map(each -> each.editor().person().value()).toList())
                .execute();
        scribe.afterwards(this::noted);
    }

    private static boolean isTold(AuditTrail.Change change) {
        return change.conversation().isPresent()
                && switch (change.entity().kind()) {
                    case MESSAGE -> change.action() != AuditTrail.Action.CREATED;
                    case CONVERSATION -> true;
                    case ATTACHMENT, COMPANY, PERSON -> false;
                };
    }

    /**
     * Claims deliveries that are due, the longest due first.
     *
     * @param most how many at most
     * @param each how many of one webhook at most
     * @param fewer the webhooks of which fewer are wanted, and how many
     * @param lease for how long nobody else claims them
     */
    public List<Claim> claim(int most, int each, Map<WebhookId, Integer> fewer, Duration lease) {
        List<Map.Entry<WebhookId, Integer>> known = List.copyOf(fewer.entrySet());
        return database.change(handle -> handle.createQuery(
                """
                WITH due AS (
                     SELECT waiting.delivery_id
                       FROM webhook
                       LEFT JOIN unnest(:known, :slots) AS known (webhook_id, slots) USING (webhook_id)
                      CROSS JOIN LATERAL (
                            SELECT delivery.delivery_id, delivery.next_at
                              FROM webhook_delivery AS delivery
                             WHERE delivery.webhook_id = webhook.webhook_id AND delivery.state = 'PENDING'
                               AND delivery.next_at <= now()
                               AND NOT EXISTS (
                                   SELECT FROM webhook_delivery AS earlier
                                    WHERE earlier.webhook_id = delivery.webhook_id
                                      AND earlier.entity_id = delivery.entity_id
                                      AND earlier.state = 'PENDING' AND earlier.position < delivery.position)
                             ORDER BY delivery.next_at
                             LIMIT coalesce(known.slots, :each)
                               FOR UPDATE OF delivery SKIP LOCKED) AS waiting
                      ORDER BY waiting.next_at
                      LIMIT :most)
                UPDATE webhook_delivery
                   SET attempts = attempts + 1, next_at = now() + :lease * interval '1 millisecond'
                  FROM due WHERE webhook_delivery.delivery_id = due.delivery_id
                RETURNING webhook_delivery.*, (extract(epoch FROM now() - queued_at) * 1000)::bigint AS age
                """)
                .bindArray("known", UUID.class, known.stream().map(entry -> entry.getKey().value()).toList())
                .bindArray("slots", Integer.class, known.stream().map(Map.Entry::getValue).toList())
                .bind("each", each)
                .bind("most", most)
                .bind("lease", lease.toMillis())
                .map((row, _) -> new Claim(
                        new DeliveryId(row.getObject("delivery_id", UUID.class)),
                        new WebhookId(row.getObject("webhook_id", UUID.class)),
                        update(row),
                        row.getInt("attempts"),
                        Duration.ofMillis(row.getLong("age"))))
                .list());
    }

    /** Removes a delivery that was made, or that nobody wants; false if the claim had lapsed. */
    public boolean done(Claim claim) {
        return database.change(handle -> handle.createUpdate(
                """
                DELETE FROM webhook_delivery
                 WHERE delivery_id = :id AND state = 'PENDING' AND attempts = :attempt
                """)
                .bind("id", claim.id().value())
                .bind("attempt", claim.attempt())
                .execute()) > 0;
    }

    /** Ends a delivery that is given up; false if the claim had lapsed. */
    public boolean dead(Claim claim, Outcome.Failed failed) {
        return database.change(handle -> handle.createUpdate(
                """
                UPDATE webhook_delivery
                   SET state = 'DEAD', ended_at = now(), status = CAST(:status AS integer), trouble = :trouble
                 WHERE delivery_id = :id AND state = 'PENDING' AND attempts = :attempt
                """)
                .bind("status", boxed(failed.status()))
                .bind("trouble", failed.trouble().name())
                .bind("id", claim.id().value())
                .bind("attempt", claim.attempt())
                .execute()) > 0;
    }

    /** Has a delivery tried again after a while; false if the claim had lapsed. */
    public boolean again(Claim claim, Outcome.Failed failed, Duration wait) {
        return database.change(handle -> handle.createUpdate(
                """
                UPDATE webhook_delivery
                   SET next_at = now() + :wait * interval '1 millisecond', status = CAST(:status AS integer),
                       trouble = :trouble
                 WHERE delivery_id = :id AND state = 'PENDING' AND attempts = :attempt
                """)
                .bind("wait", wait.toMillis())
                .bind("status", boxed(failed.status()))
                .bind("trouble", failed.trouble().name())
                .bind("id", claim.id().value())
                .bind("attempt", claim.attempt())
                .execute()) > 0;
    }

    /** The deliveries that were given up, the latest first, of one webhook or all. */
    public List<DeadLetter> dead(Optional<WebhookId> webhook) {
        return database.read(handle -> handle.createQuery(
                """
                SELECT * FROM webhook_delivery
                 WHERE state = 'DEAD' AND (CAST(:webhook AS uuid) IS NULL OR webhook_id = :webhook)
                 ORDER BY ended_at DESC, delivery_id
                """)
                .bind("webhook", webhook.map(WebhookId::value))
                .map((row, _) -> letter(row))
                .list());
    }

    /**
     * Has a delivery that was given up tried again, as if it were new.
     *
     * @throws ephemera.core.Refused with {@code NOT_FOUND} if it is none that was given up
     */
    public void replay(DeliveryId id) {
        if (revive(Optional.of(id)) == 0) {
            throw Failure.NOT_FOUND.refused(
                    "There is no dead delivery " + id + ": \"webhook dead\" shows all there are.");
        }
    }

    /** Has all deliveries that were given up tried again, and returns how many there are. */
    public int replayAll() {
        return revive(Optional.empty());
    }

    private int revive(Optional<DeliveryId> only) {
        return database.change(handle -> handle.createUpdate(
                """
                UPDATE webhook_delivery
                   SET state = 'PENDING', attempts = 0, queued_at = now(), next_at = now(), ended_at = NULL
                 WHERE state = 'DEAD' AND (CAST(:id AS uuid) IS NULL OR delivery_id = :id)
                   AND webhook_id IN (SELECT webhook_id FROM webhook)
                """)
                .bind("id", only.map(DeliveryId::value))
                .execute());
    }

    /**
     * Gives up what has waited for too long, and removes what was given up long ago.
     *
     * @param kept how long what was given up is kept
     * @return how many were given up
     */
    public int sweep(Duration kept) {
        int given = inChunks(handle -> handle.createUpdate(
                """
                UPDATE webhook_delivery SET state = 'DEAD', trouble = :trouble, ended_at = now()
                 WHERE delivery_id IN (SELECT delivery_id FROM webhook_delivery
                                        WHERE state = 'PENDING' AND queued_at < now() - :age * interval '1 second'
                                        LIMIT :atOnce FOR UPDATE SKIP LOCKED)
                """)
                .bind("trouble", Trouble.GIVEN_UP.name())
                .bind("age", Retry.AGE.toSeconds()));
        inChunks(handle -> handle.createUpdate(
                """
                DELETE FROM webhook_delivery
                 WHERE delivery_id IN (SELECT delivery_id FROM webhook_delivery
                                        WHERE state = 'DEAD' AND ended_at < now() - :age * interval '1 second'
                                        LIMIT :atOnce FOR UPDATE SKIP LOCKED)
                """)
                .bind("age", kept.toSeconds()));
        return given;
    }

    /** Runs a statement that changes at most {@link #AT_ONCE} rows as often as it finds so many. */
    private int inChunks(Database.Work<Update> statement) {
        int all = 0;
        int chunk;
        do {
            chunk = database.change(handle -> statement.with(handle).bind("atOnce", AT_ONCE).execute());
            all += chunk;
        } while (chunk == AT_ONCE);
        return all;
    }

    /** How much waits for all webhooks together. */
    public Backlog backlog() {
        return database.read(handle -> handle.createQuery(
                """
                SELECT (SELECT count(*)
                          FROM (SELECT FROM webhook_delivery WHERE state = 'PENDING' LIMIT :most) AS counted) AS length,
                       (SELECT (extract(epoch FROM now() - min(queued_at)) * 1000)::bigint
                          FROM webhook_delivery WHERE state = 'PENDING') AS age
                """)
                .bind("most", MOST_COUNTED)
                .map((row, _) -> new Backlog(row.getInt("length"), Duration.ofMillis(row.getLong("age"))))
                .one());
    }

    private static Optional<Integer> boxed(OptionalInt status) {
        return status.isPresent() ? Optional.of(status.getAsInt()) : Optional.empty();
    }

    private static DeadLetter letter(ResultSet row) throws SQLException {
        int status = row.getInt("status");
        return new DeadLetter(
                new DeliveryId(row.getObject("delivery_id", UUID.class)),
                new WebhookId(row.getObject("webhook_id", UUID.class)),
                update(row),
                row.getInt("attempts"),
                Trouble.valueOf(row.getString("trouble")),
                status == 0 ? OptionalInt.empty() : OptionalInt.of(status),
                MessageRow.instant(row, "ended_at"));
    }

    private static EntityUpdate update(ResultSet row) throws SQLException {
        return new EntityUpdate(
                new OrganizationId(row.getString("organization_id")),
                EntityUpdate.Kind.valueOf(row.getString("kind")),
                row.getObject("entity_id", UUID.class),
                new PersonId(row.getObject("editor_id", UUID.class)),
                MessageRow.instant(row, "changed_at"));
    }
}
