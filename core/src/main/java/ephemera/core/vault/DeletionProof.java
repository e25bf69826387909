package ephemera.core.vault;

import ephemera.core.Ids;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The proof that the key of a message is destroyed: whoever trusts the signer can check it without the server.
 *
 * <p>A message that was taken back or read away has an entry of its own in the deletion record. One that expired is
 * covered by the entry of its slice, which its id carries.
 *
 * @param message the id of the message
 * @param entry the entry of the deletion record that covers it
 * @param path the digests that lead from the entry to the root of its day
 * @param day the root of its day
 * @param daySignature of the {@link DayRoot#statement}
 * @param signer whose signatures these are
 * @param signature of the {@link #statement}, which ties everything to this message
 */
public record DeletionProof(
        UUID message,
        Deletion entry,
        List<Digest> path,
        DayRoot day,
        SignatureText daySignature,
        SignatureKey signer,
        SignatureText signature) {

    public DeletionProof {
        path = List.copyOf(path);
    }

    /** Signs that this entry of that day covers the message. */
    public static DeletionProof sign(
            UUID message,
            Deletion entry,
            List<Digest> path,
            DayRoot day,
            SignatureText daySignature,
            SigningKey key) {
        SignatureText signature = key.sign(statement(message, entry, day));
        return new DeletionProof(message, entry, path, day, daySignature, key.publicKey(), signature);
    }

    /** The slice that the id of a message carries; empty if it carries none that there can be. */
    public static Optional<Slice> slice(UUID message) {
        return message.version() == 7 ? Slice.ofCode(Ids.carried(message)) : Optional.empty();
    }

    /**
     * The first reason why this is no proof; empty if it is one.
     *
     * @return a sentence for people
     */
    public Optional<String> flaw() {
        if (!covers(entry.draft(), message)) {
            return Optional.of("The entry is not about the message " + message + ".");
        }
        if (!entry.day().equals(day.day()) || !day.contains(entry.sequence())) {
            return Optional.of("The entry is not one of the day " + day.day() + ".");
        }
        Optional<Digest> root =
                MerkleTree.rootOf(entry.hash().bytes(), day.size(), entry.sequence() - day.first(), path);
        if (!root.equals(Optional.of(day.root()))) {
            return Optional.of("The path does not lead from the entry to the root of its day.");
        }
        if (!signer.verifies(day.statement(), daySignature)) {
            return Optional.of("The signature of the day is not that of the signer.");
        }
        if (!signer.verifies(statement(message, entry, day), signature)) {
            return Optional.of("The signature of the proof is not that of the signer.");
        }
        return Optional.empty();
    }

    /** Whether what an entry tells of includes that the key of the message is destroyed. */
    private static boolean covers(Deletion.Draft draft, UUID message) {
        return switch (draft.kind()) {
            case MESSAGE -> draft.subject().equals(message.toString());
            case SLICE -> slice(message).map(Slice::toString).equals(Optional.of(draft.subject()));
            case EPOCH, HOLD -> false;
        };
    }

    /**
     * What is signed: four lines under a label of their own.
     *
     * <p>They are the id of the message, the sequence and the hash of the entry, and the root of the day; each ends
     * with a line feed, as the label {@code ephemera deletion proof 1} does.
     */
    private static byte[] statement(UUID message, Deletion entry, DayRoot day) {
        return String.join(
                "\n",
                "ephemera deletion proof 1",
                message.toString(),
                Long.toString(entry.sequence()),
                entry.hash().hex(),
                day.root().hex(),
                "")
                .getBytes(StandardCharsets.US_ASCII);
    }
}
