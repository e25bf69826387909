package ephemera.acceptance.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * An application's server on loopback: keeps what it is told, and answers what the test has told it to answer.
 *
 * <p>A caller who gave up before an answer came tells the same once more. As a receiver should, this one passes that
 * over where it has accepted the delivery.
 */
final class Receiver implements AutoCloseable {
    private static final int LONGEST_SECONDS = 60;
    /** No call that was accepted is repeated earlier: the caller waits longer for an answer. */
    private static final Duration SOONEST_REPEAT = Duration.ofSeconds(5);

    private final HttpServer server;
    private final BlockingQueue<Notice> notices = new LinkedBlockingQueue<>();
    private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
    private final Map<String, Notice> accepted = new ConcurrentHashMap<>();
    private final CountDownLatch silence = new CountDownLatch(1);
    private volatile boolean silent;

    /**
     * What it answers.
     *
     * @param status the HTTP status
     * @param headers besides those of every answer
     */
    record Answer(int status, Map<String, String> headers) {}

    Receiver() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::take);
        server.start();
    }

    private void take(HttpExchange exchange) throws IOException {
        Notice notice = Notice.of(exchange);
        if (isRepeated(notice)) {
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
            return;
        }
        // Decided before anybody knows of the call: what a test says next is about the next one.
        Answer answer = Optional.ofNullable(answers.poll()).orElse(new Answer(200, Map.of()));
        boolean waits = silent;
        if (!waits && answer.status() == 200) {
            accepted.put(notice.delivery(), notice);
        }
        notices.add(notice);
        if (waits) {
            await(silence);
        }
        answer.headers().forEach(exchange.getResponseHeaders()::add);
        exchange.sendResponseHeaders(answer.status(), -1);
        exchange.close();
    }

    private boolean isRepeated(Notice notice) {
        return Optional.ofNullable(accepted.get(notice.delivery()))
                .map(first -> Duration.between(first.signedAt(), notice.signedAt()))
                .filter(between -> between.compareTo(SOONEST_REPEAT) >= 0).isPresent();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Where it is called. */
    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/hook";
    }

    /** Answers the next call so; what follows is answered 200. */
    void answersNext(int status, String... header) {
        answers.add(new Answer(status, header.length == 0 ? Map.of() : Map.of(header[0], header[1])));
    }

    /** Answers nobody until it is closed, or speaks again. */
    void fallsSilent() {
        silent = true;
    }

    /** Answers everybody again, those who still wait included. */
    void speaksAgain() {
        silent = false;
        silence.countDown();
    }

    /** What it is told next. */
    Notice next() {
        return next(LONGEST_SECONDS);
    }

    /** What it is told next, within some seconds. */
    Notice next(int seconds) {
        try {
            Notice notice = notices.poll(seconds, TimeUnit.SECONDS);
            assertThat(notice).as("a call within %d s", seconds).isNotNull();
            return notice;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for a call", e);
        }
    }

    /** What it is told next of several things, in whatever order. */
    List<Notice> next(String... urls) {
        List<Notice> all = new ArrayList<>();
        for (String _ : urls) {
            all.add(next());
        }
        assertThat(all).extracting(Notice::url).containsExactlyInAnyOrder(urls);
        return all;
    }

    /** What it was told and nobody has asked for. */
    List<Notice> rest() {
        return List.copyOf(notices);
    }

    @Override
    public void close() {
        silence.countDown();
        server.stop(0);
    }
}
