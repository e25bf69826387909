package ephemera.server.store;

import ephemera.core.Failure;
import ephemera.core.inbox.Bus;
import ephemera.core.talk.Entry;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.jspecify.annotations.Nullable;

/**
 * The one thread of this process that appends to the journal.
 *
 * <p>Group commit without a timer: what queued while the last commit ran is the next batch, and a batch of sends is one
 * statement, one round trip and one fsync. Every other change is a transaction of its own. After each commit the
 * entries are published, in their order, and then the waiting callers go on.
 *
 * <p>If a batch fails for another reason than the database being away, each of its messages is tried alone, so that one
 * that cannot be stored harms no other. An {@link Error}, such as one of memory, fails the batch that it met, whose
 * outcome is unknown then, and not the thread.
 *
 * <p>A commit whose answer is lost with the connection may have happened: its callers are told that the outcome is
 * unknown, and as soon as there is a connection again, the head of the journal tells whether there are entries that
 * were not published. It also tells what other processes wrote: it is read with every change, and several times a
 * second while there is none.
 */
final class JournalWriter implements AutoCloseable {

    private static final Logger LOG = System.getLogger(JournalWriter.class.getName());
    private static final int QUEUE = 10_000;
    private static final int BATCH = 512;
    private static final int PATIENCE_MILLIS = 5_000;
    private static final int IDLE_MILLIS = 200;

    private final Database database;
    private final SendStatement sends;
    private final MarkChange marks;
    private final Json json;
    private final PostgresOutbox outbox;
    private final PostgresJournal.Meter meter;
    private final BlockingQueue<Job> queue = new LinkedBlockingQueue<>(QUEUE);
    private final Thread thread = Thread.ofPlatform().name("journal").unstarted(this::run);

    private final Publisher publisher = new Publisher();
    private volatile boolean closed;
    /** Nobody takes anything out of the queue any more. */
    private volatile boolean ended;
    private @Nullable Handle connection;

    JournalWriter(
            Database database,
            SendStatement sends,
            MarkChange marks,
            Json json,
            PostgresOutbox outbox,
            PostgresJournal.Meter meter) {
        this.database = database;
        this.sends = sends;
        this.marks = marks;
        this.json = json;
        this.outbox = outbox;
        this.meter = meter;
    }

    /** Begins to write and to publish on that bus. */
    void start(Bus bus) {
        publisher.start(bus);
        thread.start();
    }

    /** How many changes wait. */
    int waiting() {
        return queue.size();
    }

    /** Whether changes are taken and written; once they are not any more, only another process will. */
    boolean isWriting() {
        return thread.isAlive() && !ended;
    }

    private sealed interface Job permits SendJob, MarkJob, ChangeJob {

        CompletableFuture<?> done();
    }

    /** A message on its way; the future tells what was stored, or that the request had been done before. */
    private record SendJob(SendStatement.Row row, CompletableFuture<SendStatement.Result> done) implements Job {}

    private record MarkJob(MarkChange.Request request, CompletableFuture<Boolean> done) implements Job {}

    private record ChangeJob<T>(Change<T> change, CompletableFuture<T> done) implements Job {}

    /** A change that is more than appending a message. */
    interface Change<T> {

        /**
         * Makes the change in the transaction of the scribe, holding the lock of the journal.
         *
         * @return what the caller gets after the commit
         */
        T with(Scribe scribe) throws SQLException;
    }

    /** Appends a message and waits until it is on disk. */
    SendStatement.Result send(SendStatement.Row row) {
        CompletableFuture<SendStatement.Result> done = new CompletableFuture<>();
        return enqueue(new SendJob(row, done), done);
    }

    /** Appends messages, each for itself, and waits until all are on disk. */
    List<SendStatement.Result> send(List<SendStatement.Row> rows) {
        List<CompletableFuture<SendStatement.Result>> under = new ArrayList<>(rows.size());
        for (SendStatement.Row row : rows) {
            CompletableFuture<SendStatement.Result> done = new CompletableFuture<>();
            offer(new SendJob(row, done));
            under.add(done);
        }
        return under.stream().map(JournalWriter::await).toList();
    }

