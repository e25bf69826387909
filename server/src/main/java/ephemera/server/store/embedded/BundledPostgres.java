package ephemera.server.store.embedded;

import ephemera.server.StartFailure;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * The bundled PostgreSQL of a data folder, running and watched until it is closed.
 *
 * <p>It listens on 127.0.0.1 only. Port, user and password stay the same for the life of this object, also when
 * PostgreSQL dies and is started again. When this JVM is killed, PostgreSQL shuts itself down.
 *
 * <p>Thread-safe.
 */
public final class BundledPostgres implements AutoCloseable {

    /** What PostgreSQL is doing. */
    public enum State {
        /** It accepts connections. */
        RUNNING,
        /** It died and is being started again. */
        RESTARTING,
        /** It was closed. */
        CLOSED
    }

    private static final Logger LOG = System.getLogger(BundledPostgres.class.getName());
    private static final long LOG_BYTES = 5_000_000;
    private static final int PORTS_TRIED = 20;
    /** A PostgreSQL that was killed may take long to be gone where the disk is slow. */
    private static final Duration PATIENCE_WITH_THE_PAST = Duration.ofSeconds(60);
    private static final Duration SAY_SO_EVERY = Duration.ofSeconds(5);
    /** A run this long says that the cause of the last death has passed. */
    private static final Duration LONG_RUN = Duration.ofMinutes(1);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    private final Path postgres;
    private final RunAs runAs;
    private final PostgresBinaries binaries;
    private final Set<Integer> reserved;
    private final Cluster cluster;
    private final BoundedLog log;
    private final PostgresAccess access;
    private final List<Consumer<State>> listeners = new CopyOnWriteArrayList<>();
    private final Thread watch;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition closed = lock.newCondition();
    private Postmaster postmaster;
    private volatile State state = State.RUNNING;

    private BundledPostgres(DataFolder folder, RunAs runAs, PostgresBinaries binaries, Set<Integer> reserved) {
        this.postgres = folder.postgres();
        this.runAs = runAs;
        this.binaries = binaries;
        this.reserved = Set.copyOf(reserved);
        this.cluster = new Cluster(postgres, binaries, runAs);
        this.log = new BoundedLog(postgres.resolve("postgres.log"), LOG_BYTES);
        Started started = startOnFreePort(folder.connectionFile());
        this.access = started.access();
        this.postmaster = started.postmaster();
        this.watch = Thread.ofVirtual().name("postgres-watch").unstarted(this::watch);
    }

    /**
     * Starts PostgreSQL in a claimed data folder and waits until it accepts connections.
     *
     * <p>The first time, its binaries are unpacked and a database is made. What an earlier server left running is ended
     * first; after a crash the wait includes PostgreSQL's recovery. The folder must stay claimed until this is closed.
     *
     * @param reserved the ports that somebody will listen on later, which PostgreSQL leaves alone though they are free
     * @throws StartFailure when it cannot run here, with the reason
     */
    public static BundledPostgres start(DataFolder folder, Set<Integer> reserved) {
        long start = System.nanoTime();
        // Loading the driver takes about as long as PostgreSQL's start: do both at once.
        Thread.startVirtualThread(DriverManager::getDrivers);
        try {
            PrivateFiles.createFolder(folder.postgres());
        } catch (IOException e) {
            throw new StartFailure("The folder " + folder.postgres() + " cannot be created: " + e.getMessage() + ".",
                    e);
        }
        RunAs runAs = RunAs.choose(folder.postgres());
        return start(folder, runAs, reserved, start);
    }

    static BundledPostgres start(DataFolder folder, RunAs runAs, Set<Integer> reserved, long start) {
        new Leftovers(folder.postgres(), Cluster.pathIn(folder.postgres())).end();
        PostgresBinaries binaries = PostgresBinaries.unpackInto(folder.postgres(), runAs);
        BundledPostgres started = new BundledPostgres(folder, runAs, binaries, reserved);
        try {
            started.requireDurability();
        } catch (RuntimeException e) {
            started.postmaster.stop();
            throw e;
        }
        started.watch.start();
        binaries.deleteOthers();
        LOG.log(Level.INFO, "PostgreSQL accepts connections on 127.0.0.1:{0} after {1} ms",
                Integer.toString(started.port()), (System.nanoTime() - start) / 1_000_000);
        return started;
    }

    private record Started(PostgresAccess access, Postmaster postmaster) {}

    private Started startOnFreePort(Path connectionFile) {
        Optional<PostgresAccess> before = PostgresAccess.read(connectionFile);
        PostgresAccess chosen = before.map(known -> known.at(freePort(known.port())))
                .orElseGet(() -> PostgresAccess.generate(freePort(0)));
        try {
            // In this order: a crash between the two leaves lost passwords, which the next start replaces.
            cluster.prepare(chosen, before.isEmpty());
            chosen.write(connectionFile);
            Deadline deadline = Deadline.in(PATIENCE_WITH_THE_PAST);
            Deadline sayingSo = Deadline.in(SAY_SO_EVERY);
            while (true) {
                Postmaster launched = Postmaster.launch(runAs, binaries, cluster.path(), log);
                try {
                    launched.awaitReady();
                    return new Started(chosen, launched);
                } catch (StartFailure failure) {
                    if (deadline.isOver() || !mayPass()) {
                        throw failure;
                    }
                    if (sayingSo.isOver()) {
                        LOG.log(Level.INFO, "{0} It is tried again.", failure.getMessage());
                        sayingSo = Deadline.in(SAY_SO_EVERY);
                    }
                }
                deadline.pause(FIRST_PAUSE);
                new Leftovers(postgres, cluster.path()).end();
                chosen = chosen.at(freePort(chosen.port()));
                chosen.write(connectionFile);
                cluster.configure(chosen.port());
            }
        } catch (IOException e) {
            throw new StartFailure("The file " + connectionFile + " cannot be written: " + e.getMessage() + ".", e);
        }
    }

