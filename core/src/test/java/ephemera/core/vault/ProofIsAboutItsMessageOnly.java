package ephemera.core.vault;

import static org.assertj.core.api.Assertions.assertThat;

import ephemera.core.Ids;
import ephemera.core.vault.Deletion.Draft;
import ephemera.core.vault.Deletion.Kind;
import ephemera.core.vault.Deletion.Reason;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ProofIsAboutItsMessageOnly {

    private static final Instant AT = Instant.parse("2026-11-21T12:00:00Z");
    private static final Slice SLICE = new Slice(Term.DAY, AT.getEpochSecond());
    private static final Ids IDS = new Ids(InstantSource.system(), new SecureRandom());
    private static final SigningKey KEY = new SigningKey(SigningKey.random());

    private final UUID message = IDS.carrying(SLICE.code());

    /** The proof of the third of five entries, which is that one. */
    private static DeletionProof proof(UUID message, Draft draft) {
        List<Deletion> entries = new ArrayList<>();
        Digest previous = Digest.ZERO;
        for (int i = 1; i <= 5; i++) {
            Draft each = i == 3 ? draft : Draft.epoch(new Epoch(Term.DAY, i), AT);
            Deletion entry = new Deletion(i + 10, each, AT, previous);
            entries.add(entry);
            previous = entry.hash();
        }
        MerkleTree.Inclusion inclusion =
                MerkleTree.prove(entries.stream().map(entry -> entry.hash().bytes()).iterator(), 5, 2);
        DayRoot day = new DayRoot(LocalDate.parse("2026-11-21"), 11, 15, inclusion.root(), true);
        return DeletionProof.sign(
                message, entries.get(2), inclusion.path(), day, KEY.sign(day.statement()), KEY);
    }

    private static Draft message(UUID subject) {
        return Draft.message("org", subject, Reason.READ, Optional.empty(), AT, AT);
    }

    @Test
    void byAnEntryOfItsOwn() {
        assertThat(proof(message, message(message)).flaw()).isEmpty();
        assertThat(proof(message, message(IDS.carrying(SLICE.code()))).flaw().orElseThrow())
                .contains("not about the message " + message);
    }

    @Test
    void orByThatOfItsSlice() {
        assertThat(proof(message, Draft.slice(SLICE, AT)).flaw()).isEmpty();
        assertThat(proof(message, Draft.slice(new Slice(Term.HOUR, SLICE.endSecond()), AT)).flaw()).isPresent();
        assertThat(proof(message, Draft.slice(new Slice(Term.DAY, SLICE.endSecond() + 1), AT)).flaw()).isPresent();
        UUID random = IDS.random();
        UUID carrying = new UUID(random.getMostSignificantBits(), message.getLeastSignificantBits());
        assertThat(proof(carrying, Draft.slice(SLICE, AT)).flaw()).isPresent();
    }

    @Test
    void andByNothingElse() {
        assertThat(proof(message, Draft.epoch(new Epoch(Term.DAY, SLICE.endSecond()), AT)).flaw()).isPresent();
        Draft hold = new Draft(Kind.HOLD, "org", message.toString(), Reason.HELD, "", AT, AT);
        assertThat(proof(message, hold).flaw()).isPresent();
    }

    @Test
    void andHoldsAsAWholeOnly() {
        DeletionProof proof = proof(message, Draft.slice(SLICE, AT));
        UUID sameSlice = IDS.carrying(SLICE.code());
        SigningKey other = new SigningKey(SigningKey.random());
        DayRoot day = proof.day();
        DayRoot interim = new DayRoot(day.day(), day.first(), day.last(), day.root(), false);
        DayRoot nextDay = new DayRoot(day.day().plusDays(1), day.first(), day.last(), day.root(), true);
        DayRoot elsewhere = new DayRoot(day.day(), 14, 18, day.root(), true);
        assertThat(proof.flaw()).isEmpty();
        assertThat(changed(sameSlice, proof.path(), day, proof.signer(), proof).flaw().orElseThrow())
                .contains("signature of the proof");
        assertThat(changed(message, proof.path().subList(1, 3), day, proof.signer(), proof).flaw().orElseThrow())
                .contains("path");
        assertThat(changed(message, proof.path(), interim, proof.signer(), proof).flaw().orElseThrow())
                .contains("signature of the day");
        assertThat(changed(message, proof.path(), nextDay, proof.signer(), proof).flaw().orElseThrow())
                .contains("not one of the day");
        assertThat(changed(message, proof.path(), elsewhere, proof.signer(), proof).flaw().orElseThrow())
                .contains("not one of the day");
        assertThat(changed(message, proof.path(), day, other.publicKey(), proof).flaw().orElseThrow())
                .contains("signature of the day");
    }

    private static DeletionProof changed(
            UUID message, List<Digest> path, DayRoot day, SignatureKey signer, DeletionProof proof) {
        return new DeletionProof(
                message, proof.entry(), path, day, proof.daySignature(), signer, proof.signature());
    }
}
