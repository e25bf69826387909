package ephemera.server.cli;

import ephemera.core.Failure;
import ephemera.core.Ids;
import ephemera.core.Refused;
import ephemera.core.vault.DeletionProof;
import ephemera.core.vault.Slice;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** Proves that the key of a message is destroyed. */
@Command(
        name = "proof",
        description = {
            "Prints the proof that the key of a message is destroyed, as JSON.",
            "Whoever gets it checks it with \"verify\", without this server."
        },
        mixinStandardHelpOptions = true)
final class Proof extends DeskCommand {

    @Parameters(paramLabel = "MESSAGE", description = "the id of the message")
    private String message;

    @Override
    Answer work(Clerk clerk) {
        UUID id = Ids.parse(message)
                .orElseThrow(() -> Failure.INVALID.refused("This is not the id of a message: " + message + "."));
        if (clerk.isHeld(id)) {
            throw Failure.NOT_FOUND.refused("The message " + id + " is held: a legal hold keeps it from being"
                    + " destroyed, unseen by its users, until the hold is released.");
        }
        DeletionProof proof = clerk.record().prove(id).orElseThrow(() -> unknown(id, Instant.now()));
        ObjectNode file = ProofFile.write(proof);
        return new Answer(ProofFile.lines(file), List.of(file));
    }

    private static Refused unknown(UUID id, Instant now) {
        String fate = DeletionProof.slice(id).map(slice -> fate(slice, now)).orElse("no message has such an id");
        return Failure.NOT_FOUND.refused("Nothing is recorded of the message " + id + ": " + fate + ".");
    }

    private static String fate(Slice slice, Instant now) {
        if (!slice.term().ends()) {
            return "it is kept until somebody takes it back, or it never was";
        }
        return slice.end().isAfter(now)
                ? "it is alive, and its key will be destroyed after " + slice.end() + ", or it never was"
                : "its key was to be destroyed after " + slice.end()
                        + ", which is still to be done if the server did not run, or it never was";
    }
}