    /** Moves receipts forward and waits until that is on disk. */
    void mark(MarkChange.Request request) {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        enqueue(new MarkJob(request, done), done);
    }

    /** Makes a change and waits until it is on disk. */
    <T> T change(Change<T> change) {
        CompletableFuture<T> done = new CompletableFuture<>();
        return enqueue(new ChangeJob<>(change, done), done);
    }

    private <T> T enqueue(Job job, CompletableFuture<T> done) {
        offer(job);
        return await(done);
    }

    /** Puts a job into the queue; one that nobody will take out of it is refused at once. */
    private void offer(Job job) {
        if (closed || !queue.offer(job)) {
            job.done().completeExceptionally(Failure.UNAVAILABLE.refused());
        } else if (ended) {
            refuseAll();
        }
    }

    private void refuseAll() {
        for (Job job = queue.poll(); job != null; job = queue.poll()) {
            job.done().completeExceptionally(Failure.UNAVAILABLE.refused());
        }
    }

    private static <T> T await(CompletableFuture<T> done) {
        try {
            return done.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private void run() {
        List<Job> batch = new ArrayList<>(BATCH);
        try {
            while (!closed || !queue.isEmpty()) {
                try {
                    writeNext(batch);
                } catch (InterruptedException _) {
                    closed = true;
                } catch (Throwable e) {
                    // Whatever it was: nobody may wait for ever, and the next batch may fare better.
                    disconnect();
                    batch.forEach(job -> job.done().completeExceptionally(e));
                    LOG.log(Level.ERROR, "Writing to the journal failed; what follows is tried all the same.", e);
                } finally {
                    batch.clear();
                }
            }
        } finally {
            ended = true;
            refuseAll();
            disconnect();
        }
    }

    private void writeNext(List<Job> batch) throws InterruptedException {
        Job first = queue.poll(IDLE_MILLIS, TimeUnit.MILLISECONDS);
        if (first == null) {
            lookAround();
            return;
        }
        batch.add(first);
        queue.drainTo(batch, BATCH - 1);
        write(batch);
    }

    private void write(List<Job> batch) {
        List<SendJob> messages = new ArrayList<>(batch.size());
        List<MarkJob> receipts = new ArrayList<>(0);
        List<ChangeJob<?>> changes = new ArrayList<>(0);
        for (Job job : batch) {
            switch (job) {
                case SendJob message -> messages.add(message);
                case MarkJob receipt -> receipts.add(receipt);
                case ChangeJob<?> change -> changes.add(change);
            }
        }
        if (!messages.isEmpty()) {
            append(messages);
        }
        if (!receipts.isEmpty()) {
            mark(receipts);
        }
        changes.forEach(this::make);
    }

    private void mark(List<MarkJob> receipts) {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        CompletableFuture<Boolean> _ = done.whenComplete((_, failure) -> receipts.forEach(job -> {
            if (failure == null) {
                job.done().complete(true);
            } else {
                job.done().completeExceptionally(failure);
            }
        }));
        List<MarkChange.Request> requests =
                receipts.stream().map(MarkJob::request).toList();
        make(new ChangeJob<>(
                scribe -> {
                    marks.mark(scribe, requests);
                    return true;
                },
                done));
    }

    private void append(List<SendJob> messages) {
        try {
            long began = System.nanoTime();
            List<SendStatement.Row> rows = messages.stream().map(SendJob::row).toList();
            List<SendStatement.Result> results = sends.append(connected().getConnection(), rows);
            meter.committed(messages.size(), System.nanoTime() - began);
            List<Entry> entries = new ArrayList<>(results.size());
            long before = publisher.told();
            for (int i = 0; i < results.size(); i++) {
                if (results.get(i) instanceof SendStatement.Result.Stored(_, Entry entry)) {
                    entries.add(entry);
                    // Every row takes a position, also one that is not stored.
                    before = entry.position().value() - i - 1;
                }
            }
            publisher.publish(before, Set.of(), entries, before + results.size());
            sends.committed(rows);
            for (int i = 0; i < results.size(); i++) {
                messages.get(i).done().complete(results.get(i));
            }
        } catch (SQLException e) {
            failed(messages, e);
        } catch (RuntimeException e) {
            messages.forEach(job -> job.done().completeExceptionally(e));
        }
    }

    private void failed(List<SendJob> messages, SQLException e) {
        boolean outage = isOutage(e);
        if (outage || messages.size() == 1) {
            RuntimeException refusal =
                    Database.refusal(e, new IllegalStateException("a message cannot be stored: " + e.getSQLState()));
            messages.forEach(job -> job.done().completeExceptionally(refusal));
        } else {
            messages.forEach(job -> append(List.of(job)));
        }
    }

    private <T> void make(ChangeJob<T> job) {
        try {
            Handle open = connected();
            open.begin();
            Scribe scribe = new Scribe(open, json);
            T value = job.change().with(scribe);
            scribe.finish();
            outbox.note(scribe);
            open.commit();
            scribe.committed();
            publisher.publish(scribe.began(), scribe.readers(), scribe.entries(), scribe.head());
            job.done().complete(value);
        } catch (SQLException e) {
            rollBack();
            isOutage(e);
            job.done()
                    .completeExceptionally(Database.refusal(
                            e, new IllegalStateException("a change cannot be stored: " + e.getSQLState(), e)));
        } catch (RuntimeException e) {
            rollBack();
            if (e.getCause() instanceof SQLException cause) {
                isOutage(cause);
                job.done().completeExceptionally(Database.refusal(cause, e));
            } else {
                job.done().completeExceptionally(e);
            }
        }
    }

    private void rollBack() {
        try {
            if (connection != null && connection.isInTransaction()) {
                connection.rollback();
            }
        } catch (JdbiException _) {
            disconnect();
        }
    }

    private Handle connected() throws SQLException {
        if (connection == null || connection.getConnection().isClosed()) {
            connection = Database.configured(Jdbi.create(database.connect("journal"))).open();
            readHead(connection.getConnection());
        }
        return connection;
    }

    /** Looks whether the journal has grown without this thread; the connection is given up if it cannot tell. */
    private void readHead(Connection open) throws SQLException {
        try (Statement statement = open.createStatement()) {
            // One that went away without a word is not waited for as long as a change would be.
            int patience = open.getNetworkTimeout();
            open.setNetworkTimeout(Runnable::run, PATIENCE_MILLIS);
            try (ResultSet row = statement.executeQuery("SELECT head FROM journal")) {
                row.next();
                publisher.noteHead(row.getLong("head"));
            }
            open.setNetworkTimeout(Runnable::run, patience);
        } catch (SQLException e) {
            disconnect();
            throw e;
        }
    }

    /**
     * Reads the journal's head while nothing is to be written: streams may have to be told what a lost answer was
     * about, or what another process wrote, and a change that meets a dead connection fails. An idle server so asks the
     * database one small question five times a second.
     */
    private void lookAround() {
        try {
            boolean known = connection != null;
            Handle open = connected();
            if (known) {
                readHead(open.getConnection());
            }
        } catch (SQLException e) {
            LOG.log(Level.DEBUG, "The journal has no connection yet: state {0}", e.getSQLState());
        }
    }

    /** Whether the database is away; the connection is given up then. */
    private boolean isOutage(SQLException e) {
        boolean outage = Database.isOutage(e);
        if (outage) {
            disconnect();
        }
        return outage;
    }

    private void disconnect() {
        Handle gone = connection;
        connection = null;
        try {
            if (gone != null) {
                gone.getConnection().close();
            }
        } catch (SQLException e) {
            LOG.log(Level.DEBUG, "Closing the journal connection failed: {0}", e.getSQLState());
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
        refuseAll();
    }
}
