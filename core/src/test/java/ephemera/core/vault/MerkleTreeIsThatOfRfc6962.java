package ephemera.core.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MerkleTreeIsThatOfRfc6962 {

    /** The entries of the known test vectors of Certificate Transparency. */
    private static final List<byte[]> ENTRIES = Stream.of(
            "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
            .map(HexFormat.of()::parseHex)
            .toList();

    /** The roots over the first one, two, three ... of them. */
    private static final List<String> ROOTS = List.of(
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");

    @Test
    void withTheKnownRoots() {
        assertThat(MerkleTree.root(ENTRIES.iterator(), 0).hex())
                .isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        for (int size = 1; size <= ENTRIES.size(); size++) {
            assertThat(MerkleTree.root(ENTRIES.iterator(), size).hex()).isEqualTo(ROOTS.get(size - 1));
        }
    }

    @Test
    void withTheKnownPaths() {
        assertThat(path(8, 0))
                .containsExactly(
                        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4");
        assertThat(path(8, 5))
                .containsExactly(
                        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7");
        assertThat(path(3, 2)).containsExactly(ROOTS.get(1));
        assertThat(path(1, 0)).isEmpty();
    }

    private static List<String> path(int size, int index) {
        return MerkleTree.prove(ENTRIES.iterator(), size, index).path().stream().map(Digest::hex).toList();
    }

    @Test
    void whoseProofsHoldForTheirEntryAndPlaceOnly() {
        for (int size = 1; size <= 100; size++) {
            List<byte[]> entries = entries(size);
            Digest root = MerkleTree.root(entries.iterator(), size);
            for (int index = 0; index < size; index++) {
                MerkleTree.Inclusion proof = MerkleTree.prove(entries.iterator(), size, index);
                List<Digest> path = proof.path();
                byte[] entry = entries.get(index);
                assertThat(proof.root()).isEqualTo(root);
                assertThat(MerkleTree.rootOf(entry, size, index, path)).contains(root);
                assertThat(MerkleTree.rootOf(new byte[0], size, index, path)).isNotEqualTo(Optional.of(root));
                for (int other = 0; other < size; other++) {
                    if (other != index) {
                        assertThat(MerkleTree.rootOf(entry, size, other, path))
                                .isNotEqualTo(Optional.of(root));
                    }
                }
            }
        }
    }

    @Test
    void whoseProofsHaveTheirLengthAndEveryDigestCounts() {
        for (int size = 1; size <= 40; size++) {
            List<byte[]> entries = entries(size);
            for (int index = 0; index < size; index++) {
                MerkleTree.Inclusion proof = MerkleTree.prove(entries.iterator(), size, index);
                byte[] entry = entries.get(index);
                List<Digest> longer = new ArrayList<>(proof.path());
                longer.add(proof.root());
                assertThat(MerkleTree.rootOf(entry, size, index, longer)).isEmpty();
                for (int place = 0; place < proof.path().size(); place++) {
                    List<Digest> shorter = new ArrayList<>(proof.path());
                    shorter.remove(place);
                    assertThat(MerkleTree.rootOf(entry, size, index, shorter))
                            .isNotEqualTo(Optional.of(proof.root()));
                    List<Digest> changed = new ArrayList<>(proof.path());
                    changed.set(place, Digest.ZERO);
                    assertThat(MerkleTree.rootOf(entry, size, index, changed))
                            .isPresent()
                            .isNotEqualTo(Optional.of(proof.root()));
                }
            }
        }
    }

    @Test
    void inWhichNoInnerNodePassesForAnEntry() {
        List<byte[]> entries = entries(4);
        Digest root = MerkleTree.root(entries.iterator(), 4);
        byte[] left = MerkleTree.root(entries.iterator(), 2).bytes();
        byte[] right = MerkleTree.root(entries.subList(2, 4).iterator(), 2).bytes();
        byte[] both = new byte[64];
        System.arraycopy(left, 0, both, 0, 32);
        System.arraycopy(right, 0, both, 32, 32);
        assertThat(MerkleTree.rootOf(both, 1, 0, List.of())).isNotEqualTo(Optional.of(root));
    }

    @Test
    void andWhatIsNotInTheTreeHasNoProof() {
        assertThat(MerkleTree.rootOf(new byte[0], 3, 3, List.of())).isEmpty();
        assertThat(MerkleTree.rootOf(new byte[0], 0, 0, List.of())).isEmpty();
        assertThat(MerkleTree.rootOf(new byte[0], 3, -1, List.of())).isEmpty();
        assertThatThrownBy(() -> MerkleTree.prove(ENTRIES.iterator(), 3, 3))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> MerkleTree.root(ENTRIES.iterator(), 9)).isInstanceOf(NoSuchElementException.class);
    }

    private static List<byte[]> entries(int size) {
        return IntStream.range(0, size).mapToObj(i -> ("entry " + i).getBytes(StandardCharsets.UTF_8)).toList();
    }
}
