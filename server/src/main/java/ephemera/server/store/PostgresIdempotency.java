package ephemera.server.store;

import ephemera.core.Failure;
import ephemera.core.Idempotency;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Requests that may be repeated, in PostgreSQL: a row for each, which one statement begins. Thread-safe. */
public final class PostgresIdempotency implements Idempotency {

    /** A request that somebody else begins or ends just now is looked at again so often. */
    private static final int TRIES = 5;

    private static final int AT_ONCE = 5_000;

    private final Database database;

    /** Makes the store on that database. */
    public PostgresIdempotency(Database database) {
        this.database = database;
    }

    /**
     * Whether a row stands in nobody's way: it is older than a day, nothing came of it, or whoever began it has not
     * been heard of for a minute.
     */
    private static final String IS_FREE =
            """
            (known.created_at <= now() - interval '24 hours' OR known.state = 'RELEASED'
             OR (known.state = 'RUNNING' AND known.begun_at <= now() - interval '60 seconds'))
            """;

    /** The seed stays with a request that is begun anew, unless it is another one or a day has passed. */
    private static final String IS_SAME =
            "(known.body = excluded.body AND known.created_at > now() - interval '24 hours')";

    private static final String BEGIN =
            """
            INSERT INTO idempotent_request AS known (client, key, body, state, seed, attempt, created_at, begun_at)
            VALUES (:client, :key, :body, 'RUNNING', gen_random_uuid(), gen_random_uuid(), now(), now())
                ON CONFLICT (client, key) DO UPDATE
               SET body = excluded.body, state = 'RUNNING', attempt = excluded.attempt, begun_at = excluded.begun_at,
                   status = NULL, kept = NULL,
            """
                    + " seed = CASE WHEN " + IS_SAME + " THEN known.seed ELSE excluded.seed END,"
                    + " created_at = CASE WHEN " + IS_SAME + " THEN known.created_at ELSE excluded.created_at END"
                    + " WHERE " + IS_FREE + " RETURNING seed, attempt";

    @Override
    public boolean isDone(String client, String key) {
        return database.read(handle -> handle.createQuery(
                """
                        SELECT EXISTS (SELECT FROM idempotent_request
                                        WHERE client = :client AND key = :key AND state = 'DONE'
                                          AND created_at > now() - interval '24 hours')
                        """)
                .bind("client", client)
                .bind("key", key)
                .mapTo(Boolean.class)
                .one());
    }

    @Override
    public Claim begin(Request request) {
        for (int i = 0; i < TRIES; i++) {
            Optional<Claim> claim = database.change(handle -> begin(handle, request).or(() -> find(handle, request)));
            if (claim.isPresent()) {
                return claim.get();
            }
        }
        throw Failure.UNAVAILABLE.refused();
    }

    private static Optional<Claim> begin(Handle handle, Request request) {
        return handle.createQuery(BEGIN)
                .bind("client", request.client())
                .bind("key", request.key())
                .bind("body", request.body())
                .<Claim>map((row, _) -> new Claim.Begun(
                        new Ticket(request, row.getObject("attempt", UUID.class)),
                        row.getObject("seed", UUID.class)))
                .findOne();
    }

    /** What became of the request of before; empty if its row was freed just now. */
    private static Optional<Claim> find(Handle handle, Request request) {
        return handle.createQuery(
                "SELECT known.*, " + IS_FREE + " AS free FROM idempotent_request AS known"
                        + " WHERE client = :client AND key = :key")
                .bind("client", request.client())
                .bind("key", request.key())
                .map((row, _) -> claim(row, request))
                .findOne()
                .flatMap(claim -> claim);
    }

    private static Optional<Claim> claim(ResultSet row, Request request) throws SQLException {
        if (row.getBoolean("free")) {
            return Optional.empty();
        }
        if (!row.getString("body").equals(request.body())) {
            return Optional.of(new Claim.Taken());
        }
        return Optional.of(
                row.getString("state").equals("RUNNING")
                        ? new Claim.Running()
                        : new Claim.Done(new Answer(row.getInt("status"), row.getString("kept"))));
    }

    @Override
    public void end(Ticket ticket, Answer answer) {
        settle(ticket, "DONE", Optional.of(answer));
    }

    @Override
    public void release(Ticket ticket) {
        settle(ticket, "RELEASED", Optional.empty());
    }

    private void settle(Ticket ticket, String state, Optional<Answer> answer) {
        database.change(handle -> handle.createUpdate(
                """
                        UPDATE idempotent_request SET state = :state, status = :status, kept = :kept
                         WHERE client = :client AND key = :key AND attempt = :attempt AND state = 'RUNNING'
                        """)
                .bind("state", state)
                .bind("status", answer.map(Answer::status).orElse(null))
                .bind("kept", answer.map(Answer::kept).orElse(null))
                .bind("client", ticket.request().client())
                .bind("key", ticket.request().key())
                .bind("attempt", ticket.attempt())
                .execute());
    }

    /** Removes the requests of which nobody may ask any more. */
    public void sweep() {
        int removed;
        do {
            removed = database.change(handle -> handle.createUpdate(
                    """
                            DELETE FROM idempotent_request WHERE (client, key) IN (
                                   SELECT client, key FROM idempotent_request
                                    WHERE created_at <= now() - interval '24 hours' LIMIT :some FOR UPDATE SKIP LOCKED)
                              AND created_at <= now() - interval '24 hours'
                            """)
                    .bind("some", AT_ONCE)
                    .execute());
        } while (removed == AT_ONCE);
    }
}