    /**
     * Whether the start failed for a reason that goes away: somebody was quicker to take the port, or a PostgreSQL that
     * was killed a moment ago is still in the system's books.
     */
    private boolean mayPass() {
        return log.tailContains("could not bind") || log.tailContains("lock file \"postmaster.pid\"")
                || log.tailContains("pre-existing shared memory block");
    }

    /**
     * A port that nobody listens on or has reserved, the preferred one if possible.
     *
     * <p>From below the range from which systems take the ports of outgoing connections: else a client that tries to
     * reach a PostgreSQL which is away could be given that very port, and hold a conversation with itself.
     */
    private int freePort(int preferred) {
        int port = preferred > 0 ? preferred : ThreadLocalRandom.current().nextInt(20_000, 30_000);
        for (int attempt = 1; attempt <= PORTS_TRIED; attempt++) {
            if (!reserved.contains(port) && nobodyListensOn(port)) {
                return port;
            }
            port = ThreadLocalRandom.current().nextInt(20_000, 30_000);
        }
        throw new StartFailure("No free port was found for PostgreSQL between 20000 and 30000 on 127.0.0.1:"
                + " end what occupies them, or set database.url to a PostgreSQL of your own.");
    }

    private static boolean nobodyListensOn(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port));
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    private void requireDurability() {
        try (Connection connection = access.connect()) {
            DurabilityCheck.require(connection);
        } catch (SQLException e) {
            throw new StartFailure("The bundled PostgreSQL does not let us in: " + e.getMessage() + ".", e);
        }
    }

    private void watch() {
        Duration pause = Duration.ZERO;
        while (true) {
            long start = System.nanoTime();
            int status = postmasterNow().awaitEnd();
            if (!enter(State.RESTARTING)) {
                return;
            }
            LOG.log(Level.ERROR, "PostgreSQL died with status {0} ({1}); it is started again", status,
                    log.fatalLine().orElseGet(log::pointer));
            if (System.nanoTime() - start >= LONG_RUN.toNanos()) {
                pause = Duration.ZERO;
            }
            do {
                if (!restAndStillOpen(pause)) {
                    return;
                }
                pause = longerThan(pause);
            } while (!restart());
            if (!enter(State.RUNNING)) {
                return;
            }
            LOG.log(Level.INFO, "PostgreSQL accepts connections again on 127.0.0.1:{0}", Integer.toString(port()));
        }
    }

    private static Duration longerThan(Duration pause) {
        Duration twice = pause.isZero() ? FIRST_PAUSE : pause.multipliedBy(2);
        return twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
    }

    private boolean restart() {
        try {
            new Leftovers(postgres, cluster.path()).end();
            Postmaster next;
            lock.lock();
            try {
                if (state == State.CLOSED) {
                    return false;
                }
                next = Postmaster.launch(runAs, binaries, cluster.path(), log);
                postmaster = next;
            } finally {
                lock.unlock();
            }
            next.awaitReady();
            return true;
        } catch (StartFailure e) {
            if (state != State.CLOSED) {
                LOG.log(Level.ERROR, "{0} It is tried again.", e.getMessage());
            }
            return false;
        }
    }

    private Postmaster postmasterNow() {
        lock.lock();
        try {
            return postmaster;
        } finally {
            lock.unlock();
        }
    }

    /** Pauses before a start; tells whether there is still somebody to start it for. */
    private boolean restAndStillOpen(Duration pause) {
        lock.lock();
        try {
            long left = pause.toNanos();
            while (state != State.CLOSED && left > 0) {
                left = closed.awaitNanos(left);
            }
            return state != State.CLOSED;
        } catch (InterruptedException _) {
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Goes over to another state and tells the listeners; not out of {@link State#CLOSED}. */
    private boolean enter(State next) {
        lock.lock();
        try {
            if (state == State.CLOSED) {
                return false;
            }
            state = next;
            closed.signalAll();
        } finally {
            lock.unlock();
        }
        for (Consumer<State> listener : listeners) {
            try {
                listener.accept(next);
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, "A listener failed on PostgreSQL''s state " + next, e);
            }
        }
        return true;
    }

    /** The address for JDBC, without user and password. */
    public String jdbcUrl() {
        return access.jdbcUrl();
    }

    /** The role that owns the database; it is no superuser. */
    public String user() {
        return access.user();
    }

    /** The password of {@link #user()}. */
    public String password() {
        return access.password();
    }

    /** The TCP port on 127.0.0.1. */
    public int port() {
        return access.port();
    }

    /** Everything that a connection needs. */
    public PostgresAccess access() {
        return access;
    }

    /** The process id of the present postmaster, for those who measure it. */
    public long pid() {
        return postmasterNow().pid();
    }

    /** What PostgreSQL is doing at this moment. */
    public State state() {
        return state;
    }

    /** Has a listener told of every change of state from now on, on the thread that makes it. */
    public void onChange(Consumer<State> listener) {
        listeners.add(listener);
    }

    /**
     * Stops PostgreSQL: connections are cut and a checkpoint is made. Takes some seconds at most; twice is harmless.
     */
    @Override
    public void close() {
        if (!enter(State.CLOSED)) {
            return;
        }
        postmasterNow().stop();
        try {
            watch.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
