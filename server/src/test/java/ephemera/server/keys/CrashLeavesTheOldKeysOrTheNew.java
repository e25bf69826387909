package ephemera.server.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ephemera.core.vault.KeyStore;
import ephemera.core.vault.Slice;
import ephemera.core.vault.Term;
import ephemera.server.keys.Steps.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CrashLeavesTheOldKeysOrTheNew {

    private static final Slice SLICE = new Slice(Term.DAY, 600);
    private static final int RESERVE = 256 * 1024;
    private static final byte[] OLD = content('o');
    private static final byte[] NEXT = content('n');

    @TempDir
    Path folder;

    private static byte[] content(char letter) {
        byte[] content = new byte[100_000];
        Arrays.fill(content, (byte) letter);
        return content;
    }

    /** The end of the process, as far as a process can play its own end: nobody catches it. */
    private static final class Crash extends Error {

        Crash() {
            super("the process ends here");
        }
    }

    /** Ends the process after a step, the n-th time that it is done. */
    private static Steps crashAfter(Step fatal, int times) {
        int[] left = {times};
        return step -> {
            if (step == fatal && --left[0] == 0) {
                throw new Crash();
            }
        };
    }

    private FileKeyStore open(Steps steps) {
        return FileKeyStore.open(folder.resolve("keys"), Roots.ONE, steps, RESERVE);
    }

    /** The store after the crash; what is in the folder is whole, and nothing else is there. */
    private FileKeyStore reopen() throws IOException {
        FileKeyStore store = open(Steps.NONE);
        assertThat(names()).noneMatch(name -> name.contains(".new") || name.contains(".dead"));
        for (Slot slot : store.slots()) {
            assertThat(store.load(slot)).isPresent();
        }
        return store;
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    /** Every file with the bytes of a version; files that have been overwritten do not have them. */
    private Set<Path> filesWith(byte[] sealed) throws IOException {
        byte[] start = Arrays.copyOf(sealed, 64);
        List<Path> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                byte[] bytes = Files.readAllBytes(file);
                if (bytes.length >= 64 && Arrays.equals(start, Arrays.copyOf(bytes, 64))) {
                    found.add(file);
                }
            }
        }
        return Set.copyOf(found);
    }

    @ParameterizedTest
    @EnumSource(from = "NEW_MADE", to = "OLD_REMOVED")
    void aReplacementIsFinishedOrUndone(Step step) throws IOException {
        open(Steps.NONE).write(SLICE, 7, OLD, 0);
        FileKeyStore doomed = open(crashAfter(step, 1));
        byte[] sealed = doomed.load(new Slot.Tree(SLICE, 7)).orElseThrow();
        assertThatThrownBy(() -> doomed.write(SLICE, 7, NEXT, 1)).isInstanceOf(Crash.class);

        FileKeyStore store = reopen();
        KeyStore.Stored stored = store.read(SLICE, 7).orElseThrow();
        boolean replaced = step.compareTo(Step.RENAMED) >= 0;
        assertThat(stored.cover()).isEqualTo(replaced ? NEXT : OLD);
        assertThat(stored.version()).isEqualTo(replaced ? 2 : 1);
        assertThat(filesWith(sealed)).hasSize(replaced ? 0 : 1);
        assertThat(store.write(SLICE, 7, OLD, stored.version())).isTrue();
        assertThat(reopen().read(SLICE, 7).orElseThrow().cover()).isEqualTo(OLD);
    }

    @ParameterizedTest
    @EnumSource(names = {"FOLDER_MADE", "NEW_MADE", "NEW_WRITTEN", "NEW_ON_DISK", "RENAMED", "REPLACED"})
    void aFirstVersionIsThereOrNot(Step step) throws IOException {
        FileKeyStore doomed = open(crashAfter(step, 1));
        assertThatThrownBy(() -> doomed.write(SLICE, 7, NEXT, 0)).isInstanceOf(Crash.class);
        FileKeyStore store = reopen();
        boolean there = step.compareTo(Step.RENAMED) >= 0;
        assertThat(store.read(SLICE, 7).isPresent()).isEqualTo(there);
        assertThat(store.slices().contains(SLICE)).isEqualTo(there);
        assertThat(store.write(SLICE, 7, OLD, there ? 1 : 0)).isTrue();
    }

    @ParameterizedTest
    @EnumSource(names = {"CONDEMNED", "OVERWRITTEN", "REMOVED", "FOLDER_REMOVED"})
    void aDestructionNeverBringsBackWhatItTook(Step step) throws IOException {
        for (int times = 1; times <= (step == Step.FOLDER_REMOVED ? 1 : 2); times++) {
            FileKeyStore before = open(Steps.NONE);
            before.write(SLICE, 7, OLD, 0);
            before.write(SLICE, 8, NEXT, 0);
            byte[] sealed = before.load(new Slot.Tree(SLICE, 7)).orElseThrow();
            FileKeyStore doomed = open(crashAfter(step, times));
            assertThatThrownBy(() -> doomed.destroy(SLICE)).isInstanceOf(Crash.class);

            FileKeyStore store = reopen();
            assertThat(store.read(SLICE, 7)).isEmpty();
            assertThat(filesWith(sealed)).isEmpty();
            boolean otherLives = times == 1 && step != Step.FOLDER_REMOVED;
            assertThat(store.read(SLICE, 8).isPresent()).isEqualTo(otherLives);
            assertThat(store.slices().contains(SLICE)).isEqualTo(otherLives);
            store.destroy(SLICE);
            assertThat(store.slices()).isEmpty();
            assertThat(reopen().slices()).isEmpty();
        }
    }

    @Test
    void everyStepIsOneOfThese() throws IOException {
        EnumSet<Step> seen = EnumSet.noneOf(Step.class);
        FileKeyStore store = open(seen::add);
        store.write(SLICE, 7, OLD, 0);
        store.write(SLICE, 7, NEXT, 1);
        store.destroy(SLICE);
        assertThat(seen).isEqualTo(EnumSet.range(Step.FOLDER_MADE, Step.FOLDER_REMOVED));
    }

    @Test
    void aCrashIsRecoveredByAnotherProcessThatIsRunning() {
        FileKeyStore running = open(Steps.NONE);
        running.write(SLICE, 7, OLD, 0);
        FileKeyStore doomed = open(crashAfter(Step.REPLACED, 1));
        assertThatThrownBy(() -> doomed.write(SLICE, 7, NEXT, 1)).isInstanceOf(Crash.class);
        assertThat(running.write(SLICE, 7, OLD, 1)).isFalse();
        assertThat(running.write(SLICE, 7, OLD, 2)).isTrue();
        running.destroy(SLICE);
        assertThat(running.slices()).isEmpty();
    }

    @Test
    void aVersionThatTheDiskLostIsReplacedByItsPredecessor() throws IOException {
        FileKeyStore before = open(Steps.NONE);
        before.write(SLICE, 7, OLD, 0);
        FileKeyStore doomed = open(crashAfter(Step.RENAMED, 1));
        assertThatThrownBy(() -> doomed.write(SLICE, 7, NEXT, 1)).isInstanceOf(Crash.class);
        Path file = file();
        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 50_000));
        assertThat(reopen().read(SLICE, 7).orElseThrow().cover()).isEqualTo(OLD);
    }

    private Path file() {
        return folder.resolve("keys").resolve("%09x".formatted(SLICE.code())).resolve("%016x".formatted(7));
    }

    @Test
    void aFlippedBitIsNamed() throws IOException {
        FileKeyStore store = open(Steps.NONE);
        store.write(SLICE, 7, OLD, 0);
        Path file = file();
        byte[] whole = Files.readAllBytes(file);
        for (int place : new int[] {0, 4, 7, 15, 30, 60, 5_000, whole.length - 1}) {
            byte[] flipped = whole.clone();
            flipped[place] ^= 16;
            Files.write(file, flipped);
            assertThatThrownBy(() -> store.read(SLICE, 7))
                    .isInstanceOf(KeyStore.Damaged.class)
                    .hasMessageContaining(file.toString())
                    .hasMessageContaining("is damaged");
        }
        Files.write(file, Arrays.copyOf(whole, 20));
        assertThatThrownBy(() -> store.read(SLICE, 7))
                .isInstanceOf(KeyStore.Damaged.class)
                .hasMessageContaining("is cut off: it has 20 bytes");
        Files.write(file, whole);
        Files.copy(file, file.resolveSibling("%016x".formatted(8)));
        assertThatThrownBy(() -> store.read(SLICE, 8))
                .isInstanceOf(KeyStore.Damaged.class)
                .hasMessageContaining("sealed for another place");
        assertThat(store.read(SLICE, 7)).isPresent();
    }
}
