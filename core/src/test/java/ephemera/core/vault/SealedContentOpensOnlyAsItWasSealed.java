package ephemera.core.vault;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SealedContentOpensOnlyAsItWasSealed {

    private static final byte[] KEY = random(Seal.KEY, 1);
    private static final byte[] OTHER_KEY = random(Seal.KEY, 2);
    private static final int CHUNK = 64 * 1024;

    private static byte[] random(int length, int seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    @Test
    void itOpensWithItsKeyAndItsCompanionsOnly() {
        byte[] sealed = Seal.seal(KEY, bytes("canary"), bytes("org"), bytes("message"));
        assertThat(sealed).hasSize(6 + Seal.OVERHEAD);
        assertThat(Seal.open(KEY, sealed, bytes("org"), bytes("message")).orElseThrow()).isEqualTo(bytes("canary"));
        assertThat(Seal.open(OTHER_KEY, sealed, bytes("org"), bytes("message"))).isEmpty();
        assertThat(Seal.open(KEY, sealed, bytes("message"), bytes("org"))).isEmpty();
        assertThat(Seal.open(KEY, sealed, bytes("orgm"), bytes("essage"))).isEmpty();
        assertThat(Seal.open(KEY, sealed, bytes("orgmessage"))).isEmpty();
        assertThat(Seal.open(KEY, sealed, bytes("org"), bytes("message"), bytes(""))).isEmpty();
        assertThat(Seal.open(KEY, sealed)).isEmpty();
    }

    @Test
    void everyFlippedBitIsDetected() {
        byte[] sealed = Seal.seal(KEY, bytes("canary"), bytes("org"));
        for (int bit = 0; bit < sealed.length * 8; bit++) {
            byte[] flipped = sealed.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(Seal.open(KEY, flipped, bytes("org"))).isEmpty();
        }
        for (int length = 0; length < sealed.length; length++) {
            assertThat(Seal.open(KEY, Arrays.copyOf(sealed, length), bytes("org"))).isEmpty();
        }
    }

    @Test
    void emptyContentIsSealedToo() {
        assertThat(Seal.open(KEY, Seal.seal(KEY, new byte[0])).orElseThrow()).isEmpty();
    }

    @Test
    void aKeyHasItsLength() {
        assertThatIllegalArgumentException().isThrownBy(() -> Seal.seal(new byte[16], new byte[1]));
    }

    private static byte[] sealed(byte[] plain) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (SealingOutputStream out = new SealingOutputStream(file, KEY)) {
            int half = plain.length / 3;
            for (int i = 0; i < Math.min(half, 5); i++) {
                out.write(plain[i]);
            }
            out.write(plain, Math.min(half, 5), plain.length - Math.min(half, 5));
            out.finish();
        }
        return file.toByteArray();
    }

    private static byte[] opened(byte[] key, byte[] sealed) throws IOException {
        try (SealingInputStream in = new SealingInputStream(new ByteArrayInputStream(sealed), key)) {
            return in.readAllBytes();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 15, 16, 17, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 17, 10 * CHUNK})
    void aFileOfAnySizeComesBack(int size) throws IOException {
        byte[] plain = random(size, size);
        byte[] sealed = sealed(plain);
        assertThat(opened(KEY, sealed)).isEqualTo(plain);
        assertThat(SealedChunks.sealedSize(size)).isEqualTo(sealed.length);
        assertThat(SealedChunks.plainSize(sealed.length)).isEqualTo(size);
        try (SealingInputStream in = new SealingInputStream(new ByteArrayInputStream(sealed), KEY)) {
            for (byte each : Arrays.copyOf(plain, Math.min(size, 3))) {
                assertThat(in.read()).isEqualTo(each & 0xff);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 15, CHUNK + 16 + 1, CHUNK + 16 + 16, -1})
    void noFileHasASizeInBetween(long size) {
        assertThatIllegalArgumentException().isThrownBy(() -> SealedChunks.plainSize(size));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, CHUNK, 2 * CHUNK + 17, 3 * CHUNK})
    void aCutOrLongerFileDoesNotOpen(int size) throws IOException {
        byte[] sealed = sealed(random(size, 3));
        int chunk = CHUNK + Seal.OVERHEAD;
        for (int cut : new int[] {0, 1, 16, chunk, 2 * chunk, sealed.length - 16, sealed.length - 1}) {
            if (cut < sealed.length) {
                assertThatIOException().isThrownBy(() -> opened(KEY, Arrays.copyOf(sealed, cut)));
            }
        }
        for (int more : new int[] {1, 16, 17, chunk}) {
            assertThatIOException().isThrownBy(() -> opened(KEY, Arrays.copyOf(sealed, sealed.length + more)));
        }
        assertThatIOException().isThrownBy(() -> opened(OTHER_KEY, sealed));
    }

    @Test
    void rearrangedOrRepeatedChunksDoNotOpen() throws IOException {
        byte[] sealed = sealed(random(3 * CHUNK, 4));
        int chunk = CHUNK + Seal.OVERHEAD;
        byte[] swapped = sealed.clone();
        System.arraycopy(sealed, 0, swapped, chunk, chunk);
        System.arraycopy(sealed, chunk, swapped, 0, chunk);
        assertThatIOException().isThrownBy(() -> opened(KEY, swapped));
        byte[] repeated = sealed.clone();
        System.arraycopy(sealed, 0, repeated, chunk, chunk);
        assertThatIOException().isThrownBy(() -> opened(KEY, repeated));
        byte[] flipped = sealed.clone();
        flipped[2 * chunk + 100] ^= 1;
        assertThatIOException().isThrownBy(() -> opened(KEY, flipped));
    }

    @Test
    void aBrokenFileStaysBroken() throws IOException {
        byte[] sealed = sealed(random(2 * CHUNK, 5));
        sealed[CHUNK + Seal.OVERHEAD] ^= 1;
        try (SealingInputStream in = new SealingInputStream(new ByteArrayInputStream(sealed), KEY)) {
            assertThat(in.readNBytes(CHUNK)).hasSize(CHUNK);
            assertThatIOException().isThrownBy(in::read);
            assertThatIOException().isThrownBy(in::read);
        }
    }

    @Test
    void aFileThatWasNotFinishedDoesNotOpen() throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (SealingOutputStream out = new SealingOutputStream(file, KEY)) {
            out.write(random(CHUNK + 1, 6));
        }
        assertThatIOException().isThrownBy(() -> opened(KEY, file.toByteArray()));
    }
}
