package ephemera.server.keys;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ephemera.core.Refused;
import ephemera.core.vault.KeyId;
import ephemera.core.vault.KeyRing;
import ephemera.core.vault.KeyStore;
import ephemera.core.vault.Slice;
import ephemera.core.vault.Term;
import ephemera.server.StartFailure;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every key store does. */
abstract class KeyStoreContract {

    static final Slice SLICE = new Slice(Term.DAY, 600);
    static final Slice OTHER = new Slice(Term.KEPT, 0);
    private static final byte[] FIRST = "the first cover".getBytes(UTF_8);
    private static final byte[] SECOND = "the second one".getBytes(UTF_8);

    @TempDir
    Path roots;

    /** The store that the test is about, opened once more, as another process does. */
    abstract KeyStore open(RootKey root);

    /** A store of that kind with nothing in it. */
    abstract KeyStore openEmpty(RootKey root);

    /** A change of the root key of the store that the test is about. */
    abstract RootKeyChange change();

    private KeyStore open() {
        return open(Roots.ONE);
    }

    private static KeyRing ring(KeyStore store) {
        return new KeyRing(store, new SecureRandom(), KeyRing.DEFAULT_CACHE);
    }

    @Test
    void whatIsWrittenIsRead() {
        KeyStore store = open();
        assertThat(store.read(SLICE, 7)).isEmpty();
        assertThat(store.write(SLICE, 7, FIRST, 0)).isTrue();
        for (KeyStore each : List.of(store, open())) {
            KeyStore.Stored stored = each.read(SLICE, 7).orElseThrow();
            assertThat(stored.cover()).isEqualTo(FIRST);
            assertThat(stored.version()).isEqualTo(1);
            assertThat(each.slices()).containsExactly(SLICE);
            assertThat(each.trees(SLICE)).containsExactly(7L);
            assertThat(each.trees(OTHER)).isEmpty();
        }
        assertThat(store.write(SLICE, 7, SECOND, 1)).isTrue();
        assertThat(open().read(SLICE, 7).orElseThrow().cover()).isEqualTo(SECOND);
        assertThat(open().read(SLICE, 7).orElseThrow().version()).isEqualTo(2);
        assertThat(store.write(OTHER, Long.MAX_VALUE, FIRST, 0)).isTrue();
        assertThat(open().slices()).containsExactlyInAnyOrder(SLICE, OTHER);
    }

    @Test
    void onlyTheVersionThatWasReadIsReplaced() {
        KeyStore store = open();
        assertThat(store.write(SLICE, 7, FIRST, 1)).isFalse();
        assertThat(store.read(SLICE, 7)).isEmpty();
        assertThat(store.write(SLICE, 7, FIRST, 0)).isTrue();
        assertThat(store.write(SLICE, 7, SECOND, 0)).isFalse();
        assertThat(store.write(SLICE, 7, SECOND, 2)).isFalse();
        assertThat(store.read(SLICE, 7).orElseThrow().cover()).isEqualTo(FIRST);
    }

    @Test
    void aDestroyedSliceIsGone() {
        KeyStore store = open();
        store.write(SLICE, 7, FIRST, 0);
        store.write(SLICE, 8, FIRST, 0);
        store.write(OTHER, 9, FIRST, 0);
        store.destroy(SLICE);
        store.destroy(SLICE);
        store.settle();
        assertThat(store.read(SLICE, 7)).isEmpty();
        assertThat(store.write(SLICE, 7, SECOND, 1)).isFalse();
        assertThat(open().slices()).containsExactly(OTHER);
        assertThat(open().read(OTHER, 9)).isPresent();
    }

