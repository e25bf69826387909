package ephemera.server.cli;

import ephemera.core.Failure;
import ephemera.core.Lifespan;
import ephemera.core.directory.Organization;
import ephemera.core.directory.Policy;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** The commands on organizations. */
@Command(
        name = "org",
        description = "Makes and lists organizations, and changes their policies.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {Org.Create.class, Org.Rules.class, Org.List.class})
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

    /** Changes the policy of an organization. */
    @Command(
            name = "policy",
            description = "Shows the policy of an organization, and changes what is named.",
            mixinStandardHelpOptions = true)
    static final class Rules extends DeskCommand {

        @Parameters(paramLabel = "TOKEN", description = "the token of the organization, as \"org list\" shows it")
        private String token;

        @Option(names = "--lifespan", paramLabel = "MINUTES", description = "of messages whose senders ask for none")
        private Optional<Integer> standard;

        @Option(names = "--shortest", paramLabel = "MINUTES", description = "the shortest lifespan to ask for")
        private Optional<Integer> shortest;

        @Option(names = "--longest", paramLabel = "MINUTES", description = "the longest lifespan to ask for")
        private Optional<Integer> longest;

        @Option(
                names = "--kept",
                arity = "1",
                paramLabel = "true|false",
                description = "whether messages whose senders ask for no lifespan are kept until they are recalled")
        private Optional<Boolean> kept;

        @Option(
                names = "--strict",
                arity = "1",
                paramLabel = "true|false",
                description = "whether what a delete-on-read message says is told once to each recipient who asks for"
                        + " it, and not by streams")
        private Optional<Boolean> strict;

        @Override
        Answer work(Clerk clerk) {
            Organization old = clerk.people().organization(clerk.organization(token)).orElseThrow();
            Policy policy = changed(old.policy());
            if (!policy.equals(old.policy())) {
                clerk.people().update(new Organization(old.id(), old.name(), policy));
            }
            return Answer.of(json(old)
                    .put("lifespan", policy.standard().minutes())
                    .put("shortest", policy.shortest().minutes())
                    .put("longest", policy.longest().minutes())
                    .put("deleteOnRead", policy.deleteOnRead())
                    .put("forwarding", policy.forwarding())
                    .put("attachments", policy.attachments())
                    .put("kept", policy.kept())
                    .put("strict", policy.strict()));
        }

        private Policy changed(Policy policy) {
            try {
                return new Policy(
                        standard.map(Lifespan::new).orElse(policy.standard()),
                        shortest.map(Lifespan::new).orElse(policy.shortest()),
                        longest.map(Lifespan::new).orElse(policy.longest()),
                        policy.deleteOnRead(),
                        policy.forwarding(),
                        policy.attachments(),
                        kept.orElse(policy.kept()),
                        strict.orElse(policy.strict()));
            } catch (IllegalArgumentException e) {
                throw Failure.INVALID.refused("This is no policy: " + e.getMessage() + ".");
            }
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
