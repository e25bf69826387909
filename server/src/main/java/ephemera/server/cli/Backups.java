package ephemera.server.cli;

import ephemera.server.KeyStores;
import ephemera.server.StartFailure;
import ephemera.server.backup.Backup;
import ephemera.server.backup.KeysFile;
import ephemera.server.backup.OneAtATime;
import ephemera.server.backup.Restore;
import ephemera.server.config.Config;
import ephemera.server.keys.FileKeyStore;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands that make backups and bring them back. */
final class Backups {

    private Backups() {}

    /** Backs up everything but the keys. */
    @Command(
            name = "backup",
            description = {
                "Writes a backup of database and files, while the server runs or not.",
                "It holds no keys: what expires or is recalled can then be read from it by nobody, so it may be kept as"
                        + " long as you like. To restore it, make a backup of the keys too, with \"backup-keys\"."
            },
            mixinStandardHelpOptions = true)
    static final class Data extends PlaceCommand {

        @Parameters(paramLabel = "FILE", description = "the backup; it replaces what is there")
        private Path file;

        @Override
        Answer work(Config config) {
            try (OneAtATime _ = new OneAtATime(config.data());
                    Desk desk = Desk.open(config, false)) {
                Backup.Written written =
                        new Backup(desk.database(), files(config), Clock.systemUTC()).write(file.toAbsolutePath());
                return new Answer(
                        List.of("Backed up %d rows and %d files: %s has %d bytes. It holds no keys; make a backup of"
                                .formatted(written.rows(), written.files(), file, written.bytes())
                                + " them with \"backup-keys\"."),
                        List.of(Answer.object()
                                .put("rows", written.rows())
                                .put("files", written.files())
                                .put("bytes", written.bytes())));
            }
        }
    }

    /** Backs up the keys. */
    @Command(
            name = "backup-keys",
            description = {
                "Writes a backup of the keys, while the server runs or not, and erases the one that it replaces.",
                "Keep the newest one only, and never beside a backup of the data. An older one still opens what has"
                        + " expired, or was read or recalled, since it was made: with it and a backup of the data,"
                        + " messages that are gone can be read again. So give the same FILE each time, and let no other"
                        + " copy of it stay anywhere.",
                "Make it often, for example each hour: messages that are sent after it may not come back."
            },
            mixinStandardHelpOptions = true)
    static final class Keys extends PlaceCommand {

        @Parameters(paramLabel = "FILE", description = "the backup; what is there is overwritten and removed")
        private Path file;

        @Override
        Answer work(Config config) {
            // Opening it would make a store where there is none, and its backup would replace a good one.
            if (config.vault().keys() instanceof Config.Keys.Folder(var folder) && FileKeyStore.isEmpty(folder)) {
                throw new StartFailure("There are no keys in " + folder + ": see whether its disk is there. The backup"
                        + " that you have stays as it is.");
            }
            try (OneAtATime _ = new OneAtATime(config.data());
                    KeyStores.Opened keys = KeyStores.open(config.vault())) {
                long bytes = new KeysFile(file).write(keys.store(), config.vault().root(), Clock.systemUTC());
                return new Answer(
                        List.of("Backed up the keys: %s has %d bytes.".formatted(file, bytes)
                                + (KeysFile.hasRoot(config.vault().root())
                                        ? ""
                                        : " The root key is not in it: keep that one by itself.")),
                        List.of(Answer.object().put("bytes", bytes)));
            }
        }
    }

    /** Restores. */
    @Command(
            name = "restore",
            description = {
                "Puts a backup and its keys into an empty data folder.",
                "What is alive comes back, and nothing that has expired, or was read or recalled before the keys were"
                        + " backed up. If it is interrupted, run the same command again."
            },
            mixinStandardHelpOptions = true)
    static final class Back extends PlaceCommand {

        @Option(names = "--backup", paramLabel = "FILE", required = true, description = "what \"backup\" wrote")
        private Path backup;

        @Option(names = "--keys", paramLabel = "FILE", required = true, description = "what \"backup-keys\" wrote")
        private Path keys;

        @Override
        Answer work(Config config) {
            Restore.Restored restored;
            try (Restore restore = new Restore(backup, keys);
                    Desk desk = Desk.openForRestore(config)) {
                restored = restore.into(config.data(), desk.database(), config.vault(), desk::keyStore);
            }
            List<String> lines = new ArrayList<>();
            lines.add("Restored the backup of %s with the keys of %s: %d messages with their contents, %d files."
                    .formatted(
                            restored.takenAt(), restored.keysTakenAt(), restored.messages(), restored.files()));
            lines.add("Left out: %d messages that have expired, besides those of epochs that are over, and %d whose"
                    .formatted(restored.expired(), restored.keyless()) + " keys are gone.");
            if (restored.keysTakenAt().isBefore(restored.takenAt())) {
                lines.add("The keys are older than the backup: messages sent in between may be among those left out.");
            }
            return new Answer(
                    lines,
                    List.of(Answer.object()
                            .put("takenAt", restored.takenAt().toString())
                            .put("keysTakenAt", restored.keysTakenAt().toString())
                            .put("messages", restored.messages())
                            .put("files", restored.files())
                            .put("expired", restored.expired())
                            .put("withoutKeys", restored.keyless())));
        }
    }
}
