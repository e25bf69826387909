package ephemera.core.talk;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.vault.BlobKey;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AttachmentNameIsSafe {

    private static final String UNNAMED = "attachment-0.bin";

    private static Attachment file(String name, String type) {
        return new Attachment(new UUID(0, 1), new BlobKey(new byte[BlobKey.BYTES]), name, type, 3);
    }

    private static String name(String written) {
        return file(written, "text/plain").name();
    }

    @ParameterizedTest
    @CsvSource({
        "report.pdf, report.pdf",
        "' report.pdf ', report.pdf",
        "'R\u00f6ntgen Bild (1).png', 'R\u00f6ntgen Bild (1).png'",
        "attachment-[object Object].undefined, attachment-[object Object].undefined",
        "../../etc/passwd, passwd",
        "C:\\fakepath\\x.png, x.png",
        "/a/b\\c, c",
        "a<b>c:d|e?f*g.txt, abcdefg.txt",
        ".hidden, .hidden",
    })
    void itIsTheLastPartWithoutForbiddenSigns(String written, String kept) {
        assertThat(name(written)).isEqualTo(kept);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", ".", "..", "/", "a/", "../..", "\\", "\u0000", "\r\n", "<>", "\u0085"})
    void andNeverEmptyOrAFolder(String written) {
        assertThat(name(written)).isEqualTo(UNNAMED);
    }

    @Test
    void andBreaksNoHeader() {
        assertThat(name("a\r\nX-Evil: 1\u0000\"b\u007f\u0085.txt")).isEqualTo("aX-Evil 1b.txt");
    }

    @Test
    void andKeepsItsEndingWhenItIsCut() {
        assertThat(name("x".repeat(10_000) + ".pdf")).hasSize(250).endsWith("xx.pdf");
    }

    /** A name cut in the middle of a character could be neither stored nor sent. */
    @Test
    void andIsCutBetweenCharacters() {
        Random random = new Random(3);
        for (int i = 0; i < 1_000; i++) {
            StringBuilder written = new StringBuilder();
            int length = random.nextInt(400);
            for (int at = 0; at < length; at++) {
                written.appendCodePoint(random.nextBoolean() ? 'a' + random.nextInt(26) : 0x1f600 + random.nextInt(64));
            }
            String name = name(written.toString());
            assertThat(name).hasSizeBetween(1, 250);
            assertThat(new String(name.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8)).isEqualTo(name);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "image/png, image/png",
        "application/vnd.ms-excel.sheet.macroEnabled.12, application/vnd.ms-excel.sheet.macroEnabled.12",
        "image/svg+xml, image/svg+xml",
        "text/plain; charset=utf-8, text/plain",
        "'', application/octet-stream",
        "png, application/octet-stream",
        "text/, application/octet-stream",
        "text/plain/x, application/octet-stream",
    })
    void andItsTypeIsAMediaType(String written, String kept) {
        assertThat(file("a.bin", written).type()).isEqualTo(kept);
    }

    @Test
    void andItsTypeBreaksNoHeaderEither() {
        assertThat(file("a.bin", "text/html\r\nX-Evil: 1").type()).isEqualTo("application/octet-stream");
        assertThat(file("a.bin", "text/" + "x".repeat(101)).type()).isEqualTo("application/octet-stream");
    }
}
