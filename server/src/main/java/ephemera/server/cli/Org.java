package ephemera.server.cli;

import ephemera.core.directory.Organization;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** The commands on organizations. */
@Command(
        name = "org",
        description = "Makes and lists organizations.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {Org.Create.class, Org.List.class})
final class Org {

    /** Makes an organization. */
    @Command(
            name = "create",
            description = "Makes an organization, and the database too where there is none.",
            mixinStandardHelpOptions = true)
    static final class Create extends DeskCommand {

        @Option(names = "--name", paramLabel = "NAME", required = true, description = "what people call it")
        private String name;

        @Override
        boolean createsDatabase() {
            return true;
        }

        @Override
        Answer work(Clerk clerk) {
            return Answer.of(json(clerk.found(name)));
        }
    }

    /** Lists the organizations. */
    @Command(name = "list", description = "Lists the organizations.", mixinStandardHelpOptions = true)
    static final class List extends DeskCommand {

        @Override
        Answer work(Clerk clerk) {
            return Answer.ofAll(
                    clerk.people().organizations().stream().map(Org::json).toList());
        }
    }

    private static ObjectNode json(Organization organization) {
        return Answer.object().put("token", organization.id().token()).put("name", organization.name());
    }
}
