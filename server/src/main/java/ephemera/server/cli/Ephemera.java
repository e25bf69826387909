package ephemera.server.cli;

import picocli.CommandLine.Command;

/** The program's name, under which its commands stand. */
@Command(
        name = "ephemera",
        description = "A messaging server whose messages really go away.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {Serve.class, Org.class, User.class, Key.class, ClientCommand.class, Proof.class, Verify.class,
            RecordCommand.class, HoldCommand.class, WebhookCommand.class,
            Backups.Data.class, Backups.Keys.class, Backups.Back.class, RootKeyCommand.class,
            Checkup.class, ShowConfig.class})
public final class Ephemera {}
