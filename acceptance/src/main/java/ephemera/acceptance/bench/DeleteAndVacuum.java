package ephemera.acceptance.bench;

import ephemera.acceptance.bench.load.LoadFailure;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * What the bundled database needs to remove expired messages with {@code DELETE} and {@code VACUUM} from one table with
 * the columns of the messages, instead of dropping what expired together. The table is the benchmark's own.
 */
final class DeleteAndVacuum implements AutoCloseable {
    /** One message in so many stays, so that the table's file cannot just be cut off. */
    private static final int STAYS = 5;

    private static final String TABLE = """
            CREATE TABLE benchmark_message (
                position        bigint NOT NULL,
                sent_at         timestamptz NOT NULL,
                expires_at      timestamptz NOT NULL,
                message_id      uuid PRIMARY KEY,
                conversation_id uuid NOT NULL,
                sender_id       uuid NOT NULL,
                recipient_id    uuid,
                lifespan        integer NOT NULL,
                priority        smallint NOT NULL,
                delete_on_read  boolean NOT NULL,
                organization_id text NOT NULL,
                content         bytea NOT NULL)
            """;

    private static final String FILL = """
            INSERT INTO benchmark_message
            SELECT number, now(),
                   now() + CASE WHEN number % ? = 0 THEN interval '1 day' ELSE interval '-1 second' END,
                   uuidv7(), md5((number % 1000)::text)::uuid, md5('sender')::uuid, md5('recipient')::uuid, 1, 0,
                   false, 'organization',
                   (SELECT string_agg(sha256((number * 16 + part)::text::bytea), '')
                      FROM generate_series(0, 9) AS part WHERE number > 0)
              FROM generate_series(1, ?) AS number
            """;

    private final Connection connection;

    /**
     * What it cost.
     *
     * @param deleteSeconds the statement that deletes
     * @param vacuumSeconds the vacuum after it
     * @param walMegabytes what both wrote to the log
     * @param keptMegabytes what the table and its indexes still take on the disk afterwards
     */
    record Cost(double deleteSeconds, double vacuumSeconds, double walMegabytes, double keptMegabytes) {
    }

    /** Connects to the bundled database of a running server. */
    DeleteAndVacuum(Path data) {
        try {
            connection = BundledDatabase.connect(data);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** Makes the table with as many expired messages, and others that stay; each has a content of 320 bytes. */
    void prepare(int expired) {
        execute("DROP TABLE IF EXISTS benchmark_message");
        execute(TABLE);
        execute("CREATE UNIQUE INDEX ON benchmark_message (conversation_id, position)");
        execute("CREATE INDEX ON benchmark_message USING brin (expires_at)");
        try (PreparedStatement statement = connection.prepareStatement(FILL)) {
            statement.setInt(1, STAYS);
            statement.setInt(2, expired / (STAYS - 1) * STAYS);
            statement.executeUpdate();
        } catch (SQLException e) {
            throw failed(e);
        }
        execute("VACUUM ANALYZE benchmark_message");
    }

    /** Deletes what is expired and vacuums. */
    Cost run() {
        long log = number("SELECT (pg_current_wal_lsn() - '0/0')::bigint");
        long begin = System.nanoTime();
        execute("DELETE FROM benchmark_message WHERE expires_at <= now()");
        long deleted = System.nanoTime();
        execute("VACUUM benchmark_message");
        long vacuumed = System.nanoTime();
        long written = number("SELECT (pg_current_wal_lsn() - '0/0')::bigint") - log;
        long kept = number("SELECT pg_total_relation_size('benchmark_message')");
        return new Cost((deleted - begin) / 1e9, (vacuumed - deleted) / 1e9, written / 1e6, kept / 1e6);
    }

    /** Gives how many rows messages have that are over, whatever their epoch. */
    long expiredRows() {
        return number("SELECT count(*) FROM message WHERE expires_at <= now()");
    }

    private long number(String sql) {
        try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private void execute(String sql) {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private static LoadFailure failed(SQLException e) {
        return new LoadFailure("The comparison with DELETE and VACUUM failed: " + e.getMessage());
    }

    @Override
    public void close() {
        execute("DROP TABLE IF EXISTS benchmark_message");
        try {
            connection.close();
        } catch (SQLException e) {
            throw failed(e);
        }
    }
}
