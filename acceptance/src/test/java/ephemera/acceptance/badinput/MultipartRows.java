package ephemera.acceptance.badinput;

import ephemera.acceptance.client.Multipart;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Multipart bodies that are broken, too large, or hold what does not belong together; none leaves a file behind. */
public final class MultipartRows {

    private static final int PIECE = 64 * 1024;
    private static final int PIECES_OVER_THE_LIMIT = 1_601;
    private static final Duration UPLOAD = Duration.ofSeconds(60);

    private final World world;
    private final List<Row> rows = new ArrayList<>();

    private MultipartRows(World world) {
        this.world = world;
    }

    /** Gives the rows. */
    public static List<Row> of(World world) {
        MultipartRows rows = new MultipartRows(world);
        rows.framing();
        rows.parts();
        rows.files();
        rows.sizes();
        return rows.rows;
    }

    private void row(String name, Request request, Expected expected) {
        rows.add(new Row(name, request, expected));
    }

    private Request send() {
        return world.ask("POST", "/v2/message");
    }

    /** A message that would be accepted, with a file. */
    private Multipart message() {
        return new Multipart().text("recipient", world.bob().token()).text("body", "hi").file("attachment", "f.txt",
                "text/plain", content());
    }

    private static byte[] content() {
        return "content".getBytes(StandardCharsets.UTF_8);
    }

    private void framing() {
        Multipart message = message();
        byte[] whole = message.bytes();
        for (String type : List.of("multipart/form-data", "multipart/form-data; boundary=",
                "multipart/form-data; boundary=\"\"",
                "multipart/form-data; boundry=x", "multipart/form-data; boundary=" + "x".repeat(20_000))) {
            row("the type " + (type.length() < 60 ? type : "with a boundary of 20,000 characters"),
                    send().body(type, whole), Expected.MALFORMED);
        }
        row("another boundary", send().body("multipart/form-data; boundary=x", whole), Expected.MISSING);
        row("a boundary with blanks", send().body("multipart/form-data; boundary=a b", whole), Expected.MISSING);
        row("nothing", send().body(message.contentType(), new byte[0]), Expected.MISSING);
        row("no multipart at all", send().body(message.contentType(), "{}".getBytes(StandardCharsets.UTF_8)),
                Expected.MISSING);
        row("NUL bytes", send().body(message.contentType(), new byte[10_000]), Expected.MISSING);
        for (int missing : List.of(1, 4, 20, 60, 100, 150)) {
            row("without its last " + missing + " bytes",
                    send().body(message.contentType(), cut(whole, missing)),
                    missing < 5 ? Expected.accepted() : Expected.MALFORMED);
        }
        Multipart inner = new Multipart().text("recipient", world.bob().token()).part(
                "Content-Disposition: form-data; name=\"attachment\"\r\nContent-Type: multipart/mixed; boundary=CC",
                "--CC\r\nContent-Disposition: file; filename=\"f\"\r\n\r\ncontent\r\n--CC--\r\n"
                        .getBytes(StandardCharsets.UTF_8));
        row("multipart inside of multipart", send().multipart(inner), Expected.MALFORMED);
    }

    private static byte[] cut(byte[] whole, int missing) {
        return Arrays.copyOf(whole, whole.length - missing);
    }

