package ephemera.server.store.embedded;

import ephemera.server.StartFailure;
import ephemera.server.store.embedded.DataFolder.Holder;
import ephemera.server.store.embedded.DataFolder.Purpose;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * The bundled PostgreSQL for one command: that of the running server, or one started for the command alone.
 *
 * <p>Closing stops only what was started here. Thread-safe.
 */
public final class StandaloneAccess implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration STEP = Duration.ofMillis(50);

    private final PostgresAccess access;
    private final Runnable end;
    private final boolean ofServer;

    private StandaloneAccess(PostgresAccess access, boolean ofServer, Runnable end) {
        this.access = access;
        this.ofServer = ofServer;
        this.end = end;
    }

    /**
     * Connects to the PostgreSQL of the server that holds the data folder, or else claims the folder and starts it.
     *
     * <p>Waits up to a minute for another command to finish or a server to get ready.
     *
     * @param create whether a database is made where there is none yet
     * @throws StartFailure when there is none and none may be made, or PostgreSQL cannot be reached or started
     */
    public static StandaloneAccess open(Path folder, boolean create) {
        Deadline deadline = Deadline.in(PATIENCE);
        while (true) {
            Optional<Holder> holder = DataFolder.peek(folder);
            if (holder.isEmpty()) {
                if (!create && !Cluster.existsIn(folder)) {
                    throw new StartFailure("There is no database in " + folder.toAbsolutePath().normalize()
                            + ": run \"bin/ephemera serve\" with this --data once, or give the folder of your server.");
                }
                return startOwn(folder);
            }
            if (holder.get().purpose() == Purpose.SERVER) {
                Optional<StandaloneAccess> attached = attach(folder);
                if (attached.isPresent()) {
                    return attached.get();
                }
            }
            if (deadline.isOver()) {
                throw new StartFailure("The data folder " + folder + " is in use by " + holder.get()
                        + ", whose PostgreSQL cannot be reached: try again when it runs, or stop it.");
            }
            deadline.pause(STEP);
        }
    }

    private static StandaloneAccess startOwn(Path folder) {
        DataFolder claimed = DataFolder.claim(folder, Purpose.COMMAND);
        try {
            BundledPostgres postgres = BundledPostgres.start(claimed, Set.of());
            return new StandaloneAccess(postgres.access(), false, () -> {
                try (claimed; postgres) {
                    // Both are closed, PostgreSQL first.
                }
            });
        } catch (RuntimeException e) {
            claimed.close();
            throw e;
        }
    }

    private static Optional<StandaloneAccess> attach(Path folder) {
        Optional<PostgresAccess> access = PostgresAccess.read(DataFolder.connectionFileIn(folder));
        if (access.isEmpty()) {
            return Optional.empty();
        }
        try (Connection connection = access.get().connect()) {
            return connection.isValid(5)
                    ? Optional.of(new StandaloneAccess(access.get(), true, () -> {})) : Optional.empty();
        } catch (SQLException _) {
            // It is starting, or starting again.
            return Optional.empty();
        }
    }

    /** Everything that a connection needs. */
    public PostgresAccess access() {
        return access;
    }

    /** Whether this is the PostgreSQL of a server that runs. */
    boolean isOfServer() {
        return ofServer;
    }

    /** Stops PostgreSQL if it was started for this, and gives the data folder free. */
    @Override
    public void close() {
        end.run();
    }
}
