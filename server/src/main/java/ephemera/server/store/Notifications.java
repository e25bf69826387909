package ephemera.server.store;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jdbi.v3.core.Handle;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * What processes on one database tell each other: which rows changed, so that caches are dropped.
 *
 * <p>A change is told by the transaction that makes it, and so never before it can be read. When the listening
 * connection was lost, everything may have changed: listeners are told so. Thread-safe.
 */
public final class Notifications implements AutoCloseable {

    private static final Logger LOG = System.getLogger(Notifications.class.getName());
    private static final String CHANNEL = "ephemera";
    private static final int PATIENCE_SECONDS = 5;

    /** What the listening connection is for, by which others see in the database that a server runs. */
    static final String PURPOSE = "notifications";

    private final Database database;
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private volatile boolean closed;
    private final Thread thread = Thread.ofVirtual().name("notifications").unstarted(this::run);

    /** Listens on that database once {@link #start} is called. */
    public Notifications(Database database) {
        this.database = database;
    }

    /** What kinds of rows can change. */
    public enum Topic {
        ORGANIZATION,
        PERSON,
        CREDENTIAL,
        ROOM,
        CLIENT,
        TOKEN,
        WEBHOOK
    }

    /** Somebody who caches rows. */
    public interface Listener {

        /** That row changed. */
        void changed(Topic topic, String key);

        /** Anything may have changed. */
        void everythingChanged();
    }

    /** Adds a listener. */
    public void listen(Listener listener) {
        listeners.add(listener);
    }

    /** Tells all processes, when the transaction of that handle commits, that a row changed. */
    static void tell(Handle handle, Topic topic, String key) {
        handle.createQuery("SELECT pg_notify(:channel, :payload)::text")
                .bind("channel", CHANNEL)
                .bind("payload", topic.name() + " " + key)
                .mapTo(String.class)
                .list();
    }

    /** Begins to listen, on a thread of its own. */
    public void start() {
        thread.start();
    }

    private void run() {
        while (!closed) {
            try (Connection connection = database.connect(PURPOSE);
                    Statement statement = connection.createStatement()) {
                statement.execute("LISTEN " + CHANNEL);
                listeners.forEach(Listener::everythingChanged);
                hear(connection);
            } catch (SQLException e) {
                if (!closed) {
                    LOG.log(Level.WARNING, "Notifications are interrupted: state {0}.", e.getSQLState());
                }
            } catch (RuntimeException e) {
                // A listener may need the database, which may be away: after connecting again it hears that everything
                // changed.
                LOG.log(Level.WARNING, "A listener failed; notifications begin anew.", e);
            }
            pause();
        }
    }

    private void hear(Connection connection) throws SQLException {
        PGConnection notified = connection.unwrap(PGConnection.class);
        while (!closed) {
            PGNotification[] heard = notified.getNotifications(1_000);
            if (heard.length == 0 && !connection.isValid(PATIENCE_SECONDS)) {
                // Silence may also mean that nobody is there any more.
                return;
            }
            for (PGNotification notification : heard) {
                String[] words = notification.getParameter().split(" ", 2);
                listeners.forEach(listener -> listener.changed(Topic.valueOf(words[0]), words[1]));
            }
        }
    }

    private void pause() {
        try {
            Thread.sleep(closed ? 0 : 200);
        } catch (InterruptedException _) {
            closed = true;
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
