package ephemera.acceptance.badinput;

import ephemera.acceptance.client.RawHttp;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What is no HTTP, or HTTP that somebody wants two servers to read differently. */
public final class HttpRows {

    private static final int MEGABYTE = 1024 * 1024;

    private final World world;
    private final List<Row> rows = new ArrayList<>();

    private HttpRows(World world) {
        this.world = world;
    }

    /** Gives the rows. */
    public static List<Row> of(World world) {
        HttpRows rows = new HttpRows(world);
        rows.heads();
        rows.lengths();
        rows.chunks();
        rows.smuggling();
        rows.methods();
        rows.types();
        rows.queries();
        rows.breakingOff();
        return rows.rows;
    }

    private Request me() {
        return world.ask("GET", "/v2/user");
    }

    private Request send() {
        return world.ask("POST", "/v2/message").with("Content-Type: application/json");
    }

    /** The body of a message that would be accepted. */
    private String message() {
        return "{\"recipient\":\"" + world.bob().token() + "\",\"body\":\"smuggled\"}";
    }

    private void refused(String name, RawHttp.Content request, Expected expected) {
        rows.add(new Row(name, request, expected));
    }

    private void heads() {
        refused("a header of 1 MB", me().with("X-Header: " + "x".repeat(MEGABYTE)), Expected.TOO_LARGE);
        refused("a header name of 1 MB", me().with("X".repeat(MEGABYTE) + ": x"), Expected.TOO_LARGE);
        refused("20,000 headers, 1 MB", new Request(me().line(), IntStream.range(0, 20_000)
                .mapToObj(i -> "X-Header-" + i + ": " + "x".repeat(35)).toList(), new byte[0]), Expected.TOO_LARGE);
        refused("a request line of 1 MB", world.ask("GET", "/v2/user?" + "x".repeat(MEGABYTE)), Expected.TOO_LARGE);
        refused("a method of 1 MB", world.ask("G".repeat(MEGABYTE), "/v2/user"), Expected.TOO_LARGE);
        refused("an access key of 1 MB",
                Request.of("GET", "/v2/user").with("Authorization: Basic " + "QUFB".repeat(MEGABYTE / 4)),
                Expected.TOO_LARGE);
        refused("a header with NUL", me().with("X-Header: a\0b"), Expected.MALFORMED);
        refused("an organization with NUL", me().with("TT-X-Organization-Key: a\0b"), Expected.MALFORMED);
        refused("a header with a lone CR", me().with("X-Header: a\rb"), Expected.MALFORMED);
        refused("a header name with a blank", me().with("X Header: a"), Expected.MALFORMED);
        refused("a blank before the colon", send().with("Content-Length : 2").behind("{}"), Expected.MALFORMED);
        refused("no version", me().withLine("GET /v2/user"), Expected.MALFORMED);
        refused("no target", me().withLine("GET"), Expected.MALFORMED);
        refused("an empty line", me().withLine(" "), Expected.MALFORMED);
        refused("the beginning of TLS",
                out -> out.write(new byte[] {22, 3, 1, 2, 0, 1, 0, 1, -4, 3, 3, '\r', '\n', '\r', '\n'}),
                Expected.MALFORMED);
    }

    private void lengths() {
        for (String length : List.of("-1", "-9223372036854775808", "+2", "0x2", "2.0", "two", "2, 3", "9".repeat(20),
                "")) {
            refused("content-length is \"" + length + "\"", send().with("Content-Length: " + length).behind("{}"),
                    Expected.MALFORMED);
        }
        refused("two content-lengths", send().with("Content-Length: 2").with("Content-Length: 100").behind("{}"),
                Expected.MALFORMED);
        for (String length : List.of("1048577", "2147483648", "9223372036854775807")) {
            refused("content-length is " + length + ", the body does not come",
                    send().with("Content-Length: " + length).behind("{"),
                    Expected.TOO_LARGE);
        }
        refused("a body of 1 MiB and a byte", send().body(new byte[MEGABYTE + 1]), Expected.TOO_LARGE);
        refused("a body of 20 MB", send().body(new byte[20 * MEGABYTE]), Expected.TOO_LARGE);
        refused("a body of 20 MB to where there is nothing",
                world.ask("POST", "/v2/nothing").body(new byte[20 * MEGABYTE]),
                Expected.NOT_FOUND);
        refused("a body of 1 MB of blanks", send().body(" ".repeat(MEGABYTE).getBytes(StandardCharsets.UTF_8)),
                Expected.MISSING);
    }

