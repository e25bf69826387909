package ephemera.server.store;

import ephemera.core.Failure;
import ephemera.core.directory.PersonId;
import ephemera.core.inbox.Ranges;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Stores which positions people have acknowledged: many calls in one statement, on a connection apart from the
 * journal's, since they need no position and nobody waits for them but their callers.
 */
final class AcknowledgementWriter implements AutoCloseable {

    private static final int QUEUE = 20_000;
    private static final int BATCH = 1_000;

    /**
     * In the order of the keys, so that two processes that store for the same people wait for each other in one order
     * only.
     */
    private static final String SQL =
            """
            INSERT INTO acknowledged (person_id, positions)
            SELECT person_id, range_agg(int8range(first, last, '[]'))
              FROM unnest(?::uuid[], ?::bigint[], ?::bigint[]) AS row (person_id, first, last)
             GROUP BY person_id ORDER BY person_id
                ON CONFLICT (person_id) DO UPDATE SET positions = acknowledged.positions + excluded.positions
            """;

    private final Database database;
    private final BlockingQueue<Job> queue = new LinkedBlockingQueue<>(QUEUE);
    private final Thread thread = Thread.ofPlatform().name("acknowledgements").unstarted(this::run);
    private volatile boolean closed;
    private @Nullable Connection connection;

    private record Job(PersonId person, Ranges ranges, CompletableFuture<Boolean> done) {}

    AcknowledgementWriter(Database database) {
        this.database = database;
    }

    void start() {
        thread.start();
    }

    /** Stores acknowledged positions and waits until they are on disk. */
    void write(PersonId person, Ranges ranges) {
        Job job = new Job(person, ranges, new CompletableFuture<>());
        if (closed || !queue.offer(job)) {
            throw Failure.UNAVAILABLE.refused();
        }
        try {
            job.done().join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private void run() {
        List<Job> batch = new ArrayList<>();
        while (!closed || !queue.isEmpty()) {
            try {
                Job first = queue.poll(200, TimeUnit.MILLISECONDS);
                if (first != null) {
                    batch.add(first);
                    queue.drainTo(batch, BATCH - 1);
                    store(batch);
                }
            } catch (InterruptedException _) {
                closed = true;
            } finally {
                batch.clear();
            }
        }
        disconnect();
    }

    private void store(List<Job> batch) {
        try {
            writeOnceOrTwice(batch);
            batch.forEach(job -> job.done().complete(true));
        } catch (SQLException e) {
            disconnect();
            RuntimeException refusal =
                    Database.refusal(e, new IllegalStateException("acknowledgements cannot be stored", e));
            batch.forEach(job -> job.done().completeExceptionally(refusal));
        } catch (RuntimeException e) {
            batch.forEach(job -> job.done().completeExceptionally(e));
        } catch (Throwable e) {
            // Nobody may wait for ever, and the thread goes on.
            disconnect();
            batch.forEach(job -> job.done().completeExceptionally(e));
        }
    }

    /** A connection may have died while nobody needed it; storing the same acknowledgements twice does no harm. */
    private void writeOnceOrTwice(List<Job> batch) throws SQLException {
        boolean fresh = connection == null;
        try {
            write(batch);
        } catch (SQLException e) {
            if (fresh) {
                throw e;
            }
            disconnect();
            write(batch);
        }
    }

    private void write(List<Job> batch) throws SQLException {
        List<UUID> people = new ArrayList<>();
        List<Long> firsts = new ArrayList<>();
        List<Long> lasts = new ArrayList<>();
        Map<PersonId, Ranges> merged = new LinkedHashMap<>();
        batch.forEach(job -> merged.merge(job.person(), job.ranges(), Ranges::and));
        merged.forEach((person, ranges) -> ranges.ranges().forEach(range -> {
            people.add(person.value());
            firsts.add(range.first());
            lasts.add(range.last());
        }));
        if (connection == null || connection.isClosed()) {
            connection = database.connect("acknowledgements");
        }
        try (PreparedStatement statement = connection.prepareStatement(SQL)) {
            statement.setArray(1, connection.createArrayOf("uuid", people.toArray()));
            statement.setArray(2, connection.createArrayOf("int8", firsts.toArray()));
            statement.setArray(3, connection.createArrayOf("int8", lasts.toArray()));
            statement.executeUpdate();
        }
    }

    private void disconnect() {
        Connection gone = connection;
        connection = null;
        try {
            if (gone != null) {
                gone.close();
            }
        } catch (SQLException e) {
            System.getLogger(AcknowledgementWriter.class.getName())
                    .log(System.Logger.Level.DEBUG, "Closing a connection failed: {0}", e.getSQLState());
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join(5_000);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        queue.forEach(job -> job.done().completeExceptionally(Failure.UNAVAILABLE.refused()));
    }
}