    @Test
    void aSecretIsMadeOnce() throws Exception {
        KeyStore store = open();
        assertThat(store.secret("signing-key")).isEmpty();
        Set<Byte> made = new HashSet<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<byte[]>> all = IntStream.range(0, 8)
                    .mapToObj(i -> threads.submit(() -> open().secret("signing-key", () -> new byte[] {(byte) i})))
                    .toList();
            for (Future<byte[]> each : all) {
                made.add(each.get()[0]);
            }
        }
        assertThat(made).hasSize(1);
        assertThat(open().secret("signing-key").orElseThrow()[0]).isIn(made);
        assertThat(store.slices()).isEmpty();
        assertThatIllegalArgumentException().isThrownBy(() -> store.secret("../lock"));
    }

    @Test
    void anotherRootKeyEndsTheStart() {
        open().secret("signing-key", () -> FIRST);
        assertThatThrownBy(() -> open(Roots.OTHER))
                .isInstanceOf(StartFailure.class)
                .hasMessageStartingWith("The root key is not the one");
    }

    @Test
    void processesThatPunctureAtOnceUndoNothing() throws Exception {
        KeyRing first = ring(open());
        List<KeyId> ids = IntStream.range(0, 120)
                .mapToObj(_ -> first.issue(SLICE).id())
                .toList();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<?>> all = IntStream.range(0, 4)
                    .<Future<?>>mapToObj(part -> threads.submit(() -> {
                        KeyRing ring = ring(open());
                        for (int i = part * 3; i < 120; i += 12) {
                            ring.puncture(List.of(ids.get(i), ids.get(i + 1)));
                        }
                    }))
                    .toList();
            for (Future<?> each : all) {
                each.get();
            }
        }
        KeyRing fresh = ring(open());
        for (int i = 0; i < 120; i++) {
            assertThat(fresh.find(ids.get(i)).isPresent()).isEqualTo(i % 3 == 2);
        }
    }

    @Test
    void aBackupBringsEverythingBack() throws IOException {
        KeyStore store = open();
        store.write(SLICE, 7, FIRST, 0);
        store.write(SLICE, 7, SECOND, 1);
        store.write(OTHER, 9, new byte[1_000_000], 0);
        store.secret("signing-key", () -> FIRST);
        byte[] backup = exported(store);
        assertThat(new String(backup, UTF_8)).doesNotContain("second one");

        KeyStore restored = openEmpty(Roots.ONE);
        imported(restored, backup);
        assertThat(restored.read(SLICE, 7).orElseThrow().cover()).isEqualTo(SECOND);
        assertThat(restored.read(SLICE, 7).orElseThrow().version()).isEqualTo(2);
        assertThat(restored.write(SLICE, 7, FIRST, 2)).isTrue();
        assertThat(restored.read(OTHER, 9).orElseThrow().cover()).hasSize(1_000_000);
        assertThat(restored.secret("signing-key").orElseThrow()).isEqualTo(FIRST);
        assertThatIllegalStateException().isThrownBy(() -> imported(restored, backup));
    }

    @Test
    void aBackupThatIsCutChangedOrForeignIsRefused() throws IOException {
        KeyStore store = open();
        store.write(SLICE, 7, FIRST, 0);
        byte[] backup = exported(store);
        KeyStore empty = openEmpty(Roots.OTHER);
        assertThatIOException()
                .isThrownBy(() -> imported(empty, backup))
                .withMessageContaining("another root key");
        KeyStore fitting = openEmpty(Roots.ONE);
        for (int length = 0; length < backup.length - 9; length += 5) {
            byte[] cut = Arrays.copyOf(backup, length);
            assertThatIOException().isThrownBy(() -> imported(fitting, cut));
        }
        for (int i = 0; i < backup.length - 9; i += 3) {
            byte[] flipped = backup.clone();
            flipped[i] ^= 4;
            assertThatIOException().isThrownBy(() -> imported(fitting, flipped));
        }
        assertThat(fitting.slices()).isEmpty();
    }

    /** Where a root key of that number is, in a file that the server did not make. */
    private RootPlace.InFile place(String name, int number) throws IOException {
        Path file = roots.resolve(name);
        Disk.createFile(file, (Roots.text(number) + "\n").getBytes(UTF_8));
        return new RootPlace.InFile(file, Optional.empty(), false);
    }

    private List<String> rootFiles() throws IOException {
        try (Stream<Path> files = Files.list(roots)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private void fill() {
        KeyStore store = open();
        store.secret("signing-key", () -> FIRST);
        store.write(SLICE, 7, FIRST, 0);
        store.write(SLICE, 7, SECOND, 1);
        store.write(OTHER, 9, new byte[100_000], 0);
    }

    @Test
    void aNewRootKeyOpensEverythingAndTheOldOneNothing() throws IOException {
        fill();
        RootPlace.InFile place = place("root.key", 1);
        assertThat(change().change(place, place)).isEqualTo(3);

        RootKey fresh = RootKey.ofFile(place.file(), RootKey.IfMissing.STORE_NEEDS_IT);
        assertThat(fresh.isSame(Roots.ONE)).isFalse();
        SealedKeyStore store = (SealedKeyStore) open(fresh);
        assertThat(store.slots()).hasSize(3).allSatisfy(slot -> {
            byte[] envelope = store.load(slot).orElseThrow();
            assertThatThrownBy(() -> Envelope.open(Roots.ONE, slot, envelope, "it"))
                    .hasMessageContaining("another root key");
        });
        assertThat(store.secret("signing-key")).contains(FIRST);
        assertThat(store.read(OTHER, 9).orElseThrow().cover()).isEqualTo(new byte[100_000]);
        assertThat(store.read(SLICE, 7).orElseThrow().cover()).isEqualTo(SECOND);
        assertThat(rootFiles()).containsExactly("root.key");
        assertThatThrownBy(this::open)
                .isInstanceOf(StartFailure.class)
                .hasMessageStartingWith("The root key is not the one");
        assertThatIOException().isThrownBy(() -> imported(openEmpty(Roots.ONE), exported(store)));
    }

    @Test
    void whoMissedAChangeOfTheRootKeyWritesNothing() throws IOException {
        fill();
        KeyStore late = open();
        long seen = late.read(SLICE, 7).orElseThrow().version();
        change().change(place("old", 1), place("new", 2));

        assertThat(late.write(SLICE, 7, FIRST, seen)).isFalse();
        assertThatThrownBy(() -> late.write(SLICE, 8, FIRST, 0)).isInstanceOf(Refused.class);
        assertThatThrownBy(() -> late.secret("another", () -> FIRST)).isInstanceOf(Refused.class);
        KeyStore store = open(Roots.OTHER);
        assertThat(store.trees(SLICE)).containsExactly(7L);
        long version = store.read(SLICE, 7).orElseThrow().version();
        assertThat(version).isGreaterThan(seen);
        assertThat(store.write(SLICE, 7, FIRST, version)).isTrue();
        assertThat(open(Roots.OTHER).read(SLICE, 7).orElseThrow().cover()).isEqualTo(FIRST);
        assertThat(store.write(SLICE, 8, FIRST, 0)).isTrue();
        assertThat(rootFiles()).containsExactlyInAnyOrder("old", "new");
    }

    @Test
    void aChangeFromOrToAWrongRootKeyChangesNothing() throws IOException {
        fill();
        RootPlace.InFile right = place("right", 1);
        RootPlace.InFile wrong = place("wrong", 2);
        RootPlace.InFile absent = new RootPlace.InFile(roots.resolve("absent"), Optional.empty(), true);
        assertThatThrownBy(() -> change().change(wrong, wrong))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("neither the root key that is configured nor the new one");
        assertThatThrownBy(() -> change().change(wrong, absent)).isInstanceOf(StartFailure.class);
        assertThatThrownBy(() -> change().change(absent, absent))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("is missing");
        assertThatThrownBy(() -> change().change(right, place("copy", 1)))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining("The new root key is the old one");
        assertThat(rootFiles()).containsExactlyInAnyOrder("right", "wrong", "copy");
        assertThat(open().read(SLICE, 7).orElseThrow().version()).isEqualTo(2);
    }

    private static byte[] exported(KeyStore store) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        store.exportTo(new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    private static void imported(KeyStore store, byte[] backup) throws IOException {
        store.importFrom(new DataInputStream(new ByteArrayInputStream(backup)));
    }
}
