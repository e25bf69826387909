package ephemera.server.cli;

import ephemera.core.directory.Client;
import ephemera.core.directory.ClientEnrolment.Enrolled;
import java.util.ArrayList;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** The commands on clients: applications that call with access tokens. */
@Command(
        name = "client",
        description = "Makes, lists and revokes the clients of applications that call with access tokens.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            ClientCommand.Create.class,
            ClientCommand.List.class,
            ClientCommand.Revoke.class,
            ClientCommand.NewSecret.class
        })
final class ClientCommand {

    /** Makes a client. */
    @Command(
            name = "create",
            description = "Makes a client of an organization; the secret is told this once.",
            mixinStandardHelpOptions = true)
    static final class Create extends DeskCommand {

        @Option(
                names = "--org",
                paramLabel = "TOKEN",
                required = true,
                description = "the token of the organization, as \"org list\" shows it")
        private String organization;

        @Option(names = "--name", paramLabel = "NAME", required = true, description = "what people call it")
        private String name;

        @Option(
                names = "--redirect",
                paramLabel = "URI",
                description = "where people who let it act for them are sent back to; may be given several times")
        private java.util.List<String> redirects = new ArrayList<>();

        @Override
        Answer work(Clerk clerk) {
            return secret(clerk.clientEnrolment().client(clerk.organization(organization), name, redirects));
        }
    }

    /** Lists clients. */
    @Command(name = "list", description = "Lists the clients.", mixinStandardHelpOptions = true)
    static final class List extends DeskCommand {

        @Option(names = "--org", paramLabel = "TOKEN", description = "only those of this organization")
        private Optional<String> organization;

        @Override
        Answer work(Clerk clerk) {
            return Answer.ofAll(clerk.clients().of(organization.map(clerk::organization)).stream()
                    .map(List::json)
                    .toList());
        }

        private static ObjectNode json(Client client) {
            return Answer.object()
                    .put("client_id", client.id().toString())
                    .put("organization", client.organization().token())
                    .put("name", client.name());
        }
    }

    /** Revokes a client. */
    @Command(
            name = "revoke",
            description = "Revokes a client: its secret and all its tokens are worth nothing any more.",
            mixinStandardHelpOptions = true)
    static final class Revoke extends DeskCommand {

        @Parameters(paramLabel = "CLIENT_ID", description = "the client, as \"client list\" shows it")
        private String id;

        @Override
        Answer work(Clerk clerk) {
            clerk.clientEnrolment().revoke(id);
            return new Answer(
                    java.util.List.of("The client " + id + " is revoked."),
                    java.util.List.of(Answer.object().put("client_id", id)));
        }
    }

    /** Gives a client a new secret. */
    @Command(
            name = "secret",
            description = "Gives a client a new secret, told this once; the old one is worth nothing any more, and"
                    + " tokens that it got stay.",
            mixinStandardHelpOptions = true)
    static final class NewSecret extends DeskCommand {

        @Parameters(paramLabel = "CLIENT_ID", description = "the client, as \"client list\" shows it")
        private String id;

        @Override
        Answer work(Clerk clerk) {
            return secret(clerk.clientEnrolment().newSecret(id));
        }
    }

    private static Answer secret(Enrolled enrolled) {
        return Answer.of(Answer.object()
                .put("client_id", enrolled.client().id().toString())
                .put("client_secret", enrolled.secret()));
    }
}
