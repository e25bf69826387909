package ephemera.server.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ephemera.core.Failure;
import ephemera.core.Refused;
import ephemera.core.vault.Slice;
import ephemera.core.vault.Term;
import ephemera.server.keys.Steps.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FullDiskStillDestroysKeys {

    private static final Slice SLICE = new Slice(Term.DAY, 600);

    private static final int RESERVE = 200_000;

    @TempDir
    Path folder;

    private Path reserve() {
        return folder.resolve("keys/reserve");
    }

    private FileKeyStore open(Steps steps) {
        return FileKeyStore.open(folder.resolve("keys"), Roots.ONE, steps, RESERVE);
    }

    /** A disk that has room only for what the reserve gave up. */
    private void fullWhileReserved(Step step) throws IOException {
        if (step == Step.NEW_WRITTEN && Files.size(reserve()) == RESERVE) {
            throw new IOException("No space left on device");
        }
    }

    private static void full(Step step) throws IOException {
        if (step.compareTo(Step.NEW_ON_DISK) < 0) {
            throw new IOException("No space left on device");
        }
    }

    @Test
    void theReserveIsGivenUpAndMadeAgain() throws IOException {
        open(Steps.NONE).write(SLICE, 7, new byte[10], 0);
        assertThat(reserve()).hasSize(RESERVE);
        List<Long> sizes = new ArrayList<>();
        FileKeyStore store = open(step -> {
            fullWhileReserved(step);
            sizes.add(Files.size(reserve()));
        });
        assertThat(store.write(SLICE, 7, new byte[20], 1)).isTrue();
        assertThat(sizes).anyMatch(size -> size < RESERVE);
        assertThat(store.read(SLICE, 7).orElseThrow().cover()).hasSize(20);
        assertThat(reserve()).hasSize(RESERVE);
    }

    @Test
    void withoutAnyRoomNothingIsReplacedAndEverythingIsDestroyed() throws IOException {
        open(Steps.NONE).write(SLICE, 7, new byte[10], 0);
        FileKeyStore store = open(FullDiskStillDestroysKeys::full);
        for (long version : new long[] {1, 0}) {
            assertThatThrownBy(() -> store.write(SLICE, version == 0 ? 8 : 7, new byte[20], version))
                    .isInstanceOfSatisfying(
                            Refused.class,
                            refused -> assertThat(refused.failure()).isEqualTo(Failure.UNAVAILABLE));
        }
        assertThat(store.read(SLICE, 7).orElseThrow().cover()).hasSize(10);
        assertThat(store.trees(SLICE)).containsExactly(7L);
        store.destroy(SLICE);
        assertThat(store.slices()).isEmpty();
    }

    @Test
    void onlyTheOwnerMayReadTheFolder() throws IOException {
        FileKeyStore store = open(Steps.NONE);
        store.write(SLICE, 7, new byte[10], 0);
        store.write(SLICE, 7, new byte[10], 1);
        store.secret("signing-key", () -> new byte[3]);
        try (Stream<Path> all = Files.walk(folder.resolve("keys"))) {
            for (Path path : all.toList()) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                        .as(path.toString())
                        .isEqualTo(Files.isDirectory(path) ? "rwx------" : "rw-------");
            }
        }
    }
}
