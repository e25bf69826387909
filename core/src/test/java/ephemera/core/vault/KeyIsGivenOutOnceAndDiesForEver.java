package ephemera.core.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ephemera.core.Failure;
import ephemera.core.Refused;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KeyIsGivenOutOnceAndDiesForEver {

    private static final Slice SLICE = new Slice(Term.DAY, 600);
    private static final Slice LATER = new Slice(Term.DAY, 900);

    private final KeysInMemory store = new KeysInMemory();
    private final KeyRing ring = ring();

    private KeyRing ring() {
        return new KeyRing(store, new SecureRandom(), KeyRing.DEFAULT_CACHE);
    }

    private static <T> List<T> all(int threads, Callable<T> work) throws Exception {
        return all(IntStream.range(0, threads).mapToObj(_ -> work).toList());
    }

    /** Does all of it at once. */
    private static <T> List<T> all(List<Callable<T>> works) throws Exception {
        CyclicBarrier start = new CyclicBarrier(works.size());
        try (ExecutorService threads = Executors.newFixedThreadPool(works.size())) {
            List<Future<T>> running = new ArrayList<>();
            for (Callable<T> work : works) {
                running.add(threads.submit(() -> {
                    start.await();
                    return work.call();
                }));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> each : running) {
                results.add(each.get());
            }
            return results;
        }
    }

    private static List<KeyRing.Issued> issue(KeyRing ring, int count) {
        return IntStream.range(0, count).mapToObj(_ -> ring.issue(SLICE)).toList();
    }

    @Test
    void whatWasGivenOutIsFoundByEveryProcess() {
        List<KeyRing.Issued> keys = issue(ring, 1_000);
        KeyRing other = ring();
        for (KeyRing.Issued issued : keys) {
            assertThat(ring.find(issued.id()).orElseThrow()).isEqualTo(issued.key());
            assertThat(other.find(issued.id()).orElseThrow()).isEqualTo(issued.key());
        }
        assertThat(ring.slices()).containsExactly(SLICE);
    }

    @Test
    void fiftyThreadsNeverGetTheSameKey() throws Exception {
        List<List<KeyRing.Issued>> given = all(50, () -> issue(ring, 2_000));
        Set<KeyId> ids = new HashSet<>();
        Set<String> keys = new HashSet<>();
        given.forEach(some -> some.forEach(issued -> {
            ids.add(issued.id());
            keys.add(HexFormat.of().formatHex(issued.key()));
        }));
        assertThat(ids).hasSize(100_000);
        assertThat(keys).hasSize(100_000);
        assertThat(store.trees(SLICE)).hasSize(1);
    }

    @Test
    void aProcessNeverGoesOnWithAnEarlierTree() {
        KeyId first = ring.issue(SLICE).id();
        KeyId second = ring().issue(SLICE).id();
        assertThat(second.tree()).isNotEqualTo(first.tree());
    }

    @Test
    void anExhaustedTreeIsFollowedByAnother() {
        KeyId first = ring.issue(SLICE).id();
        IntStream.range(1, KeyTree.LEAVES).forEach(_ -> ring.issue(SLICE));
        KeyRing.Issued next = ring.issue(SLICE);
        assertThat(next.id().leaf()).isZero();
        assertThat(next.id().tree()).isNotEqualTo(first.tree());
        assertThat(ring.find(next.id()).orElseThrow()).isEqualTo(next.key());
        assertThat(ring.find(first)).isPresent();
    }

    @Test
    void theTreeIsStoredBeforeItsFirstLeafIsGivenOut() {
        ring.prepare(SLICE);
        ring.prepare(SLICE);
        long tree = store.trees(SLICE).iterator().next();
        assertThat(ring.issue(SLICE).id()).isEqualTo(new KeyId(SLICE, tree, 0));
        assertThat(store.trees(SLICE)).hasSize(1);
    }

    @Test
    void aNumberThatIsTakenIsNotTakenAgain() {
        RandomGenerator repeating = new RandomGenerator() {
            private long calls;

            @Override
            public long nextLong() {
                return calls++ / 8;
            }
        };
        KeyRing one = new KeyRing(store, repeating, KeyRing.DEFAULT_CACHE);
        IntStream.range(0, 3).forEach(end -> one.issue(new Slice(Term.DAY, end)));
        Set<KeyId> ids = new HashSet<>();
        for (int process = 0; process < 5; process++) {
            ids.add(new KeyRing(store, repeating, KeyRing.DEFAULT_CACHE).issue(SLICE).id());
        }
        assertThat(ids).hasSize(5);
    }

    @Test
    void aPuncturedKeyIsNeverFoundAgain() {
        List<KeyRing.Issued> keys = issue(ring, 10);
        keys.forEach(issued -> assertThat(ring.find(issued.id())).isPresent());
        KeyId unknown = new KeyId(LATER, 5, 5);
        List<KeyId> dead = List.of(keys.get(3).id(), keys.get(7).id(), keys.get(3).id(), unknown);
        ring.puncture(dead);
        ring.puncture(dead);
        assertThat(ring.find(unknown)).isEmpty();
        for (KeyRing.Issued issued : keys) {
            Optional<byte[]> found = ring.find(issued.id());
            assertThat(found.isPresent()).isEqualTo(!dead.contains(issued.id()));
            assertThat(ring().find(issued.id()).isPresent()).isEqualTo(found.isPresent());
        }
        KeyRing.Issued next = ring.issue(SLICE);
        assertThat(ring.find(next.id()).orElseThrow()).isEqualTo(next.key());
        assertThat(store.slices()).containsExactly(SLICE);
    }

    @Test
    void whatAnotherProcessPuncturedIsForgotten() {
        KeyId id = ring.issue(SLICE).id();
        KeyRing other = ring();
        assertThat(other.find(id)).isPresent();
        ring.puncture(List.of(id));
        other.forget();
        assertThat(other.find(id)).isEmpty();
    }

    @Test
    void processesThatPunctureAtOnceUndoNothing() throws Exception {
        List<KeyRing.Issued> keys = issue(ring, 1_000);
        List<Callable<Integer>> works = new ArrayList<>();
        for (int process = 0; process < 5; process++) {
            KeyRing node = ring();
            for (int part = 0; part < 10; part++) {
                int from = (process * 10 + part) * 20;
                works.add(() -> {
                    for (int i = from; i < from + 19; i++) {
                        node.puncture(List.of(keys.get(i).id()));
                        assertThat(node.find(keys.get(i).id())).isEmpty();
                    }
                    return from;
                });
            }
        }
        all(works);
        KeyRing fresh = ring();
        for (int i = 0; i < keys.size(); i++) {
            assertThat(fresh.find(keys.get(i).id()).isPresent()).isEqualTo(i % 20 == 19);
        }
    }

    @Test
    void whoReadsWhileOthersPunctureMissesNoLivingKey() throws Exception {
        List<KeyRing.Issued> keys = issue(ring, 400);
        List<Callable<Integer>> works = new ArrayList<>();
        for (int reader = 0; reader < 4; reader++) {
            works.add(() -> {
                for (int i = 1; i < keys.size() * 5; i += 2) {
                    KeyRing.Issued living = keys.get(i % keys.size() | 1);
                    assertThat(ring.find(living.id()).orElseThrow()).isEqualTo(living.key());
                }
                return 0;
            });
        }
        works.add(() -> {
            for (int i = 0; i < keys.size(); i += 2) {
                ring.puncture(List.of(keys.get(i).id()));
                assertThat(ring.find(keys.get(i).id())).isEmpty();
            }
            return 0;
        });
        all(works);
    }

    @Test
    void aDestroyedSliceGivesAndFindsNothing() {
        KeyId id = ring.issue(SLICE).id();
        KeyRing.Issued later = ring.issue(LATER);
        assertThat(ring.find(id)).isPresent();
        ring.destroy(SLICE);
        ring.destroy(SLICE);
        assertThat(ring.find(id)).isEmpty();
        assertThat(ring.find(later.id())).isPresent();
        assertThat(store.slices()).containsExactly(LATER);
        for (Callable<?> use : List.<Callable<?>>of(() -> ring.issue(SLICE), () -> {
            ring.prepare(SLICE);
            return 0;
        })) {
            assertThatThrownBy(use::call)
                    .isInstanceOfSatisfying(
                            Refused.class,
                            refused -> assertThat(refused.failure()).isEqualTo(Failure.UNAVAILABLE));
        }
        ring.puncture(List.of(id));
        assertThat(store.slices()).containsExactly(LATER);
    }

    @Test
    void keysAreNeverMadeWhileTheirSliceIsDestroyed() throws Exception {
        for (int round = 0; round < 200; round++) {
            Slice slice = new Slice(Term.HOUR, round);
            List<Callable<Optional<KeyId>>> works = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                works.add(() -> {
                    Optional<KeyId> last = Optional.empty();
                    try {
                        for (int i = 0; i < 50; i++) {
                            last = Optional.of(ring.issue(slice).id());
                            ring.find(last.orElseThrow());
                        }
                    } catch (Refused refused) {
                        assertThat(refused.failure()).isEqualTo(Failure.UNAVAILABLE);
                    }
                    return last;
                });
            }
            works.add(() -> {
                ring.destroy(slice);
                return Optional.empty();
            });
            List<Optional<KeyId>> given = all(works);
            assertThat(store.slices()).doesNotContain(slice);
            given.forEach(id -> assertThat(id.flatMap(ring::find)).isEmpty());
        }
    }

    @Test
    void aSmallCacheOnlyCostsTime() {
        KeyRing small = new KeyRing(store, new SecureRandom(), 300);
        List<KeyRing.Issued> keys = IntStream.range(0, 10)
                .mapToObj(end -> small.issue(new Slice(Term.DAY, end)))
                .toList();
        for (int round = 0; round < 3; round++) {
            keys.forEach(issued -> assertThat(small.find(issued.id()).orElseThrow()).isEqualTo(issued.key()));
        }
    }
}
