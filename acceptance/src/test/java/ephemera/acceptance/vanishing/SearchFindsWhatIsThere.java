package ephemera.acceptance.vanishing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The search of the forensic test finds what it looks for, in every form and at every place. */
class SearchFindsWhatIsThere {

    @TempDir
    private Path folder;

    @Test
    void inEveryFormAndAtEveryPlace() throws IOException {
        Canaries canaries = new Canaries();
        String canary = canaries.fresh();
        canaries.fresh();
        for (String before : List.of("", "1", "12", "123")) {
            String text = before + canary + "behind";
            byte[] plain = text.getBytes(StandardCharsets.UTF_8);
            for (byte[] form : new byte[][] {
                plain, text.getBytes(StandardCharsets.UTF_16LE), text.getBytes(StandardCharsets.UTF_16BE),
                HexFormat.of().formatHex(plain).getBytes(StandardCharsets.US_ASCII),
                HexFormat.of().withUpperCase().formatHex(plain).getBytes(StandardCharsets.US_ASCII),
                Base64.getEncoder().encode(plain), Base64.getUrlEncoder().withoutPadding().encode(plain)}) {
                Path file = Files.write(folder.resolve("file"), form);
                assertThat(canaries.in(folder)).containsExactly(file.toString());
                // Cut by a byte in the middle it is none.
                Files.write(file, new String(form, StandardCharsets.ISO_8859_1)
                        .substring(0, form.length / 2).getBytes(StandardCharsets.ISO_8859_1));
                assertThat(canaries.in(folder)).isEmpty();
            }
        }
        Files.delete(folder.resolve("file"));
        Path named = Files.createFile(folder.resolve("x" + canary));
        assertThat(canaries.in(folder)).containsExactly(named.toString());
    }
}