    private void chunks() {
        Request chunked = send().with("Transfer-Encoding: chunked");
        String chunk = "10000\r\n" + "x".repeat(0x10000) + "\r\n";
        refused("a body of 2 MB in chunks", chunked.behind(chunk.repeat(32) + "0\r\n\r\n"), Expected.TOO_LARGE);
        refused("a body in chunks that never ends", out -> {
            out.write(chunked.bytes());
            while (true) {
                out.write(JsonRows.bytes(chunk));
            }
        }, Expected.TOO_LARGE);
        for (String size : List.of("zz", "-1", "0x2", "ffffffffffffffff", "2 2", "")) {
            refused("a chunk of size \"" + size + "\"", chunked.behind(size + "\r\n{}\r\n0\r\n\r\n"),
                    Expected.MALFORMED);
        }
        refused("a chunk that is longer than its size", chunked.behind("2\r\n{}{}\r\n0\r\n\r\n"), Expected.MALFORMED);
        refused("a chunk size of 1 MB", chunked.behind("0".repeat(MEGABYTE) + "2\r\n{}\r\n0\r\n\r\n"),
                Expected.MALFORMED);
    }

    /** Two lengths, or one that only some understand: one answer, and the connection ends, whatever comes behind. */
    private void smuggling() {
        Request second = world.ask("POST", "/v2/message").json(message());
        String behind = "0\r\n\r\n" + new String(second.bytes(), StandardCharsets.UTF_8);
        for (List<String> headers : List.of(
                List.of("Content-Length: 5", "Transfer-Encoding: chunked"),
                List.of("Transfer-Encoding: chunked", "Content-Length: 5"),
                List.of("Transfer-Encoding: chunked", "Content-Length: " + behind.length()),
                List.of("Transfer-Encoding: xchunked"),
                List.of("Transfer-Encoding: chunked, identity"),
                List.of("Transfer-Encoding: chunked", "Transfer-Encoding: identity"),
                List.of("Content-Length: 5", "Content-Length: 6"),
                List.of("Content-Length: 5, 5"))) {
            Request first = send();
            for (String header : headers) {
                first = first.with(header);
            }
            rows.add(new Row("a second message behind " + headers, first.behind(behind),
                    new Expected.OneAnswerThenTheEnd(400)));
        }
        rows.add(new Row("a second message behind chunks of HTTP/1.0", send().withLine("POST /v2/message HTTP/1.0")
                .with("Transfer-Encoding: chunked").behind(behind), new Expected.OneAnswerThenTheEnd(400)));
        rows.add(new Row("a second message behind a broken chunk",
                send().with("Transfer-Encoding: chunked").behind("zz\r\n" + behind),
                new Expected.OneAnswerThenTheEnd(400)));
    }

    private void methods() {
        for (String method : List.of("TRACE", "PATCH", "get", "Get", "CONNECT", "PROPFIND", "FOO", "PUT", "DELETE")) {
            refused(method + " /v2/user", world.ask(method, "/v2/user"), Expected.NO_SUCH_METHOD);
        }
        for (String method : List.of("post", "PATCH", "GET", "DELETE")) {
            refused(method + " /v2/message with a message", world.ask(method, "/v2/message").json(message()),
                    Expected.NO_SUCH_METHOD);
        }
        for (String method : List.of("G(T", "G@T", "G\"T", "\u00e4", "")) {
            refused("the method \"" + method + "\"", world.ask(method, "/v2/user"), Expected.MALFORMED);
        }
    }

