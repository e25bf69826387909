package ephemera.core.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PuncturedKeyIsGoneAndTheOthersLive {

    private static final byte[] SEED = seed(7);

    private static byte[] seed(int value) {
        byte[] seed = new byte[KeyTree.SEED];
        Arrays.fill(seed, (byte) value);
        return seed;
    }

    private static byte[] key(KeyTree tree, int leaf) {
        return tree.find(leaf).orElseThrow();
    }

    @Test
    void theConstructionIsTheOneThatIsWrittenDown() throws Exception {
        MessageDigest hash = MessageDigest.getInstance("SHA-256");
        byte[] seed = SEED;
        int leaf = 0b1010_0000_0000_1111_0001;
        for (int level = KeyTree.DEPTH - 1; level >= 0; level--) {
            hash.update((byte) (leaf >> level & 1));
            seed = hash.digest(seed);
        }
        hash.update((byte) 2);
        assertThat(key(KeyTree.whole(SEED), leaf)).isEqualTo(hash.digest(seed));
    }

    @Test
    void theCursorGivesTheKeysThatAreFound() {
        KeyTree tree = KeyTree.whole(SEED);
        KeyTree.Cursor cursor = KeyTree.cursor(SEED);
        for (int leaf = 0; leaf < KeyTree.LEAVES; leaf++) {
            assertThat(cursor.leaf()).isEqualTo(leaf);
            byte[] key = cursor.next();
            if (leaf < 100 || leaf % 997 == 0 || leaf > KeyTree.LEAVES - 100) {
                assertThat(key).isEqualTo(key(tree, leaf));
            }
        }
        assertThat(cursor.hasNext()).isFalse();
    }

    @Test
    void oneLeafLeavesTheSiblingsOfItsPath() {
        KeyTree tree = KeyTree.whole(SEED);
        KeyTree punctured = tree.puncture(12_345);
        assertThat(punctured.nodes()).isEqualTo(KeyTree.DEPTH);
        assertThat(punctured.living()).isEqualTo(KeyTree.LEAVES - 1);
        assertThat(punctured.find(12_345)).isEmpty();
        assertThat(key(punctured, 12_344)).isEqualTo(key(tree, 12_344));
        assertThat(key(punctured, 12_346)).isEqualTo(key(tree, 12_346));
        assertThat(key(punctured, 0)).isEqualTo(key(tree, 0));
        assertThat(key(punctured, KeyTree.LEAVES - 1)).isEqualTo(key(tree, KeyTree.LEAVES - 1));
    }

    @Test
    void noByteOfThePathIsLeft() {
        String encoded = HexFormat.of().formatHex(KeyTree.whole(SEED).puncture(0).encode());
        assertThat(encoded).doesNotContain(HexFormat.of().formatHex(SEED));
    }

    @Test
    void batchesInAnyOrderEqualOneAfterTheOther() {
        int[] leaves = {5, 4, 1_000_000, 5, KeyTree.LEAVES - 1, 0, 77, -3, KeyTree.LEAVES, Integer.MAX_VALUE};
        KeyTree single = KeyTree.whole(SEED);
        for (int leaf : leaves) {
            single = single.puncture(leaf);
        }
        assertThat(KeyTree.whole(SEED).puncture(leaves).encode()).isEqualTo(single.encode());
        assertThat(single.puncture(leaves).encode()).isEqualTo(single.encode());
    }

    @Test
    void everyOtherLeafIsTheWorstThatCanHappen() {
        int[] odd = IntStream.range(0, KeyTree.LEAVES / 2).map(half -> 2 * half + 1).toArray();
        KeyTree tree = KeyTree.whole(SEED).puncture(odd);
        assertThat(tree.nodes()).isEqualTo(KeyTree.LEAVES / 2);
        assertThat(tree.encode()).hasSizeLessThan(18 << 20);
        KeyTree nothing = tree.puncture(IntStream.range(0, KeyTree.LEAVES).toArray());
        assertThat(nothing.nodes()).isZero();
        assertThat(KeyTree.decode(nothing.encode()).find(3)).isEmpty();
    }

    @Test
    void aMillionLeavesHalfPuncturedAtRandom() {
        BitSet dead = new BitSet();
        Random random = new Random(1);
        KeyTree whole = KeyTree.whole(SEED);
        KeyTree tree = whole;
        // In batches, as they die.
        for (int batch = 0; batch < 8; batch++) {
            int[] leaves = random.ints(KeyTree.LEAVES / 8, 0, KeyTree.LEAVES)
                    .filter(leaf -> dead.cardinality() < KeyTree.LEAVES / 2)
                    .toArray();
            Arrays.stream(leaves).forEach(dead::set);
            tree = KeyTree.decode(tree.puncture(leaves).encode());
        }
        assertThat(tree.living()).isEqualTo(KeyTree.LEAVES - dead.cardinality());
        for (int leaf = 0; leaf < KeyTree.LEAVES; leaf += 7) {
            if (dead.get(leaf)) {
                assertThat(tree.find(leaf)).isEmpty();
            } else {
                assertThat(key(tree, leaf)).isEqualTo(key(whole, leaf));
            }
        }
    }

    @Test
    void inWhateverOrderManyAskAtOnce() throws Exception {
        KeyTree tree = KeyTree.whole(SEED).puncture(70, 71, 90, 5_000);
        Map<Integer, byte[]> keys = new HashMap<>();
        for (int leaf : new int[] {0, 1, 2, 3, 63, 64, 68, 69, 72, 73, 91, 4_999, 5_001, KeyTree.LEAVES - 1}) {
            keys.put(leaf, key(KeyTree.whole(SEED), leaf));
        }
        List<Integer> leaves = List.copyOf(keys.keySet());
        List<Callable<Long>> askers = IntStream.range(0, 8).<Callable<Long>>mapToObj(asker -> () -> {
            Random random = new Random(asker);
            return IntStream.range(0, 20_000).map(_ -> leaves.get(random.nextInt(leaves.size())))
                    .filter(leaf -> !Arrays.equals(key(tree, leaf), keys.get(leaf))).count();
        }).toList();
        try (ExecutorService threads = Executors.newFixedThreadPool(askers.size())) {
            for (Future<Long> wrong : threads.invokeAll(askers)) {
                assertThat(wrong.get()).isZero();
            }
        }
        tree.erase();
        assertThat(leaves).allSatisfy(leaf -> assertThat(tree.find(leaf)).isEmpty());
    }

    @Test
    void onlyWhatWasEncodedIsDecoded() {
        byte[] encoded = KeyTree.whole(SEED).puncture(3, 900_000).encode();
        assertThat(KeyTree.decode(encoded).encode()).isEqualTo(encoded);
        for (int length = 0; length < encoded.length; length++) {
            byte[] cut = Arrays.copyOf(encoded, length);
            assertThatIllegalArgumentException().isThrownBy(() -> KeyTree.decode(cut));
        }
        byte[] longer = Arrays.copyOf(encoded, encoded.length + 1);
        assertThatIllegalArgumentException().isThrownBy(() -> KeyTree.decode(longer));
        byte[] tooHigh = KeyTree.whole(SEED).encode();
        tooHigh[5] = (byte) (21 << 3);
        assertThatIllegalArgumentException().isThrownBy(() -> KeyTree.decode(tooHigh));
        byte[] misplaced = KeyTree.whole(SEED).encode();
        misplaced[5] = (byte) (5 << 3 | 1);
        assertThatIllegalArgumentException().isThrownBy(() -> KeyTree.decode(misplaced));
        byte[] countless = KeyTree.whole(SEED).encode();
        countless[1] = 0x7f;
        assertThatIllegalArgumentException().isThrownBy(() -> KeyTree.decode(countless));
    }

    @Test
    void anErasedTreeFindsNothing() {
        KeyTree tree = KeyTree.whole(SEED);
        tree.erase();
        assertThat(tree.find(0)).isEmpty();
        assertThat(tree.isErased()).isTrue();
    }
}
