package ephemera.server.cli;

import ephemera.server.KeyStores;
import ephemera.server.StartFailure;
import ephemera.server.backup.OneAtATime;
import ephemera.server.backup.RestoreMark;
import ephemera.server.config.Config;
import ephemera.server.keys.FileKeyStore;
import ephemera.server.keys.RootKey;
import ephemera.server.keys.RootPlace;
import ephemera.server.store.embedded.DataFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The commands on the root key. */
@Command(
        name = "root-key",
        description = "Changes the key that everything in the key store is sealed with.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = RootKeyCommand.Change.class)
final class RootKeyCommand {

    private RootKeyCommand() {}

    /** Changes the root key. */
    @Command(
            name = "change",
            description = {
                "Seals everything in the key store with a new root key, while no server runs.",
                "The old one is that of the configuration. Without options the new one takes its place in the same"
                        + " file, and nothing has to be configured anew. The old one is overwritten and removed, unless"
                        + " it is in a place of your own: then that is yours to do.",
                "If it is interrupted, run the same command again, with the same configuration. Make a new backup of"
                        + " the keys afterwards, with \"backup-keys\"."
            },
            mixinStandardHelpOptions = true)
    static final class Change extends PlaceCommand {

        @Option(
                names = "--to-file",
                paramLabel = "FILE",
                description = "the file for the new root key; it is made if there is none")
        private Optional<Path> file = Optional.empty();

        @Option(
                names = "--to-env",
                paramLabel = "VARIABLE",
                description = "an environment variable of this command that has the new root key, 32 bytes in Base64")
        private Optional<String> variable = Optional.empty();

        @Option(
                names = "--to-kms",
                paramLabel = "URI",
                description = "the key of a key management service that seals the new root key, which is kept in the"
                        + " same file as the old one or in that of --to-file")
        private Optional<String> service = Optional.empty();

        @Option(
                names = "--kms-credentials",
                paramLabel = "FILE",
                description = "the credentials for that service; without, what the vendor's library finds by itself")
        private Optional<Path> credentials = Optional.empty();

        @Override
        Answer work(Config config) {
            new RestoreMark(config.data()).requireNone();
            requireKeys(config.vault().keys());
            RootPlace from = KeyStores.rootPlace(config.vault().root());
            RootPlace to = to(from);
            try (OneAtATime _ = new OneAtATime(config.data());
                    DataFolder _ = claimed(config.data())) {
                requireNotServed(config);
                long keys = KeyStores.changeRoot(config.vault(), to);
                List<String> lines = new ArrayList<>();
                lines.add("%d keys are sealed with the new root key; the old one opens none of them.".formatted(keys));
                lines.addAll(new Remarks(from, to).lines());
                return new Answer(lines, List.of(Answer.object().put("keys", keys)));
            }
        }

        private static void requireKeys(Config.Keys keys) {
            if (keys instanceof Config.Keys.Folder(var folder) && FileKeyStore.isEmpty(folder)) {
                throw new StartFailure("There are no keys in " + folder + ": see whether its disk is there, or start"
                        + " the server once.");
            }
        }

        private static DataFolder claimed(Path data) {
            DataFolder.peek(data)
                    .filter(holder -> holder.purpose() == DataFolder.Purpose.SERVER)
                    .ifPresent(holder -> {
                        throw new StartFailure("The root key cannot be changed while the server runs, and " + holder
                                + " uses " + data + ": stop it first.");
                    });
            return DataFolder.claim(data, DataFolder.Purpose.COMMAND);
        }

        /** The bundled database is that of the data folder, and of nobody else. */
        private static void requireNotServed(Config config) {
            if (config.database() instanceof Config.Database.External) {
                try (Desk desk = Desk.openForRestore(config)) {
                    if (desk.database().isServed()) {
                        throw new StartFailure("The root key cannot be changed while a server runs, and one uses this"
                                + " database: stop it first.");
                    }
                }
            }
        }

        private RootPlace to(RootPlace from) {
            if (variable.isPresent() && (file.isPresent() || service.isPresent())) {
                throw new StartFailure("The new root key is either in a variable or in a file: give --to-env alone.");
            }
            if (credentials.isPresent() && service.isEmpty()) {
                throw new StartFailure("Credentials are for a key management service: give --to-kms too.");
            }
            if (variable.isPresent()) {
                return new RootPlace.Given(given(variable.get()));
            }
            if (service.isPresent()) {
                Path place = file.map(Change::absolute).or(() -> file(from)).orElseThrow(() -> new StartFailure(
                        "The service seals the new root key and does not keep it: give a file for it with --to-file."));
                return new RootPlace.InFile(
                        place,
                        service.map(uri -> new RootPlace.Service(uri, credentials.map(Change::absolute))),
                        true);
            }
            if (file.isPresent()) {
                RootPlace there = new RootPlace.InFile(absolute(file.get()), Optional.empty(), false);
                if (file(there).equals(file(from)) && service(from).isEmpty()) {
                    throw new StartFailure("The root key is in " + file.get() + " already: leave --to-file out to put a"
                            + " new one in its place.");
                }
                return there;
            }
            if (from instanceof RootPlace.InFile here) {
                return here;
            }
            throw new StartFailure("The root key is given by vault.root.key, which this command cannot change: say"
                    + " where the new one is with --to-env, --to-file or --to-kms.");
        }

        private static Path absolute(Path path) {
            return path.toAbsolutePath().normalize();
        }

        private static RootKey given(String name) {
            String value = Optional.ofNullable(System.getenv(name))
                    .orElseThrow(() -> new StartFailure("There is no environment variable " + name + ": put the new"
                            + " root key into it, for example what 'openssl rand -base64 32' prints."));
            return RootKey.ofEnvironment(name, value);
        }
    }

    private static Optional<Path> file(RootPlace place) {
        return place instanceof RootPlace.InFile here ? Optional.of(here.file()) : Optional.empty();
    }

    private static Optional<RootPlace.Service> service(RootPlace place) {
        return place instanceof RootPlace.InFile here ? here.service() : Optional.empty();
    }

    /** What the operator has to know, and to do, after a change. */
    private record Remarks(RootPlace from, RootPlace to) {

        List<String> lines() {
            List<String> lines = new ArrayList<>();
            lines.add(configuration());
            lines.add(remains());
            lines.add("Every backup of the keys so far needs the old root key, and opens with it what it opened: make a"
                    + " new one over it now, with \"backup-keys\".");
            return lines;
        }

        private String configuration() {
            List<String> settings = new ArrayList<>();
            switch (to) {
                case RootPlace.Given _ -> settings.add("vault.root.key (EPHEMERA_VAULT_ROOT_KEY) to the new root"
                        + " key, which you also keep where it is safe");
                case RootPlace.InFile(var path, var service, _) -> {
                    if (!file(from).equals(Optional.of(path))) {
                        settings.add("vault.root.file to " + path);
                    }
                    service.filter(_ -> !service(from).equals(service))
                            .ifPresent(address -> settings.addAll(settings(address)));
                }
            }
            if (from instanceof RootPlace.Given && to instanceof RootPlace.InFile) {
                settings.add("vault.root.key (EPHEMERA_VAULT_ROOT_KEY) no longer");
            }
            if (service(from).isPresent() && service(to).isEmpty() && to instanceof RootPlace.InFile) {
                settings.add("vault.root.kms no longer");
            }
            return settings.isEmpty()
                    ? "The new one is in " + file(to).map(Path::toString).orElse("") + ", as configured."
                    : "Before the server starts, set " + String.join(", and ", settings) + ".";
        }

        private static List<String> settings(RootPlace.Service service) {
            List<String> settings = new ArrayList<>(List.of("vault.root.kms to " + service.uri()));
            service.credentials().ifPresent(path -> settings.add("vault.root.credentials to " + path));
            return settings;
        }

        private String remains() {
            return switch (from) {
                case RootPlace.Given _ -> "The old one is wherever you keep it: destroy it there.";
                case RootPlace.InFile(var path, _, boolean ours) ->
                        ours || file(to).equals(Optional.of(path))
                                ? "The old one was overwritten and removed."
                                : "The old one is still in " + path + ": overwrite and remove it, for example with"
                                        + " 'shred -u'.";
            };
        }
    }
}