    private void types() {
        for (String type : List.of("text/plain", "text/html", "application/xml", "application/octet-stream",
                "image/png", "multipart/mixed",
                "multipart/related; boundary=x", "application/jsonp", "application/x-ndjson", "text/json", "json",
                "*/*", "application")) {
            refused("POST /v2/message as " + type,
                    world.ask("POST", "/v2/message").body(type, JsonRows.bytes(message())),
                    Expected.UNSUPPORTED);
        }
        refused("JSON as a form", world.ask("POST", "/v2/message").form(message()), Expected.MISSING);
        refused("a form as JSON",
                world.ask("POST", "/v2/message").json("recipient=" + world.bob().token() + "&body=hi"),
                Expected.MALFORMED);
        refused("compressed JSON",
                send().with("Content-Encoding: gzip").body(new byte[] {31, -117, 8, 0, 0, 0, 0, 0, 0, 3}),
                Expected.MALFORMED);
    }

    private void queries() {
        String target = "/v2/message?recipient=" + world.bob().token() + "&";
        for (String query : List.of("body=%", "body=%4", "body=%zz", "body=%u0041", "body=a%ff", "body=%ed%a0%80",
                "body=%c0%af", "%zz=1&body=x",
                "body=a%00b")) {
            refused("POST /v2/message?" + query, world.ask("POST", target + query), Expected.MALFORMED);
            refused("POST /v2/message with the form " + query, world.ask("POST", target.replace("&", "")).form(query),
                    Expected.MALFORMED);
        }
        refused("GET /v2/user?render_metadata=%00", world.ask("GET", "/v2/user?render_metadata=%00"),
                Expected.MALFORMED);
        refused("GET /v2/user?render_metadata=maybe", world.ask("GET", "/v2/user?render_metadata=maybe"),
                Expected.INVALID);
        refused("30,000 query parameters", world.ask("GET", "/v2/user?" + "a&".repeat(30_000)), Expected.INVALID);
        refused("100,000 fields of a form", world.ask("POST", "/v2/message").form("a=1&".repeat(100_000)),
                Expected.INVALID);
        String many = IntStream.range(0, 5_000).mapToObj(i -> "p" + i + "=1").collect(Collectors.joining("&"));
        rows.add(new Row("5,000 query parameters that mean nothing", world.ask("GET", "/v2/user?" + many),
                Expected.accepted()));
        refused("5,000 query parameters, the last of which is wrong",
                world.ask("GET", "/v2/user?" + many + "&render_metadata=maybe"), Expected.INVALID);
    }

    /** Half a request, and nobody is there any more. */
    private void breakingOff() {
        Expected nothing = new Expected.NobodyListens();
        refused("half a request line", out -> out.write(JsonRows.bytes("POST /v2/mess")), nothing);
        refused("half a head", out -> out.write(JsonRows.bytes("POST /v2/message HTTP/1.1\r\nHost: local")), nothing);
        refused("a head without its body", send().with("Content-Length: 100"), nothing);
        refused("half a body", send().with("Content-Length: 100").behind(message()), nothing);
        refused("half a body in chunks", send().with("Transfer-Encoding: chunked").behind("ff\r\n" + message()),
                nothing);
        refused("chunks without an end",
                send().with("Transfer-Encoding: chunked").behind("2\r\n{}\r\n"), nothing);
        Request upload = world.ask("POST", "/v2/message").with("Content-Type: multipart/form-data; boundary=x");
        String parts = "--x\r\nContent-Disposition: form-data; name=\"recipient\"\r\n\r\n" + world.bob().token()
                + "\r\n--x\r\nContent-Disposition: form-data; name=\"attachment\"; filename=\"f\"\r\n\r\n";
        refused("half a file", upload.with("Content-Length: 10000000").behind(parts + "x".repeat(300_000)), nothing);
        refused("half a file in chunks",
                upload.with("Transfer-Encoding: chunked")
                        .behind(Integer.toHexString(parts.length()) + "\r\n" + parts + "\r\n"),
                nothing);
        refused("half a multipart head", upload.with("Content-Length: 1000").behind("--x\r\nContent-Dis"), nothing);
    }
}
