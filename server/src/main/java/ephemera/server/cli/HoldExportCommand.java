package ephemera.server.cli;

import ephemera.server.StartFailure;
import ephemera.server.store.Hold;
import ephemera.server.store.HoldExport;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Writes what a hold holds to a file. */
@Command(
        name = "export",
        description = {
            "Writes all that a hold holds to a ZIP file that only its owner can read: messages.jsonl, and attachments.",
            "Messages that are still alive are in it, too. Ends with 1 if anything that is held could not be read."
        },
        mixinStandardHelpOptions = true)
final class HoldExportCommand extends DeskCommand {

    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    @Parameters(index = "0", paramLabel = "HOLD", description = HoldCommand.HOLD)
    private String hold;

    @Parameters(index = "1", paramLabel = "FILE", description = "the file to make; it must not be there yet")
    private Path file;

    @Override
    Answer work(Clerk clerk) {
        Hold found = clerk.holds().find(HoldCommand.id(hold));
        if (found.releasedAt().isPresent()) {
            throw new StartFailure("The hold " + found.id() + " is released: nothing is held any more.");
        }
        HoldExport.Written written = write(clerk, found);
        if (written.missing() > 0) {
            throw new StartFailure("The file " + file + " has " + written.messages() + " messages and "
                    + written.attachments() + " attachments, but " + written.missing()
                    + " of what is held could not be read: the log of the server tells more.");
        }
        clerk.holds().exported(found.id());
        return new Answer(
                List.of("Wrote " + written.messages() + " messages and " + written.attachments() + " attachments to "
                        + file + ": it is readable now, so keep it as the law demands, and delete it then."),
                List.of(Answer.object()
                        .put("hold", found.id().toString())
                        .put("messages", written.messages())
                        .put("attachments", written.attachments())));
    }

    private HoldExport.Written write(Clerk clerk, Hold found) {
        boolean whole = false;
        boolean made = false;
        try (FileChannel channel = FileChannel.open(
                file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), PRIVATE)) {
            made = true;
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel));
            HoldExport.Written written = clerk.holdExport().write(found, out);
            out.flush();
            channel.force(true);
            whole = true;
            return written;
        } catch (FileAlreadyExistsException _) {
            throw new StartFailure("The file " + file + " is there already: give the name of a new one.");
        } catch (IOException e) {
            throw new StartFailure("The file " + file + " could not be written (" + e + ").", e);
        } finally {
            if (made && !whole) {
                discard();
            }
        }
    }

    /** Half an export is content in the open, and of use to nobody. */
    private void discard() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            System.getLogger(HoldExportCommand.class.getName())
                    .log(System.Logger.Level.WARNING, "The unfinished file " + file + " could not be deleted.", e);
        }
    }
}
