package ephemera.server.cli;

import ephemera.server.KeyStores;
import ephemera.server.StartFailure;
import ephemera.server.backup.Doctor;
import ephemera.server.config.Config;
import ephemera.server.keys.FileKeyStore;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Looks for what should be gone. */
@Command(
        name = "doctor",
        description = {
            "Looks through database, files and keys, while the server runs or not: for everything that is still there"
                    + " past its time, and for living messages that cannot be read.",
            "Ends with 0 if there is nothing, and with 1 if there is. Of a stopped server everything is there that has"
                    + " expired since: start it, and look again."
        },
        mixinStandardHelpOptions = true)
final class Checkup extends PlaceCommand {

    private static final int MOST_NAMES = 20;

    private boolean good;

    @Override
    int code() {
        return good ? 0 : 1;
    }

    @Override
    Answer work(Config config) {
        if (config.vault().keys() instanceof Config.Keys.Folder(var folder) && FileKeyStore.isEmpty(folder)) {
            throw new StartFailure("There are no keys in " + folder + ": see whether its disk is there, or start the"
                    + " server once.");
        }
        try (Desk desk = Desk.open(config, false);
                KeyStores.Opened keys = KeyStores.open(config.vault())) {
            Doctor.Report report = new Doctor(
                    desk.database(),
                    keys.store(),
                    files(config),
                    config.vault().earlyDeath())
                    .examine();
            good = report.isGood();
            return answer(report);
        } catch (UncheckedIOException e) {
            throw new StartFailure("The files cannot be looked through (" + e.getCause()
                    + "): run as the user who runs the server.", e);
        }
    }

    private static Answer answer(Doctor.Report report) {
        List<String> lines = new ArrayList<>();
        List<ObjectNode> objects = new ArrayList<>();
        for (Doctor.Finding finding : report.findings()) {
            lines.add("%-5s %8d  %s"
                    .formatted(
                            finding.isGood() ? "ok" : "WRONG",
                            finding.count(),
                            finding.kind().text()));
            finding.names().stream().limit(MOST_NAMES).forEach(name -> lines.add(" ".repeat(16) + name));
            ObjectNode object = Answer.object()
                    .put("check", finding.kind().name())
                    .put("count", finding.count())
                    .put("good", finding.isGood());
            ArrayNode names = object.putArray("names");
            finding.names().forEach(names::add);
            objects.add(object);
        }
        lines.add("Opened %d living messages; %d slices of time have keys. %s"
                .formatted(
                        report.messages(),
                        report.slices(),
                        report.isGood() ? "All is well." : "Something is wrong: see above."));
        return new Answer(lines, objects);
    }
}
