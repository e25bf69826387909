package ephemera.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.client.Deadline;
import ephemera.acceptance.client.Draft;
import ephemera.acceptance.client.Event;
import ephemera.acceptance.client.Reply;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Section 3.4 of the contract: one file with a message, byte by byte, streamed in both directions. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AttachmentComesBackAsItWasSent {
    private static final int MEGABYTE = 1024 * 1024;

    private final Somebody sender = Somebody.fresh();
    private final Somebody reader = Somebody.fresh();

    private String sent(String name, String type, byte[] bytes) {
        return sender.tiger().send(Draft.to(reader.token(), "").withAttachment(name, type, bytes)).expect(200)
                .messageId();
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 8_191, 65_536, 65_537, 3 * MEGABYTE + 1})
    void everySizeIsKept(int size) {
        byte[] bytes = random(size);
        String message = sent("scan.bin", "application/octet-stream", bytes);
        for (Somebody each : List.of(sender, reader)) {
            assertThat(each.tiger().attachment(message).expect(200).body()).isEqualTo(bytes);
        }
        Event event = reader.replay().stream().filter(each -> each.messageId().equals(message)).findFirst()
                .orElseThrow();
        for (JsonNode json : List.of(event.payload(), reader.message(message))) {
            JsonNode attachment = json.path("attachments").path(0);
            assertThat(attachment.path("attachment_id").asString()).isEqualTo("1");
            assertThat(attachment.path("size").asLong()).isEqualTo(size);
            assertThat(attachment.path("name").asString()).isEqualTo("scan.bin");
            assertThat(attachment.path("content-type").asString()).isEqualTo("application/octet-stream");
            assertThat(json.path("attachment_name").asString()).isEqualTo("scan.bin");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "image/png,image/png",
        "text/plain; charset=utf-8,text/plain",
        "TEXT/HTML,text/html",
        "application/vnd.ms-excel.sheet.macroEnabled.12,application/vnd.ms-excel.sheet.macroenabled.12",
        "image/svg+xml,image/svg+xml",
        "nonsense,application/octet-stream",
    })
    void theTypeIsKept(String sent, String expected) {
        Reply reply = reader.tiger().attachment(sent("file", sent, new byte[] {1})).expect(200);
        assertThat(reply.header("Content-Type").orElse("").toLowerCase(Locale.ROOT)).startsWith(expected);
        // Whatever it claims to be, a browser must not run it in the server's name.
        assertThat(reply.header("X-Content-Type-Options")).contains("nosniff");
        assertThat(reply.header("Content-Disposition").orElse("")).startsWith("attachment");
    }

    @ParameterizedTest
    @CsvSource({
        "röntgen bild.png,röntgen bild.png",
        "日本.txt,日本.txt",
        "../../etc/passwd,passwd",
        "C:\\Users\\me\\plan.pdf,plan.pdf",
        "attachment-[object Object].undefined,attachment-[object Object].undefined",
    })
    void theNameIsKeptWithoutAnyPath(String sent, String expected) {
        String message = sent(sent.replace("\\", "\\\\"), "a/b", new byte[] {1});
        assertThat(reader.message(message).path("attachment_name").asString()).isEqualTo(expected);
    }

    @Test
    void onlyThosePartyToTheMessageGetItAndOnlyTheFirst() {
        String message = sent("a", "a/b", new byte[] {1});
        String bare = sender.says(reader, "without");
        Somebody.fresh().tiger().attachment(message).expect(403);
        Somebody.stranger().tiger().attachment(message).expect(404);
        reader.tiger().get("/v2/message/" + message + "/attachment/2").expect(404);
        reader.tiger().get("/v2/message/" + message + "/attachment/0").expect(404);
        reader.tiger().attachment(bare).expect(404);
        reader.tiger().get("/v2/message/" + message + "/attachment/1/").expect(200);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void theServerNeverHoldsAWholeFileInMemory() throws Exception {
        // One upload for the server to warm up, and the whole way there and back.
        byte[] large = random(50 * MEGABYTE);
        String message = sent("film.mp4", "video/mp4", large);
        assertThat(reader.tiger().attachment(message).expect(200).body()).isEqualTo(large);
        long before = residentMegabytes();
        List<HalfSent> uploads = new ArrayList<>();
        try (ExecutorService sending = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 8; i++) {
                uploads.add(new HalfSent(sender, reader, large));
            }
            List<Future<?>> begun = new ArrayList<>();
            uploads.forEach(upload -> begun.add(sending.submit(upload::sendAllButTheEnd)));
            for (Future<?> each : begun) {
                each.get();
            }
            // 400 MB are on their way and none of them has ended: they must be on the disk.
            assertThat(residentMegabytes() - before).isLessThan(200);
            for (HalfSent upload : uploads) {
                assertThat(upload.finish()).startsWith("HTTP/1.1 204");
            }
        } finally {
            for (HalfSent upload : uploads) {
                upload.close();
            }
        }
        Deadline.untilPasses(() -> assertThat(residentMegabytes() - before).isLessThan(200));
    }

    private static long residentMegabytes() {
        Path status = Path.of("/proc", Long.toString(TheServer.process().pid()), "status");
        try (Stream<String> lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024).findFirst().orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An upload on a socket that stops before its last bytes. */
    private static final class HalfSent implements AutoCloseable {
        private final Socket socket = new Socket();
        private final byte[] head;
        private final byte[] file;
        private final byte[] end;

        HalfSent(Somebody sender, Somebody reader, byte[] file) throws IOException {
            this.file = file;
            String start = "--b\r\nContent-Disposition: form-data; name=\"recipient\"\r\n\r\n" + reader.token()
                    + "\r\n--b\r\nContent-Disposition: form-data; name=\"attachment\"; filename=\"film.mp4\"\r\n"
                    + "Content-Type: video/mp4\r\n\r\n";
            end = "\r\n--b--\r\n".getBytes(StandardCharsets.US_ASCII);
            head = ("POST /v2/message HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: "
                    + sender.credentials().basic() + "\r\nContent-Type: multipart/form-data; boundary=b\r\n"
                    + "Content-Length: " + (start.length() + file.length + end.length) + "\r\n\r\n" + start)
                    .getBytes(StandardCharsets.US_ASCII);
            URI server = sender.tiger().server();
            socket.setSoTimeout((int) Deadline.LONGEST.toMillis());
            socket.connect(new InetSocketAddress(server.getHost(), server.getPort()));
        }

        Void sendAllButTheEnd() throws IOException {
            OutputStream out = socket.getOutputStream();
            out.write(head);
            out.write(file);
            out.flush();
            return null;
        }

        String finish() throws IOException {
            socket.getOutputStream().write(end);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
