package ephemera.server.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.crypto.tink.KmsClients;
import ephemera.core.vault.KeyStore;
import ephemera.core.vault.Slice;
import ephemera.core.vault.Term;
import ephemera.server.StartFailure;
import ephemera.server.keys.Steps.Step;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CrashInAChangeOfTheRootKeyLosesNothing {

    private static final Slice SLICE = new Slice(Term.DAY, 600);
    private static final int RESERVE = 4096;
    private static final byte[] TREE = "what the tree holds".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SECRET = "what the secret is".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    Path temp;

    @BeforeAll
    static void install() {
        KmsClients.add(new ServiceInThisProcess("crash-kms://"));
    }

    /** What is changed. */
    enum Way {
        /** The file gets a new key. */
        IN_PLACE,
        /** The file gets a new key, sealed by a service. */
        TO_SERVICE,
        /** Another file gets a new key, and the server's own is destroyed. */
        TO_FILE,
        /** Somebody gives a new key, and the server's own file is destroyed. */
        TO_GIVEN
    }

    /** The end of the process, as far as a process can play its own end: nobody catches it. */
    private static final class Crash extends Error {

        Crash() {
            super("the process ends here");
        }
    }

    /** Ends the process after the n-th step of all. */
    private static Steps crashAfter(int number) {
        int[] left = {number};
        return _ -> {
            if (--left[0] == 0) {
                throw new Crash();
            }
        };
    }

    /** A store in a folder, with its root key in a file that the server made. */
    private record House(Path folder, Way way) {

        Path keys() {
            return folder.resolve("keys");
        }

        Path file() {
            return keys().resolve("root.key");
        }

        RootPlace.InFile from() {
            return new RootPlace.InFile(file(), Optional.empty(), true);
        }

        RootPlace to() {
            Optional<RootPlace.Service> service =
                    Optional.of(new RootPlace.Service("crash-kms://a", Optional.empty()));
            return switch (way) {
                case IN_PLACE -> from();
                case TO_SERVICE -> new RootPlace.InFile(file(), service, true);
                case TO_FILE -> new RootPlace.InFile(folder.resolve("elsewhere"), Optional.empty(), false);
                case TO_GIVEN -> new RootPlace.Given(Roots.OTHER);
            };
        }

        void build() throws IOException {
            Files.createDirectories(keys());
            Disk.createFile(file(), Roots.text(1).getBytes(StandardCharsets.US_ASCII));
            KeyStore store = FileKeyStore.open(keys(), Roots.ONE, Steps.NONE, RESERVE);
            store.secret("signing-key", () -> SECRET);
            store.write(SLICE, 7, TREE, 0);
        }

        long change(Steps steps) {
            return new RootKeyChange(root -> FileKeyStore.openForChange(keys(), root, steps, RESERVE), steps)
                    .change(from(), to());
        }

        /** Starts as a server does whose configuration nobody has changed. */
        void start() {
            RootKey root = RootKey.ofFile(file(), RootKey.IfMissing.STORE_NEEDS_IT);
            requireFilled(FileKeyStore.open(keys(), root, Steps.NONE, RESERVE));
            RootKeyChange.clearAway(file());
        }

        RootKey fresh() {
            return switch (to()) {
                case RootPlace.InFile place -> place.find().orElseThrow();
                case RootPlace.Given(var key) -> key;
            };
        }

        void requireChanged() throws IOException {
            RootKey fresh = fresh();
            assertThat(fresh.isSame(Roots.ONE)).isFalse();
            requireFilled(FileKeyStore.open(keys(), fresh, Steps.NONE, RESERVE));
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    assertThat(file.toString()).doesNotEndWith(".next").doesNotEndWith(".dead").doesNotEndWith(".new");
                    String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
                    assertThat(bytes)
                            .doesNotContain(Roots.text(1))
                            .doesNotContain(new String(Roots.ONE.id(), StandardCharsets.ISO_8859_1));
                }
            }
        }

        private static void requireFilled(FileKeyStore store) {
            assertThat(store.secret("signing-key")).contains(SECRET);
            assertThat(store.trees(SLICE)).containsExactly(7L);
            assertThat(store.read(SLICE, 7).orElseThrow().cover()).isEqualTo(TREE);
        }
    }

    private House house(Way way, String name) throws IOException {
        House house = new House(temp.resolve(name), way);
        house.build();
        return house;
    }

    /** Whether the process came to its end before the change did. */
    private static boolean crashes(House house, int number) {
        try {
            house.change(crashAfter(number));
            return false;
        } catch (Crash _) {
            return true;
        }
    }

    @ParameterizedTest
    @EnumSource
    void andTheSameChangeFinishesIt(Way way) throws IOException {
        int steps = 0;
        boolean crashed = true;
        while (crashed) {
            steps++;
            House house = house(way, "step" + steps);
            crashed = crashes(house, steps);
            assertThat(house.change(Steps.NONE)).as("after step " + steps).isEqualTo(2);
            house.requireChanged();
        }
        assertThat(steps).isGreaterThan(2 * 8);
    }

    @ParameterizedTest
    @EnumSource(from = "IN_PLACE", to = "TO_FILE")
    void andAServerStartsOrSaysWhatToDo(Way way) throws IOException {
        int refused = 0;
        for (int step = 1; crashes(house(way, "step" + step), step); step++) {
            House house = new House(temp.resolve("step" + step), way);
            try {
                house.start();
            } catch (StartFailure e) {
                refused++;
                assertThat(e).hasMessageNotContaining("\n");
                assertThat(e.getMessage())
                        .containsPattern("run the same \"root-key change\" again|configure th(e new|at) one|"
                                + "configure that service with vault.root.kms");
            }
            assertThat(house.change(Steps.NONE)).as("after step " + step).isEqualTo(2);
            house.requireChanged();
        }
        assertThat(refused).isGreaterThan(10);
    }

    @Test
    void aMixedStoreSaysThatTheChangeIsNotFinished() throws IOException {
        House house = house(Way.TO_GIVEN, "mixed");
        assertThatThrownBy(() -> house.change(step -> {
            if (step == Step.OLD_REMOVED) {
                throw new Crash();
            }
        })).isInstanceOf(Crash.class);
        for (RootKey root : List.of(Roots.ONE, Roots.OTHER)) {
            assertThatThrownBy(() -> FileKeyStore.open(house.keys(), root, Steps.NONE, RESERVE))
                    .isInstanceOf(StartFailure.class)
                    .hasMessage("The change of the root key of the keys in " + house.keys() + " is not finished:"
                            + " run the same \"root-key change\" again, with the configuration of before.");
        }
    }

    @Test
    void aDamagedFileStopsAChangeBeforeItBegins() throws IOException {
        House house = house(Way.IN_PLACE, "damaged");
        Path tree = house.keys().resolve("%09x".formatted(SLICE.code())).resolve("%016x".formatted(7));
        byte[] whole = Files.readAllBytes(tree);
        byte[] flipped = whole.clone();
        flipped[7] ^= 1;
        Files.write(tree, flipped);
        assertThatThrownBy(() -> house.change(Steps.NONE))
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining(tree + " is damaged");
        assertThat(house.keys().resolve("root.key.next")).doesNotExist();
        // A flip of the root key's id is damage, and no other root key.
        FileKeyStore.open(house.keys(), Roots.ONE, Steps.NONE, RESERVE);
        Files.write(tree, whole);
        house.start();
        assertThat(house.change(Steps.NONE)).isEqualTo(2);
        house.requireChanged();
    }

    @Test
    void everyStepIsOneOfTheseAndTheOldKeyIsNoiseBeforeItIsRemoved() throws IOException {
        EnumSet<Step> seen = EnumSet.noneOf(Step.class);
        House house = house(Way.IN_PLACE, "all");
        int length = Roots.text(1).length();
        house.change(step -> {
            seen.add(step);
            if (step == Step.ROOT_OVERWRITTEN) {
                byte[] noise = Files.readAllBytes(house.keys().resolve("root.key.dead"));
                assertThat(noise).hasSize(length).isNotEqualTo(Roots.text(1).getBytes(StandardCharsets.US_ASCII));
            }
        });
        EnumSet<Step> expected = EnumSet.range(Step.NEW_MADE, Step.OLD_REMOVED);
        expected.addAll(EnumSet.range(Step.ROOT_MADE, Step.ROOT_REMOVED));
        assertThat(seen).isEqualTo(expected);
    }
}
