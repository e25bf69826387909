package ephemera.server.cli;

import ephemera.core.Failure;
import ephemera.core.Ids;
import ephemera.core.directory.OrganizationId;
import ephemera.server.store.Hold;
import ephemera.server.store.Holds;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** The commands on legal holds. */
@Command(
        name = "hold",
        description = "Keeps messages from being destroyed for a legal hold, and lets them go again.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {HoldCommand.Place.class, HoldCommand.List.class, HoldCommand.Show.class, HoldExportCommand.class,
            HoldCommand.Release.class})
final class HoldCommand {

    static final String HOLD = "the id of the hold, as \"hold list\" shows it";

    private HoldCommand() {}

    /** Places a hold. */
    @Command(
            name = "place",
            description = {
                "Places a hold: of the messages of a person or a conversation, none that is alive now or is sent from"
                        + " now on is destroyed before the release.",
                "They expire for users as before. A signed entry of the deletion record tells of the hold."
            },
            mixinStandardHelpOptions = true)
    static final class Place extends DeskCommand {

        @Option(
                names = "--org",
                paramLabel = "TOKEN",
                required = true,
                description = "the token of the organization, as \"org list\" shows it")
        private String organization;

        private Aim aim = new Aim();

        /** Takes what was typed. */
        @ArgGroup(multiplicity = "1")
        void aimAt(Aim typed) {
            aim = typed;
        }

        /** Whose messages. */
        static final class Aim {

            @Option(
                    names = "--person",
                    paramLabel = "TOKEN-OR-EMAIL",
                    description = "all that this member or contact wrote or was told")
            private Optional<String> person = Optional.empty();

            @Option(
                    names = "--conversation",
                    paramLabel = "TOKEN",
                    description = "all of this group, or other conversation")
            private Optional<String> conversation = Optional.empty();
        }

        @Override
        Answer work(Clerk clerk) {
            OrganizationId id = clerk.organization(organization);
            Hold.Target target = aim.person.<Hold.Target>map(text -> new Hold.Target.OfPerson(clerk.person(id, text)))
                    .or(() -> aim.conversation
                            .map(text -> new Hold.Target.OfConversation(clerk.conversation(id, text))))
                    .orElseThrow(() -> Failure.INVALID.refused("Give a person or a conversation."));
            return Answer.of(json(clerk.holds().place(id, target)));
        }
    }

    /** Lists the holds. */
    @Command(
            name = "list",
            description = "Lists the holds, also those that were released.",
            mixinStandardHelpOptions = true)
    static final class List extends DeskCommand {

        @Option(
                names = "--org",
                paramLabel = "TOKEN",
                description = "only those of this organization, by its token, as \"org list\" shows it")
        private Optional<String> organization;

        @Override
        Answer work(Clerk clerk) {
            Optional<OrganizationId> only = organization.map(clerk::organization);
            Stream<Hold> holds = clerk.holds().all().stream()
                    .filter(hold -> only.isEmpty() || only.get().equals(hold.organization()));
            return Answer.ofAll(holds.map(HoldCommand::json).toList());
        }
    }

    /** Tells how much a hold holds. */
    @Command(
            name = "show",
            description = "Tells how many messages a hold holds that are gone for everybody else, and how many live.",
            mixinStandardHelpOptions = true)
    static final class Show extends DeskCommand {

        @Parameters(paramLabel = "HOLD", description = HOLD)
        private String hold;

        @Override
        Answer work(Clerk clerk) {
            Hold found = clerk.holds().find(id(hold));
            Holds.Extent extent = clerk.holds().extent(found.id());
            return Answer.of(json(found)
                    .put("held", extent.messages())
                    .put("files", extent.attachments())
                    .put("lost", extent.lost())
                    .put("alive", extent.alive()));
        }
    }

    /** Releases a hold. */
    @Command(
            name = "release",
            description = {
                "Releases a hold: what it held is destroyed, unless another hold holds it too.",
                "A running server does that within a minute; without one, it is done when the command ends."
            },
            mixinStandardHelpOptions = true)
    static final class Release extends DeskCommand {

        @Parameters(paramLabel = "HOLD", description = HOLD)
        private String hold;

        @Override
        Answer answer(Desk desk) {
            Answer answer = super.answer(desk);
            desk.settleHolds();
            return answer;
        }

        @Override
        Answer work(Clerk clerk) {
            return Answer.of(json(clerk.holds().release(id(hold))));
        }
    }

    /** The id in what was typed. */
    static UUID id(String text) {
        return Ids.parse(text)
                .orElseThrow(() -> Failure.INVALID.refused("This is not the id of a hold: " + text + "."));
    }

    /** A hold as scripts see it; what has not happened is left out. */
    static ObjectNode json(Hold hold) {
        ObjectNode object = Answer.object()
                .put("hold", hold.id().toString())
                .put("org", hold.organization().token());
        switch (hold.target()) {
            case Hold.Target.OfPerson(var person) -> object.put("person", person.toString());
            case Hold.Target.OfConversation(var conversation) -> object.put("conversation", conversation.toString());
        }
        object.put("placed", hold.placedAt().toString());
        hold.exportedAt().ifPresent(at -> object.put("exported", at.toString()));
        hold.releasedAt().ifPresent(at -> object.put("released", at.toString()));
        hold.destroyedAt().ifPresent(at -> object.put("destroyed", at.toString()));
        return object;
    }
}
