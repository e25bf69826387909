package ephemera.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.Ids;
import ephemera.core.vault.DayRoot;
import ephemera.core.vault.Deletion;
import ephemera.core.vault.Deletion.Draft;
import ephemera.core.vault.Deletion.Reason;
import ephemera.core.vault.DeletionProof;
import ephemera.core.vault.Digest;
import ephemera.core.vault.KeyId;
import ephemera.core.vault.MerkleTree;
import ephemera.core.vault.SigningKey;
import ephemera.core.vault.Slice;
import ephemera.core.vault.Term;
import ephemera.server.StartFailure;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class ProofHoldsOnlyAsItWasPrinted {

    private static final Instant AT = Instant.parse("2026-11-21T12:34:56.789Z");
    private static final Slice SLICE = new Slice(Term.HOUR, AT.getEpochSecond());
    private static final UUID MESSAGE =
            new Ids(InstantSource.system(), new SecureRandom()).carrying(SLICE.code());
    private static final SigningKey KEY = new SigningKey(SigningKey.random());

    @TempDir
    private Path temp;

    /** A proof by the entry that follows two others and precedes another two. */
    private static DeletionProof proof(Draft draft, boolean complete) {
        List<Deletion> entries = new ArrayList<>();
        Digest previous = Digest.ZERO;
        for (int i = 1; i <= 5; i++) {
            Draft each = i == 3 ? draft : Draft.slice(new Slice(Term.DAY, i), AT);
            Deletion entry = new Deletion(i, each, AT, previous);
            entries.add(entry);
            previous = entry.hash();
        }
        MerkleTree.Inclusion inclusion =
                MerkleTree.prove(entries.stream().map(entry -> entry.hash().bytes()).iterator(), 5, 2);
        DayRoot day = new DayRoot(entries.getFirst().day(), 1, 5, inclusion.root(), complete);
        return DeletionProof.sign(
                MESSAGE, entries.get(2), inclusion.path(), day, KEY.sign(day.statement()), KEY);
    }

    private static DeletionProof ofTheSlice() {
        return proof(Draft.slice(SLICE, AT), true);
    }

    private static DeletionProof ofTheMessage() {
        Optional<KeyId> key = Optional.of(new KeyId(SLICE, 123_456_789, 42));
        return proof(Draft.message("0123456789abcdefghijklmn", MESSAGE, Reason.RECALLED, key, AT, AT), false);
    }

    private static String text(DeletionProof proof) {
        return String.join("\n", ProofFile.lines(ProofFile.write(proof)));
    }

    private Shell.Outcome verify(String text, String... options) throws Exception {
        Path file = Files.writeString(temp.resolve("proof.json"), text);
        return Shell.runAnywhere(Stream.concat(Stream.of("verify", file.toString()), Stream.of(options))
                .toArray(String[]::new));
    }

    static Stream<DeletionProof> withoutAChangedBit() {
        return Stream.of(ofTheSlice(), ofTheMessage());
    }

    @ParameterizedTest
    @MethodSource
    void withoutAChangedBit(DeletionProof proof) {
        byte[] file = text(proof).getBytes(StandardCharsets.UTF_8);
        assertThat(holds(file)).isTrue();
        for (int i = 0; i < file.length; i++) {
            for (int bit = 0; bit < 8; bit++) {
                file[i] ^= (byte) (1 << bit);
                assertThat(holds(file)).as("byte %d, bit %d", i, bit).isFalse();
                file[i] ^= (byte) (1 << bit);
            }
        }
    }

    private static boolean holds(byte[] file) {
        try {
            return ProofFile.read(file).flaw().isEmpty();
        } catch (StartFailure _) {
            return false;
        }
    }

    @Test
    void orWithOtherWhiteSpaceOrOrder() throws Exception {
        String text = text(ofTheSlice());
        assertThat(verify(text).code()).isZero();
        assertThat(verify(text.replace("\n", "\r\n\t") + "\n\n").code()).isZero();
        assertThat(verify(JsonMapper.shared().readTree(text).toString()).code()).isZero();
        ObjectNode turned = (ObjectNode) JsonMapper.shared().readTree(text);
        turned.set("format", turned.remove("format"));
        assertThat(verify(turned.toString()).code()).isZero();
    }

    static Stream<String> andNothingElse() {
        String text = text(ofTheSlice());
        return Stream.of(
                "",
                "{}",
                "[]",
                "null",
                "not JSON",
                text.substring(0, text.length() - 1),
                text + text,
                text.replaceFirst("\\{", "{\"note\" : 1,"),
                text.replaceFirst("\\{", "{\"format\" : \"ephemera-deletion-proof-1\","),
                text.replaceFirst("\"sequence\" : 3", "\"sequence\" : 3.0"),
                text.replaceFirst("\"sequence\" : 3", "\"sequence\" : \"3\""),
                text.replaceFirst("\"sequence\" : 3", "\"sequence\" : 99999999999999999999999"),
                text.replaceFirst("\"sequence\" : 3", "\"sequence\" : null"),
                text.replaceFirst("\"last\" : 5", "\"last\" : 0"),
                text.replaceFirst("\"last\" : 5", "\"last\" : 9223372036854775807"),
                text.replaceFirst("\"complete\" : true", "\"complete\" : \"true\""),
                text.replaceFirst("\"complete\" : true", "\"complete\" : false"),
                text.replaceFirst("789Z", "789000Z"),
                text.replaceFirst("\"SLICE\"", "\"EPOCH\""),
                text.replaceFirst("\"EXPIRED\"", "\"GONE\""),
                text.replaceFirst("\"path\" : \\[", "\"path\" : [ 1,"),
                text.replaceFirst("\"path\" : \\[[^]]*]", "\"path\" : {}"),
                text.replace(MESSAGE.toString(), MESSAGE.toString().toUpperCase(Locale.ROOT)),
                text.replace("ephemera-deletion-proof-1", "ephemera-deletion-proof-2"),
                " ".repeat(70_000) + text,
                "[".repeat(60_000));
    }

    @ParameterizedTest
    @MethodSource
    void andNothingElse(String text) throws Exception {
        Shell.Outcome outcome = verify(text);
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err()).hasLineCount(1).containsPattern("This is no proof: |The proof does not hold. ");
    }

    @Test
    void sayingWhatIsGone() throws Exception {
        String fingerprint = KEY.publicKey().fingerprint().hex();
        assertThat(verify(text(ofTheSlice())).out())
                .isEqualTo("The proof holds: all keys of the slice " + SLICE + ", which is that of the message "
                        + MESSAGE
                        + ", were destroyed at " + AT + " (entry 3 of 2026-11-21; signed by the key " + fingerprint
                        + ", which is the server's if its \"record key\" prints the same)." + System.lineSeparator());
        assertThat(verify(text(ofTheMessage()), "--key", fingerprint).out())
                .isEqualTo("The proof holds: the key of the message " + MESSAGE
                        + " was destroyed, since the message had been taken back, at " + AT
                        + " (entry 3 of 2026-11-21, interim; signed by the key " + fingerprint + ")."
                        + System.lineSeparator());
    }

    @Test
    void whoeverMustHaveSigned() throws Exception {
        String text = text(ofTheSlice());
        String fingerprint = KEY.publicKey().fingerprint().hex();
        String colons = fingerprint.toUpperCase(Locale.ROOT).replaceAll("(..)(?=.)", "$1:");
        assertThat(verify(text, "--key", colons).code()).isZero();
        Shell.Outcome outcome = verify(text, "--key", Digest.ZERO.hex());
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.err()).hasLineCount(1).contains("signed by somebody else").contains(fingerprint);
        assertThat(verify(text, "--key", "abc").code()).isEqualTo(2);
    }

    @Test
    void whereverItComesFrom() {
        InputStream before = System.in;
        try {
            System.setIn(new ByteArrayInputStream(text(ofTheSlice()).getBytes(StandardCharsets.UTF_8)));
            assertThat(Shell.runAnywhere("verify", "-").code()).isZero();
        } finally {
            System.setIn(before);
        }
        Shell.Outcome outcome = Shell.runAnywhere("verify", temp.resolve("nowhere").toString());
        assertThat(outcome.code()).isEqualTo(1);
        assertThat(outcome.err()).hasLineCount(1).contains("cannot be read");
    }

    @Test
    void inAFileThatHasRoomForTheLargest() {
        DeletionProof proof = ofTheMessage();
        List<Digest> deep = new ArrayList<>();
        for (int i = 0; i < 63; i++) {
            deep.add(Digest.ZERO);
        }
        DeletionProof largest = new DeletionProof(
                proof.message(), proof.entry(), deep, proof.day(), proof.daySignature(), proof.signer(),
                proof.signature());
        assertThat(text(largest).length()).isLessThan(ProofFile.MOST_BYTES / 2);
    }
}
