package ephemera.server.cli;

import ephemera.core.vault.Deletion;
import ephemera.core.vault.DeletionProof;
import ephemera.core.vault.Digest;
import ephemera.server.StartFailure;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Checks a proof of deletion, with nothing but the file. */
@Command(
        name = "verify",
        description = {
            "Checks a proof that \"proof\" printed, without any server.",
            "Ends with 0 if it holds, and with 1 if it does not."
        },
        mixinStandardHelpOptions = true)
final class Verify implements Runnable {

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "the file with the proof; - for standard input")
    private Path file;

    @Option(
            names = "--key",
            paramLabel = "FINGERPRINT",
            converter = Fingerprint.class,
            description = "who must have signed: the fingerprint that \"record key\" prints on the server")
    private Optional<Digest> key;

    /** A fingerprint as people pass it on: digits in any case, perhaps with colons between them. */
    static final class Fingerprint implements ITypeConverter<Digest> {

        @Override
        public Digest convert(String text) {
            return Digest.parse(text.replace(":", "").toLowerCase(Locale.ROOT))
                    .orElseThrow(() -> new TypeConversionException("a fingerprint is 64 hexadecimal digits"));
        }
    }

    @Override
    public void run() {
        DeletionProof proof = ProofFile.read(bytes());
        proof.flaw().ifPresent(flaw -> {
            throw new StartFailure("The proof does not hold. " + flaw);
        });
        Digest signer = proof.signer().fingerprint();
        if (key.isPresent() && !key.get().equals(signer)) {
            throw new StartFailure("The proof was signed by somebody else, whose key has the fingerprint " + signer
                    + ".");
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(sentence(proof));
        if (out.checkError() || System.out.checkError()) {
            throw new StartFailure("The proof holds, but the output could not be written:"
                    + " see to the place that it goes to.");
        }
    }

    private byte[] bytes() {
        try (InputStream in = file.toString().equals("-") ? System.in : Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(ProofFile.MOST_BYTES + 1);
            if (bytes.length > ProofFile.MOST_BYTES) {
                throw new StartFailure("This is no proof: it is too long.");
            }
            return bytes;
        } catch (IOException e) {
            throw new StartFailure("The file " + file + " cannot be read: check that it is there and yours.", e);
        }
    }

    private String sentence(DeletionProof proof) {
        Deletion entry = proof.entry();
        String signer = "signed by the key " + proof.signer().fingerprint()
                + (key.isPresent() ? "" : ", which is the server's if its \"record key\" prints the same");
        return "The proof holds: " + what(proof) + " at " + entry.draft().destroyedAt() + " (entry "
                + entry.sequence() + " of " + proof.day().day() + (proof.day().complete() ? "" : ", interim") + "; "
                + signer + ").";
    }

    private static String what(DeletionProof proof) {
        Deletion.Draft draft = proof.entry().draft();
        return switch (draft.kind()) {
            case MESSAGE ->
                    "the key of the message " + proof.message() + " was destroyed, since the message "
                            + why(draft.reason()) + ",";
            case SLICE ->
                    "all keys of the slice " + draft.subject() + ", which is that of the message " + proof.message()
                            + ", were destroyed";
            case EPOCH, HOLD -> throw new IllegalStateException("such an entry proves nothing");
        };
    }

    private static String why(Deletion.Reason reason) {
        return switch (reason) {
            case EXPIRED -> "had expired";
            case READ -> "had been read";
            case RECALLED -> "had been taken back";
            case REMOVED -> "had been deleted";
            case ERASED -> "was that of a person who was erased";
            case HELD -> "had been held";
            case RELEASED -> "was no longer held";
        };
    }
}
