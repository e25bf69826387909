package ephemera.acceptance.bench;

import ephemera.acceptance.bench.load.LoadFailure;
import ephemera.acceptance.client.Credentials;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Messages that all expire in the same epoch, however long it takes to send them: a lifespan is a number of minutes, so
 * what is sent later gets a shorter one, and nobody sends while no number fits.
 *
 * <p>Half of the people send to the other half, each on a connection of their own, as fast as they are answered.
 */
final class DyingMessages implements AutoCloseable {
    /** How many of the messages of one call are remembered. */
    static final int SAMPLE = 300;

    private static final long MINUTE = TimeUnit.MINUTES.toMillis(1);
    /** A server puts what expires just before an epoch's end into the next one, since storing takes a moment too. */
    private static final long GUARD = 3_000;

    private static final long LONGEST_LIFESPAN = 60;
    private static final Duration LONGEST_ANSWER = Duration.ofSeconds(30);
    private static final String BODY = "This ends together with very many others. ".repeat(4).substring(0, 140);

    private final InetSocketAddress address;
    private final List<Credentials> senders;
    private final List<Credentials> readers;
    private final long epochMillis;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /**
     * A message that somebody can look for.
     *
     * @param token the message
     * @param pair whose it is: the place among senders and among readers
     */
    record Sample(String token, int pair) {
    }

    /** What was sent by one call: how many messages, how fast while there was a fitting lifespan, and some of them. */
    record Sent(int acknowledged, double perSecond, List<Sample> sample) {
    }

    DyingMessages(URI server, List<Credentials> people, Duration epoch) {
        address = new InetSocketAddress(server.getHost(), server.getPort());
        int pairs = people.size() / 2;
        senders = List.copyOf(people.subList(0, pairs));
        readers = List.copyOf(people.subList(pairs, 2 * pairs));
        epochMillis = epoch.toMillis();
    }

    /** Gives those who receive the messages. */
    List<Credentials> readers() {
        return readers;
    }

    /** Gives the end of the next epoch that messages sent from now on can still reach, all of it. */
    Instant earliestEnd() {
        long soonest = System.currentTimeMillis() + MINUTE + epochMillis;
        return Instant.ofEpochMilli(Math.ceilDiv(soonest, epochMillis) * epochMillis);
    }

    /**
     * Sends messages that expire in the epoch that ends then, and returns when all are acknowledged, or when it is too
     * late for more.
     *
     * @throws LoadFailure if a message is refused
     */
    Sent send(int count, Instant end) {
        AtomicInteger next = new AtomicInteger();
        AtomicInteger acknowledged = new AtomicInteger();
        AtomicLong busyNanos = new AtomicLong();
        Collection<Sample> sample = new ConcurrentLinkedQueue<>();
        int every = Math.max(1, count / SAMPLE);
        List<Future<?>> work = new ArrayList<>();
        for (int i = 0; i < senders.size(); i++) {
            int pair = i;
            work.add(threads.submit(() -> {
                try (Line line = new Line(address, senders.get(pair), readers.get(pair))) {
                    Optional<Integer> minutes = minutesTo(end);
                    for (int number; minutes.isPresent() && (number = next.getAndIncrement()) < count;
                            minutes = minutesTo(end)) {
                        long begin = System.nanoTime();
                        String token = line.send(minutes.orElseThrow());
                        busyNanos.addAndGet(System.nanoTime() - begin);
                        acknowledged.incrementAndGet();
                        if (number % every == 0) {
                            sample.add(new Sample(token, pair));
                        }
                    }
                }
                return pair;
            }));
        }
        work.forEach(DyingMessages::await);
        double seconds = busyNanos.get() / 1e9 / senders.size();
        return new Sent(acknowledged.get(), acknowledged.get() / seconds, List.copyOf(sample));
    }

    /** The lifespan with which a message sent now expires in that epoch; waits for one; empty when it is too late. */
    private Optional<Integer> minutesTo(Instant end) {
        while (true) {
            long left = end.toEpochMilli() - System.currentTimeMillis();
            long minutes = Math.floorDiv(left - GUARD, MINUTE);
            if (minutes < 1) {
                return Optional.empty();
            }
            long wait = left - minutes * MINUTE - epochMillis;
            if (wait <= 0 && minutes <= LONGEST_LIFESPAN) {
                return Optional.of((int) minutes);
            }
            if (minutes > LONGEST_LIFESPAN) {
                throw new LoadFailure("The server takes messages so slowly that they cannot expire together.");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(wait));
        }
    }

    private static void await(Future<?> work) {
        try {
            work.get();
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while sending", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause
                    : new LoadFailure("Messages could not be sent: " + e.getCause());
        }
    }

    @Override
    public void close() {
        threads.close();
    }

    /** A sender's connection. */
    private static final class Line implements AutoCloseable {
        private final Socket socket = new Socket();
        private final InputStream in;
        private final String head;
        private final String recipient;

        Line(InetSocketAddress address, Credentials sender, Credentials reader) throws IOException {
            try {
                socket.connect(address, (int) LONGEST_ANSWER.toMillis());
                socket.setSoTimeout((int) LONGEST_ANSWER.toMillis());
                socket.setTcpNoDelay(true);
                in = new BufferedInputStream(socket.getInputStream());
            } catch (IOException e) {
                socket.close();
                throw e;
            }
            head = "POST /v2/message HTTP/1.1\r\nHost: " + address.getHostString() + ":" + address.getPort()
                    + "\r\nAuthorization: " + sender.basic()
                    + "\r\nAccept: application/json\r\nContent-Type: application/json\r\n";
            recipient = reader.token();
        }

        /** Sends a message and gives its token. */
        String send(int minutes) {
            String json = "{\"body\":\"" + BODY + "\",\"recipient\":\"" + recipient + "\",\"ttl\":" + minutes + "}";
            String request = head + "Content-Length: " + json.length() + "\r\nRequest-ID: " + UUID.randomUUID()
                    + "\r\n\r\n" + json;
            try {
                socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
                return token();
            } catch (IOException e) {
                throw new UncheckedIOException("A sender's connection was lost", e);
            }
        }

        private String token() throws IOException {
            String status = line();
            String token = "";
            int length = 0;
            String header;
            while (!(header = line()).isEmpty()) {
                int colon = header.indexOf(':');
                String name = header.substring(0, colon);
                if (name.equalsIgnoreCase("TT-X-Message-Id")) {
                    token = header.substring(colon + 1).strip();
                } else if (name.equalsIgnoreCase("Content-Length")) {
                    length = Integer.parseInt(header.substring(colon + 1).strip());
                }
            }
            String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
            if (!status.startsWith("HTTP/1.1 2") || token.isEmpty()) {
                throw new LoadFailure("A message that is to expire was answered with " + status + " " + body);
            }
            return token;
        }

        private String line() throws IOException {
            StringBuilder line = new StringBuilder();
            int b;
            while ((b = in.read()) != '\n') {
                if (b < 0) {
                    throw new IOException("the server closed the connection");
                }
                if (b != '\r') {
                    line.append((char) b);
                }
            }
            return line.toString();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
