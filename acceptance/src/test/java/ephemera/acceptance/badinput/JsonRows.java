package ephemera.acceptance.badinput;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Bodies that are not JSON, or are JSON of a kind that no route takes: on every route that takes a body. */
public final class JsonRows {

    /** Deeper than any stack, and small enough for the routes that take little from strangers. */
    private static final int DEEP = 30_000;

    private JsonRows() {
    }

    /** Gives a row for each route and each kind of broken body. */
    public static List<Row> of(World world) {
        List<Row> rows = new ArrayList<>();
        for (Route route : Route.all(world)) {
            documents().forEach((name, document) -> rows.add(new Row(route + ": " + name,
                    route.request().body("application/json", document), Expected.MALFORMED)));
        }
        Request send = world.ask("POST", "/v2/message");
        more().forEach((name, document) -> rows.add(
                new Row("POST /v2/message: " + name, send.body("application/json", document), Expected.MALFORMED)));
        rows.add(new Row("POST /v2/message: half a document, without a type", send.body(bytes("{\"body\":")),
                Expected.MALFORMED));
        rows.add(new Row("POST /v2/message: nothing at all", send.json(""), Expected.MISSING));
        rows.add(new Row("POST /v2/message: blanks", send.json(" \r\n\t "), Expected.MISSING));
        rows.add(new Row("POST /v2/message: an empty object", send.json("{}"), Expected.MISSING));
        return rows;
    }

    /** Broken bodies that are sent to every route. */
    private static Map<String, byte[]> documents() {
        Map<String, byte[]> documents = new LinkedHashMap<>();
        documents.put("half a document", bytes("{\"body\":\"hi\""));
        documents.put("an array", bytes("[]"));
        documents.put("a number", bytes("7"));
        documents.put("the word null", bytes("null"));
        documents.put("a key twice", bytes("{\"name\":\"one\",\"name\":\"two\"}"));
        documents.put("30,000 arrays in each other", bytes("{\"x\":" + "[".repeat(DEEP) + "]".repeat(DEEP) + "}"));
        documents.put("bytes that are no UTF-8",
                joined(bytes("{\"name\":\""), new byte[] {(byte) 0xff, (byte) 0xfe}, bytes("\"}")));
        return documents;
    }

    /** More of them, for one route. */
    private static Map<String, byte[]> more() {
        Map<String, byte[]> documents = new LinkedHashMap<>();
        documents.put("a text", bytes("\"hi\""));
        documents.put("the word true", bytes("true"));
        documents.put("no JSON", bytes("hello"));
        documents.put("XML", bytes("<message><body>hi</body></message>"));
        documents.put("single quotes", bytes("{'body':'hi'}"));
        documents.put("a comma too many", bytes("{\"body\":\"hi\",}"));
        documents.put("a comment", bytes("{\"body\":\"hi\"/* no */}"));
        documents.put("a key without quotes", bytes("{body:\"hi\"}"));
        documents.put("not a number", bytes("{\"ttl\":NaN}"));
        documents.put("a number that begins with zero", bytes("{\"ttl\":010}"));
        documents.put("a number of 1,000 digits", bytes("{\"ttl\":" + "9".repeat(1_000) + "}"));
        documents.put("two documents", bytes("{\"body\":\"hi\"}{\"body\":\"hi\"}"));
        documents.put("a document and more", bytes("{\"body\":\"hi\"} x"));
        documents.put("a raw line end in a text", bytes("{\"body\":\"a\nb\"}"));
        documents.put("a raw NUL in a text", bytes("{\"body\":\"a\0b\"}"));
        documents.put("a raw NUL", bytes("\0"));
        documents.put("an unknown escape", bytes("{\"body\":\"\\x41\"}"));
        documents.put("half an escape", bytes("{\"body\":\"\\u12\"}"));
        documents.put("30,000 arrays that do not end", bytes("[".repeat(DEEP)));
        documents.put("100,000 objects in each other", bytes("{\"x\":".repeat(DEEP) + "7" + "}".repeat(DEEP)));
        documents.put("a key twice, inside", bytes("{\"data\":[{\"payload\":\"1\",\"payload\":\"2\"}]}"));
        documents.put("a key twice, once escaped", bytes("{\"body\":\"1\",\"\\u0062ody\":\"2\"}"));
        documents.put("a key of 10,000 characters", bytes("{\"" + "k".repeat(10_000) + "\":1}"));
        documents.put("a surrogate in three bytes", inBody(0xed, 0xa0, 0x80));
        documents.put("a pair of surrogates in three bytes each", inBody(0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80));
        documents.put("a slash in two bytes", inBody(0xc0, 0xaf));
        documents.put("NUL in two bytes", inBody(0xc0, 0x80));
        documents.put("the end of a character without its beginning", inBody(0x80));
        documents.put("the beginning of a character without its end", inBody(0xe2, 0x82));
        documents.put("a character beyond the last", inBody(0xf4, 0x90, 0x80, 0x80));
        documents.put("UTF-16 with a mark",
                joined(new byte[] {(byte) 0xfe, (byte) 0xff}, "{}".getBytes(StandardCharsets.UTF_16BE)));
        return documents;
    }

    private static byte[] inBody(int... text) {
        byte[] inner = new byte[text.length];
        for (int i = 0; i < text.length; i++) {
            inner[i] = (byte) text[i];
        }
        return joined(bytes("{\"body\":\""), inner, bytes("\"}"));
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] joined(byte[]... pieces) {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        for (byte[] piece : pieces) {
            whole.writeBytes(piece);
        }
        return whole.toByteArray();
    }
}
