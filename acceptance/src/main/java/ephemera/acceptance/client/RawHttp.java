package ephemera.acceptance.client;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Plain sockets for what no HTTP client would send: broken heads, wrong lengths, huge headers, half a body. */
public final class RawHttp {
    private RawHttp() {
    }

    /** Sends text, in UTF-8, exactly as it is and reads one reply. */
    public static Reply exchange(URI server, String request) {
        return exchange(server, request.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Sends bytes exactly as they are on a connection of their own and reads one reply.
     *
     * <p>A server may answer before it has read everything, and may then close. A server that says nothing for a
     * minute, or closes without an answer, is an {@link UncheckedIOException}.
     */
    public static Reply exchange(URI server, byte[] request) {
        String firstLine = new String(request, 0, Math.min(80, request.length), StandardCharsets.ISO_8859_1)
                .lines().findFirst().orElse("(nothing)");
        return exchange(server, firstLine, Deadline.LONGEST, out -> out.write(request));
    }

    /** Something that writes itself to a connection. */
    public interface Content {

        /** Writes itself; the other side may close in the middle. */
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * Sends what writes itself and reads one reply, which may come while it is being written.
     *
     * @param name what the request is called in messages
     * @param longest how long the server may say nothing
     */
    public static Reply exchange(URI server, String name, Duration longest, Content request) {
        try (Socket socket = connect(server, longest)) {
            Thread.ofVirtual().start(() -> write(socket, request));
            return read(name, new BufferedInputStream(socket.getInputStream()));
        } catch (IOException e) {
            throw new UncheckedIOException(name + " got no reply: " + e, e);
        }
    }

    /**
     * Sends what writes itself and gives everything that the server says until it closes, one character for each byte.
     */
    public static String conversation(URI server, String name, Duration longest, Content request) {
        try (Socket socket = connect(server, longest)) {
            Thread.ofVirtual().start(() -> write(socket, request));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(name + " was not answered until the end: " + e, e);
        }
    }

    /** Sends what writes itself, closes at once and hears nothing. */
    public static void breakOff(URI server, Duration longest, Content request) {
        try (Socket socket = connect(server, longest)) {
            write(socket, request);
        } catch (IOException e) {
            throw new UncheckedIOException("the server cannot be reached: " + e, e);
        }
    }

    private static Socket connect(URI server, Duration longest) throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(server.getHost(), server.getPort()), (int) longest.toMillis());
            socket.setSoTimeout((int) longest.toMillis());
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private static void write(Socket socket, Content request) {
        try {
            OutputStream out = socket.getOutputStream();
            request.writeTo(out);
            out.flush();
        } catch (IOException _) {
            // The server has heard enough; its reply says why.
        }
    }

    private static Reply read(String firstLine, InputStream in) throws IOException {
        String[] statusLine = line(in).split(" ", 3);
        if (statusLine.length < 2 || !statusLine[0].startsWith("HTTP/1.") || !statusLine[1].matches("\\d{3}")) {
            throw new IOException("not a status line: " + String.join(" ", statusLine));
        }
        int status = Integer.parseInt(statusLine[1]);
        Map<String, List<String>> headers = new TreeMap<>();
        String header;
        while (!(header = line(in)).isEmpty()) {
            int colon = header.indexOf(':');
            headers.computeIfAbsent(header.substring(0, colon).toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
                    .add(header.substring(colon + 1).strip());
        }
        return status / 100 == 1 ? read(firstLine, in)
                : new Reply(firstLine, status, headers, body(status, headers, in));
    }

    private static byte[] body(int status, Map<String, List<String>> headers, InputStream in) throws IOException {
        if (status == 204 || status == 304) {
            return new byte[0];
        }
        if (headers.containsKey("transfer-encoding")) {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            int size;
            while ((size = Integer.parseInt(line(in).split(";")[0].strip(), 16)) > 0) {
                body.writeBytes(in.readNBytes(size));
                line(in);
            }
            return body.toByteArray();
        }
        return headers.containsKey("content-length")
                ? in.readNBytes(Integer.parseInt(headers.get("content-length").getFirst()))
                : in.readAllBytes();
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        int b;
        while ((b = in.read()) != '\n') {
            if (b < 0) {
                throw new EOFException("the server closed the connection after \"" + line + "\"");
            }
            if (b != '\r') {
                line.append((char) b);
            }
        }
        return line.toString();
    }
}
