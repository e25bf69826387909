package ephemera.acceptance.faults;

import ephemera.acceptance.client.Deadline;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The way from a server to its database, which can be cut, and cut at the worst of all moments: when the database has
 * done what it was asked for and the answer is on its way.
 *
 * <p>Connections are told apart by the name that they give the database ({@code application_name}). Thread-safe.
 */
final class LossyLink implements AutoCloseable {
    private final int target;
    private final ServerSocket door;
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    private final AtomicReference<Trap> trap = new AtomicReference<>();
    private volatile boolean down;
    private volatile String deaf = "";

    /**
     * Where the connection of that name is cut next.
     *
     * @param answer whether an answer is lost, or else a question
     * @param words what it contains, or nothing for any
     */
    private record Trap(String application, boolean answer, String words, CountDownLatch sprung) {
        boolean springs(Connection connection, boolean onAnswer, String text) {
            return onAnswer == answer && connection.name.equals(application) && text.contains(words);
        }
    }

    /** Makes a way to the port on 127.0.0.1. */
    LossyLink(int target) {
        this.target = target;
        try {
            door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException("no port for the link", e);
        }
        Thread.ofVirtual().name("link").start(this::accept);
    }

    /** Gives the port that takes the place of the database's. */
    int port() {
        return door.getLocalPort();
    }

    /** Has the next answer to that connection that contains the words lost, and the connection cut. */
    CountDownLatch loseNextAnswer(String application, String words) {
        return set(new Trap(application, true, words, new CountDownLatch(1)));
    }

    /** Has the next question of that connection lost, and the connection cut. */
    CountDownLatch loseNextQuestion(String application) {
        return set(new Trap(application, false, "", new CountDownLatch(1)));
    }

    private CountDownLatch set(Trap next) {
        trap.set(next);
        return next.sprung();
    }

    /** Cuts all connections and lets none through until {@link #restore}. */
    void cut() {
        down = true;
        open.forEach(Connection::close);
    }

    /** Cuts the connections of that name and lets none of them through until {@link #restore}. */
    void cut(String application) {
        deaf = application;
        open.stream().filter(each -> each.name.equals(application)).forEach(Connection::close);
    }

    /** Lets everything through again. */
    void restore() {
        deaf = "";
        down = false;
    }

    @Override
    public void close() {
        cut();
        try {
            door.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept() {
        while (!door.isClosed()) {
            try {
                connect(door.accept());
            } catch (IOException _) {
                // The link is closed.
            }
        }
    }

    private void connect(Socket client) throws IOException {
        if (down) {
            client.close();
            return;
        }
        try {
            new Connection(client, new Socket(InetAddress.getLoopbackAddress(), target)).start();
        } catch (IOException _) {
            // The database is away; the client learns it by the end of its connection.
            client.close();
        }
    }

    /** One connection, of which each way is copied by a thread. */
    private final class Connection {
        private static final String NAME = "ephemera";
        private final Socket client;
        private final Socket server;
        private volatile String name = "";

        Connection(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void start() {
            open.add(this);
            Thread.ofVirtual().name("questions").start(() -> copy(client, server, this::letsAsk));
            Thread.ofVirtual().name("answers").start(() -> copy(server, client, answer -> !isTrapped(true, answer)));
        }

        private interface Gate {
            boolean lets(String text);
        }

        private void copy(Socket from, Socket to, Gate gate) {
            try (from; to; InputStream in = from.getInputStream(); OutputStream out = to.getOutputStream()) {
                byte[] buffer = new byte[64 * 1024];
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    if (!gate.lets(new String(buffer, 0, read, StandardCharsets.ISO_8859_1))) {
                        return;
                    }
                    out.write(buffer, 0, read);
                }
            } catch (IOException _) {
                // Cut, from whichever side.
            } finally {
                close();
            }
        }

        private boolean letsAsk(String question) {
            if (!name.isEmpty()) {
                return !isTrapped(false, question);
            }
            int at = question.indexOf(NAME);
            name = at < 0 ? "" : question.substring(at).split("[^a-z ]", 2)[0];
            return name.isEmpty() || !name.equals(deaf);
        }

        private boolean isTrapped(boolean onAnswer, String text) {
            Trap set = trap.get();
            if (set == null || !set.springs(this, onAnswer, text) || !trap.compareAndSet(set, null)) {
                return false;
            }
            set.sprung().countDown();
            return true;
        }

        void close() {
            open.remove(this);
            try {
                client.close();
                server.close();
            } catch (IOException _) {
                // Closed already.
            }
        }
    }

    /** Waits until a trap was sprung. */
    static void await(CountDownLatch sprung) {
        try {
            if (!sprung.await(Deadline.LONGEST.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("Nothing was asked on that connection.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for a connection", e);
        }
    }
}
