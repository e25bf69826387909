package ephemera.server.cli;

import ephemera.core.Failure;
import ephemera.core.directory.Credential;
import ephemera.core.directory.Credentials;
import ephemera.core.directory.KeyPair;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** The commands on keys. */
@Command(
        name = "key",
        description = "Makes, lists and revokes the keys of programs and sessions.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {Key.Create.class, Key.List.class, Key.Revoke.class})
final class Key {

    /** Makes a key. */
    @Command(
            name = "create",
            description = "Makes a key for a program that acts for a member; the secret is told this once.",
            mixinStandardHelpOptions = true)
    static final class Create extends DeskCommand {

        @Option(names = "--user", paramLabel = "TOKEN-OR-EMAIL", required = true, description = "whose key")
        private String address;

        @Override
        Answer work(Clerk clerk) {
            KeyPair pair = clerk.signIn().issueKey(clerk.member(address).id());
            return Answer.of(Answer.object().put("key", pair.key()).put("secret", pair.secret()));
        }
    }

    /** Lists keys. */
    @Command(
            name = "list",
            description = "Lists a member's keys: those of programs and those of open sessions, since when they are"
                    + " good, and with which key a session was opened.",
            mixinStandardHelpOptions = true)
    static final class List extends DeskCommand {

        @Option(names = "--user", paramLabel = "TOKEN-OR-EMAIL", required = true, description = "whose keys")
        private String address;

        @Override
        Answer work(Clerk clerk) {
            return Answer.ofAll(clerk.credentials().of(clerk.member(address).id()).stream()
                    .map(List::json)
                    .toList());
        }

        private static ObjectNode json(Credentials.Listed listed) {
            Credential credential = listed.credential();
            ObjectNode json = Answer.object()
                    .put("key", credential.key())
                    .put("kind", credential.kind().name().toLowerCase(Locale.ROOT))
                    .put("since", listed.since().truncatedTo(ChronoUnit.SECONDS).toString());
            credential.openedWith().ifPresent(key -> json.put("opened_with", key));
            return json;
        }
    }

    /** Revokes a key. */
    @Command(
            name = "revoke",
            description = "Revokes a key with the sessions that were opened with it: they open nothing any more, and"
                    + " their streams end.",
            mixinStandardHelpOptions = true)
    static final class Revoke extends DeskCommand {

        @Parameters(paramLabel = "KEY", description = "the key, as \"key list\" shows it")
        private String key;

        @Override
        Answer work(Clerk clerk) {
            if (!clerk.credentials().revoke(key)) {
                throw Failure.NOT_FOUND.refused("There is no key " + key + ": \"key list\" shows a member's keys.");
            }
            return new Answer(
                    java.util.List.of("The key " + key + " is revoked."),
                    java.util.List.of(Answer.object().put("key", key)));
        }
    }
}
