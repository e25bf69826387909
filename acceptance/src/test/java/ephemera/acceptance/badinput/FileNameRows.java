package ephemera.acceptance.badinput;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.acceptance.TheServer;
import ephemera.acceptance.client.Multipart;
import ephemera.acceptance.client.RawHttp;
import ephemera.acceptance.client.Reply;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * File names that try to be paths or header lines: they are taken, since old clients send odd ones, and come back
 * harmless.
 */
public final class FileNameRows {

    private static final int LONGEST_NAME = 250;

    private FileNameRows() {
    }

    /** Gives the rows. */
    public static List<Row> of(World world) {
        List<Row> rows = new ArrayList<>();
        names().forEach((sent, kept) -> rows.add(new Row("a file named " + shown(sent),
                upload(world, new Multipart().file("attachment", sent, "text/plain", content())),
                comesBack(world, kept, "text/plain"))));
        for (String type : List.of("text/html\r\nX-Injected: yes", "text/plain\nX-Injected: yes", "x", "", "text/",
                "/plain", "a b/c", "text/plain/x",
                "text/plain\0", "t".repeat(300) + "/x", "\u00e4/\u00e4")) {
            rows.add(new Row("a file of type " + shown(type),
                    upload(world, new Multipart().file("attachment", "f.txt", type, content())),
                    comesBack(world, "f.txt", "")));
        }
        rows.add(new Row("a file name in the form of RFC 5987", upload(world, new Multipart().part(
                "Content-Disposition: form-data; name=\"attachment\"; filename*=UTF-8''..%2fa%0d%0aX-Injected:%20yes",
                content())),
                comesBack(world, "", "")));
        return rows;
    }

    /** Names, and what is left of them; no text where only harmlessness counts. */
    private static Map<String, String> names() {
        Map<String, String> names = new LinkedHashMap<>();
        names.put("note.txt", "note.txt");
        names.put("../../etc/passwd", "passwd");
        names.put("/etc/passwd", "passwd");
        names.put("..\\..\\win.ini", "");
        names.put("C:\\autoexec.bat", "");
        names.put("a/", "");
        names.put("a\r\nX-Injected: yes", "");
        names.put("a\nX-Injected: yes", "");
        names.put("a\rX-Injected: yes", "");
        names.put("=?UTF-8?Q?a=0D=0AX-Injected:_yes?=", "");
        names.put("=?UTF-8?B?Li4vLi4vYQ0KYg==?=", "");
        names.put("=?UTF-8?Q?a=00b?=", "ab");
        names.put("=?bogus?Q?x?=", "");
        names.put("=?UTF-8?B?!!?=", "");
        names.put("%0d%0aX-Injected: yes", "");
        names.put("%2e%2e%2fpasswd", "%2e%2e%2fpasswd");
        names.put("a\0b.txt", "ab.txt");
        names.put("\0", "attachment-0.bin");
        names.put("", "attachment-0.bin");
        names.put(" ", "attachment-0.bin");
        names.put(".", "attachment-0.bin");
        names.put("..", "attachment-0.bin");
        names.put("/", "attachment-0.bin");
        names.put("../..", "attachment-0.bin");
        names.put("a\"b.txt", "");
        names.put("a;b=c.txt", "a;b=c.txt");
        names.put("a\tb\u007f\u0085.txt", "ab.txt");
        names.put("<script>alert(1)</script>.html", "");
        names.put("\u00e4\u00f6\u00fc \u732b \ud83d\ude00.txt", "\u00e4\u00f6\u00fc \u732b \ud83d\ude00.txt");
        names.put("x".repeat(600) + ".txt", "x".repeat(246) + ".txt");
        names.put("\ud83d\ude00".repeat(200) + "x.txt", "");
        names.put("attachment-[object Object].undefined", "attachment-[object Object].undefined");
        return names;
    }

    private static byte[] content() {
        return "content".getBytes(StandardCharsets.UTF_8);
    }

    private static Request upload(World world, Multipart file) {
        return world.ask("POST", "/v2/message?response_format=message")
                .multipart(file.text("recipient", world.bob().token()));
    }

    private static Expected comesBack(World world, String kept, String type) {
        return new Expected.Accepted(sent -> {
            JsonNode message = sent.expect(200).reply();
            String name = message.required("attachments").required(0).required("name").asString();
            assertThat(name).isNotBlank().hasSizeLessThanOrEqualTo(LONGEST_NAME)
                    .doesNotContainPattern("[\\p{Cc}/\\\\\"<>]").isNotIn(".", "..");
            assertThat(StandardCharsets.UTF_8.newEncoder().canEncode(name)).as("whole characters").isTrue();
            if (!kept.isEmpty()) {
                assertThat(name).isEqualTo(kept);
            }
            Reply download = RawHttp.exchange(TheServer.process().url(), "the download", Row.SOON,
                    Request.of("GET", "/v2/message/" + sent.messageId() + "/attachment/1").as(world.bob()));
            assertThat(download.expect(200).body()).isEqualTo(content());
            assertThat(download.headers()).doesNotContainKey("x-injected");
            assertThat(download.headers().get("x-content-type-options")).containsExactly("nosniff");
            assertThat(download.headers().get("content-disposition")).singleElement().asString()
                    .matches("attachment; filename\\*=UTF-8''[A-Za-z0-9._%-]+");
            assertThat(URLDecoder.decode(download.header("content-disposition").orElseThrow().replaceFirst(".*''", ""),
                    StandardCharsets.UTF_8)).isEqualTo(name);
            assertThat(download.headers().get("content-type")).singleElement().asString()
                    .matches("[!-~]+/[!-~]+")
                    .isEqualTo(message.required("attachments").required(0).required("content-type").asString());
            if (!type.isEmpty()) {
                assertThat(download.header("content-type")).contains(type);
            }
        });
    }

    private static String shown(String text) {
        String shown = text.replace("\r", "{CR}").replace("\n", "{LF}").replace("\0", "{NUL}").replace("\t", "{TAB}");
        return shown.length() <= 60 ? "\"" + shown + "\"" : text.length() + " characters";
    }
}
