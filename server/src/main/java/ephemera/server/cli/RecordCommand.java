package ephemera.server.cli;

import ephemera.core.vault.SignatureKey;
import ephemera.server.StartFailure;
import ephemera.server.store.RecordCheck;
import java.util.List;
import picocli.CommandLine.Command;

/** The commands on the deletion record. */
@Command(
        name = "record",
        description = "Checks the deletion record, and tells with which key it is signed.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {RecordCommand.Check.class, RecordCommand.Key.class})
final class RecordCommand {

    /** Walks the record. */
    @Command(
            name = "check",
            description = {
                "Walks the whole deletion record: hashes, signatures, and the roots of its days.",
                "Ends with 0 if it is whole; otherwise tells where it is broken first, and ends with 1."
            },
            mixinStandardHelpOptions = true)
    static final class Check extends DeskCommand {

        @Override
        Answer work(Clerk clerk) {
            return switch (clerk.record().check()) {
                case RecordCheck.Finding.Whole(long entries, long days, var head) ->
                        new Answer(
                                List.of("The deletion record is whole: entries " + entries + ", signed days " + days
                                        + ", head " + head + "."),
                                List.of(Answer.object()
                                        .put("entries", entries)
                                        .put("days", days)
                                        .put("head", head.hex())));
                case RecordCheck.Finding.Broken(String where) ->
                        throw new StartFailure("The deletion record is broken: somebody changed it past the server. "
                                + where);
            };
        }
    }

    /** Tells with which key the record is signed. */
    @Command(
            name = "key",
            description = {
                "Prints the public key with which the deletion record is signed, and its fingerprint.",
                "Publish the fingerprint: \"verify --key\" accepts proofs of that key only."
            },
            mixinStandardHelpOptions = true)
    static final class Key extends DeskCommand {

        @Override
        Answer work(Clerk clerk) {
            SignatureKey key = clerk.record().publicKey();
            return new Answer(
                    List.of("public key   " + key, "fingerprint  " + key.fingerprint()),
                    List.of(Answer.object()
                            .put("publicKey", key.base64())
                            .put("fingerprint", key.fingerprint().hex())));
        }
    }
}