    private void parts() {
        row("a part head of 20 KB", send().multipart(message().part(
                "Content-Disposition: form-data; name=\"x\"\r\nX-Header: " + "x".repeat(20_000), content())),
                Expected.MALFORMED);
        row("a body with NUL",
                send().multipart(new Multipart().text("recipient", world.bob().token()).text("body", "a\0b")),
                Expected.MALFORMED);
        row("a sub type with NUL", send().multipart(message().text("sub_type", "a\0b")), Expected.MALFORMED);
        row("a body that is no UTF-8", send().multipart(new Multipart().text("recipient", world.bob().token())
                .part("Content-Disposition: form-data; name=\"body\"", new byte[] {'a', (byte) 0xff})),
                Expected.MALFORMED);
        row("half a character in three bytes", send().multipart(message()
                .part("Content-Disposition: form-data; name=\"sub_type\"",
                        new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80})),
                Expected.MALFORMED);
        row("data with NUL in its type", send().multipart(message().data("a\0b", "n", "{}")), Expected.MALFORMED);
        row("data with NUL in its namespace", send().multipart(message().data("application/json", "a\0b", "{}")),
                Expected.MALFORMED);
        row("ttl is text", send().multipart(message().text("ttl", "sixty")), Expected.INVALID);
        row("ttl is 2^63", send().multipart(message().text("ttl", "9223372036854775808")), Expected.INVALID);
        row("dor is maybe", send().multipart(message().text("dor", "maybe")), Expected.INVALID);
        row("no recipient",
                send().multipart(new Multipart().text("body", "hi").file("attachment", "f", "text/plain", content())),
                Expected.MISSING);
        row("an unknown recipient", send().multipart(new Multipart().text("recipient", World.nobody())
                .file("attachment", "f", "text/plain", content())), Expected.NOT_FOUND);
        row("21 items of data", send().multipart(data(21)), Expected.INVALID);
        row("POST /v2/group with metadata that is no JSON",
                world.ask("POST", "/v2/group").multipart(new Multipart().text("name", "x")
                        .text("members", world.bob().token()).json("metadata", "{")
                        .file("avatar", "a.png", "image/png", content())),
                Expected.MALFORMED);
        row("POST /v2/group with metadata that is an array",
                world.ask("POST", "/v2/group").multipart(new Multipart().text("name", "x")
                        .text("members", world.bob().token()).json("metadata", "[]")
                        .file("avatar", "a.png", "image/png", content())),
                Expected.INVALID);
    }

    private Multipart data(int count) {
        Multipart message = message();
        for (int i = 0; i < count; i++) {
            message.data("application/json", "n", "{}");
        }
        return message;
    }

    private void files() {
        row("two files", send().multipart(message().file("attachment", "g.txt", "text/plain", content())),
                Expected.INVALID);
        row("a file and a picture", send().multipart(message().file("avatar", "g.png", "image/png", content())),
                Expected.INVALID);
        row("a file and then half a part",
                send().body("multipart/form-data; boundary=x", ("--x\r\nContent-Disposition: form-data; "
                        + "name=\"attachment\"; filename=\"f\"\r\n\r\ncontent\r\n--x\r\nContent-Disp")
                        .getBytes(StandardCharsets.UTF_8)),
                Expected.MALFORMED);
        Multipart upload = new Multipart().file("attachment", "f.txt", "text/plain", content());
        row("a file by nobody", Request.of("POST", "/v2/message").multipart(upload), Expected.STRANGER);
        row("a file to where none belongs, refused", world.ask("POST", "/v2/roster").multipart(upload),
                Expected.MISSING);
        row("a file to where none belongs, accepted", world.ask("POST", "/v2/events/ack").multipart(upload),
                new Expected.LikeMissing(
                        world.ask("POST", "/v2/events/ack").json("{}")));
        row("a file that forwarding does not take", world.ask("POST", "/v2/message/" + World.nobody() + "/forward")
                .multipart(new Multipart().text("recipient", world.bob().token()).file("attachment", "f", "text/plain",
                        content())),
                Expected.NOT_FOUND);
        row("a picture for somebody else", world.ask("POST", "/v2/user/" + world.bob().token() + "/settings")
                .multipart(new Multipart().file("avatar", "a.png", "image/png", content())),
                new Expected.Refused(403, "permission_denied"));
        row("a picture for a foreign group", world.ask("POST", "/v2/group/" + world.foreignGroup())
                .multipart(new Multipart().file("avatar", "a.png", "image/png", content())), Expected.NOT_FOUND);
    }

    private void sizes() {
        row("a text of 2 MB",
                send().multipart(
                        new Multipart().text("recipient", world.bob().token()).text("body", "x".repeat(2_000_000))),
                Expected.TOO_LARGE);
        row("a text of 64 KiB and a byte", send().multipart(new Multipart().text("recipient", world.bob().token())
                .text("body", "x".repeat(65_537)).file("attachment", "f", "text/plain", content())),
                Expected.TOO_LARGE);
        row("50,000 parts", send().multipart(parts(50_000)), Expected.TOO_LARGE);
        for (String target : List.of("/v2/user/" + world.alice().token() + "/settings", "/v2/group/" + world.group())) {
            row("a picture of 10 MiB and a byte to " + target.replaceAll("[0-9a-f-]{36}", "{}"), world
                    .ask("POST", target)
                    .multipart(new Multipart().file("avatar", "a.png", "image/png", new byte[10 * 1024 * 1024 + 1])),
                    Expected.TOO_LARGE);
        }
        Request upload = send().with("Content-Type: multipart/form-data; boundary=x");
        byte[] head = ("--x\r\nContent-Disposition: form-data; name=\"recipient\"\r\n\r\n" + world.bob().token()
                + "\r\n--x\r\n"
                + "Content-Disposition: form-data; name=\"attachment\"; filename=\"f\"\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8);
        row("a file that is announced to be 200 MB", upload.with("Content-Length: 200000000").behind(head),
                Expected.TOO_LARGE);
        rows.add(new Row("a file of 100 MiB and more in chunks", out -> {
            out.write(upload.with("Transfer-Encoding: chunked").bytes());
            chunk(out, head);
            for (int i = 0; i < PIECES_OVER_THE_LIMIT; i++) {
                chunk(out, new byte[PIECE]);
            }
        }, Expected.TOO_LARGE).within(UPLOAD));
        rows.add(new Row("a file without end by nobody", out -> {
            out.write(Request.of("POST", "/v2/message").with("Content-Type: multipart/form-data; boundary=x")
                    .with("Transfer-Encoding: chunked").bytes());
            chunk(out, head);
            while (true) {
                chunk(out, new byte[PIECE]);
            }
        }, Expected.STRANGER));
    }

    private static Multipart parts(int count) {
        Multipart multipart = new Multipart();
        for (int i = 0; i < count; i++) {
            multipart.text("p", "");
        }
        return multipart;
    }

    private static void chunk(OutputStream out, byte[] bytes) throws IOException {
        out.write((Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.write(bytes);
        out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
    }
}
