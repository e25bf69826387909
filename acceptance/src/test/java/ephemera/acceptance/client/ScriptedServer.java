package ephemera.acceptance.client;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Answers every request with the same bytes and keeps the requests, to look at the client from the other side. */
final class ScriptedServer implements AutoCloseable {
    private final ServerSocket socket;
    private final String answer;
    private final boolean closes;
    private final BlockingQueue<String> requests = new LinkedBlockingQueue<>();

    /** Starts a server; one that {@code closes} ends each connection after its answer, otherwise it leaves it open. */
    ScriptedServer(String answer, boolean closes) throws IOException {
        this.answer = answer;
        this.closes = closes;
        socket = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    Tiger tiger() {
        return Tiger.at(URI.create("http://127.0.0.1:" + socket.getLocalPort()));
    }

    /** Gives the next request, head and body. */
    String request() throws InterruptedException {
        String request = requests.poll(Deadline.LONGEST.toSeconds(), TimeUnit.SECONDS);
        if (request == null) {
            throw new AssertionError("no request came");
        }
        return request;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket client = socket.accept();
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException _) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            InputStream in = new BufferedInputStream(client.getInputStream());
            do {
                StringBuilder request = new StringBuilder();
                while (request.indexOf("\r\n\r\n") < 0) {
                    int next = in.read();
                    if (next < 0) {
                        throw new EOFException("the client closed");
                    }
                    request.append((char) next);
                }
                String length = request.toString().replaceAll("(?is).*\r\ncontent-length: *(\\d+)\r\n.*", "$1");
                int bytes = length.length() < 10 ? Integer.parseInt(length) : 0;
                request.append(new String(in.readNBytes(bytes), StandardCharsets.UTF_8));
                requests.add(request.toString());
                client.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
                client.getOutputStream().flush();
            } while (!closes);
        } catch (IOException _) {
            // The client went away.
        }
    }
}
