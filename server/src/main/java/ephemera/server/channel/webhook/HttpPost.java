package ephemera.server.channel.webhook;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * Posts a body to addresses that somebody has chosen, under the name that the URL has: TLS asks for that name, and the
 * certificate has to be for it. Thread-safe; each call blocks.
 */
final class HttpPost implements AutoCloseable {

    private static final int LONGEST_REST = 16 * 1024;
    private static final int REST_PATIENCE_MILLIS = 250;

    private final SSLContext tls;
    private final Duration patience;
    /** Closes what takes too long: a time-out of a socket begins anew with each byte, and there is none for writing. */
    private final ScheduledExecutorService watchdog =
            Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("webhook watchdog").daemon().factory());

    /**
     * Posts with that patience.
     *
     * @param tls whom it trusts
     * @param patience how long one call takes at most, from the first attempt to connect to the head of the answer
     */
    HttpPost(SSLContext tls, Duration patience) {
        this.tls = tls;
        this.patience = patience;
    }

    /**
     * Posts a body to the first of the addresses that takes a connection.
     *
     * @param headers besides those that HTTP needs; nothing in them needs escaping
     * @throws SocketTimeoutException if it took too long
     * @throws javax.net.ssl.SSLException if the other side is not who it should be, or cannot speak TLS
     * @throws java.net.ProtocolException if what came was no answer
     * @throws IOException if it failed otherwise
     */
    HttpAnswer post(URI url, List<InetAddress> addresses, Map<String, String> headers, byte[] body)
            throws IOException {
        Deadline deadline = new Deadline(System.nanoTime() + patience.toNanos());
        @Nullable
        IOException refused = null;
        for (InetAddress address : addresses) {
            try (Socket socket = new Socket()) {
                try {
                    socket.connect(new InetSocketAddress(address, Guard.port(url)), deadline.millis());
                } catch (IOException e) {
                    refused = e;
                    continue;
                }
                return exchange(socket, deadline, url, headers, body);
            }
        }
        throw refused != null ? refused : new IOException("there is no address");
    }

    private record Deadline(long nanos) {

        /** How many milliseconds are left. */
        int millis() throws SocketTimeoutException {
            long left = TimeUnit.NANOSECONDS.toMillis(left());
            if (left <= 0) {
                throw new SocketTimeoutException();
            }
            return (int) Math.min(left, Integer.MAX_VALUE);
        }

        long left() {
            return nanos - System.nanoTime();
        }
    }

    private HttpAnswer exchange(Socket socket, Deadline deadline, URI url, Map<String, String> headers, byte[] body)
            throws IOException {
        ScheduledFuture<?> watch =
                watchdog.schedule(() -> cut(socket), deadline.left(), TimeUnit.NANOSECONDS);
        try (Socket spoken = Guard.isSecure(url) ? secured(socket, url) : socket) {
            OutputStream out = spoken.getOutputStream();
            out.write(head(url, headers, body.length));
            out.write(body);
            out.flush();
            InputStream in = new BufferedInputStream(spoken.getInputStream());
            HttpAnswer answer = HttpAnswer.read(in);
            leave(spoken, in, answer);
            return answer;
        } catch (IOException e) {
            throw deadline.left() <= 0 ? new SocketTimeoutException() : e;
        } finally {
            watch.cancel(false);
        }
    }

    /** The answer is here: whatever goes wrong now does not matter. */
    private static void leave(Socket socket, InputStream in, HttpAnswer answer) {
        try {
            socket.setSoTimeout(REST_PATIENCE_MILLIS);
            answer.readRest(in, LONGEST_REST);
        } catch (IOException _) {
            // The receiver is slower than we are curious.
        }
    }

    private SSLSocket secured(Socket socket, URI url) throws IOException {
        String host = Guard.host(url);
        SSLSocket secured = (SSLSocket) tls.getSocketFactory().createSocket(socket, host, Guard.port(url), true);
        SSLParameters parameters = secured.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        if (!isLiteral(host)) {
            parameters.setServerNames(List.of(new SNIHostName(host)));
        }
        secured.setSSLParameters(parameters);
        secured.startHandshake();
        return secured;
    }

    private static boolean isLiteral(String host) {
        return host.contains(":") || host.matches("[0-9.]+");
    }

    private static byte[] head(URI url, Map<String, String> headers, int length) {
        StringBuilder head = new StringBuilder("POST ")
                .append(url.getRawPath().isEmpty() ? "/" : url.getRawPath())
                .append(url.getRawQuery() == null ? "" : "?" + url.getRawQuery())
                .append(" HTTP/1.1\r\nHost: ")
                .append(url.getHost())
                .append(url.getPort() >= 0 ? ":" + url.getPort() : "")
                .append("\r\nUser-Agent: Ephemera\r\nContent-Type: application/json\r\nContent-Length: ")
                .append(length)
                .append("\r\nConnection: close\r\n");
        headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        return head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static void cut(Socket socket) {
        try {
            socket.close();
        } catch (IOException _) {
            // It is of no use any more, whatever it says.
        }
    }

    @Override
    public void close() {
        watchdog.shutdownNow();
    }
}
