package ephemera.server.store.embedded;

import ephemera.server.StartFailure;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * As whom PostgreSQL runs; it refuses to run as root.
 *
 * <p>An ordinary user runs it directly. For root it runs in a user namespace, in which root is an ordinary user and the
 * files stay root's; where namespaces are not allowed (many containers) or the files belong to somebody else, as
 * another user who is given the folder {@code postgres}.
 */
sealed interface RunAs {

    /** The words that stand in front of every command. */
    List<String> prefix();

    /** Makes a file or a folder with all in it usable for PostgreSQL. */
    void handOver(Path tree) throws IOException;

    /** Runs a command of PostgreSQL to its end. */
    default Command.Outcome run(Path folder, List<String> words, String input) {
        return Command.run(folder, Stream.concat(prefix().stream(), words.stream()).toList(), input);
    }

    /** As the user who runs this program. */
    record Oneself() implements RunAs {
        @Override
        public List<String> prefix() {
            return List.of();
        }

        @Override
        public void handOver(Path tree) {
            // The files are ours, and so is the process.
        }
    }

    /** In a user namespace of its own: an ordinary user in there, the same user out here. */
    record OwnNamespace() implements RunAs {
        @Override
        public List<String> prefix() {
            return List.of("unshare", "-U");
        }

        @Override
        public void handOver(Path tree) {
            // The files are ours, and seen from outside so is the process.
        }
    }

    /** As another user. */
    record Somebody(String name, int uid, int gid) implements RunAs {
        @Override
        public List<String> prefix() {
            return List.of("setpriv", "--reuid=" + uid, "--regid=" + gid, "--clear-groups", "--inh-caps=-all");
        }

        @Override
        public void handOver(Path tree) throws IOException {
            if (PrivateFiles.uid(tree) != uid) {
                PrivateFiles.ownTree(tree, uid, gid);
            }
        }
    }

    /**
     * Chooses for the user who runs this program and makes the folder usable for the choice.
     *
     * @param postgres the folder {@code postgres}, which exists, in a data folder
     * @throws StartFailure when root finds no way that works
     */
    static RunAs choose(Path postgres) {
        try {
            Path data = postgres.getParent();
            if (!Who.isRoot()) {
                RunAs namespace = new OwnNamespace();
                // initdb wants a name for its user, which a container with an arbitrary user id does not have.
                return Who.hasName() || !works(namespace, postgres) ? new Oneself() : namespace;
            }
            // Folders that an ordinary user made stay that user's, also when root happens to start the server.
            for (Path path : List.of(postgres, data)) {
                if (PrivateFiles.uid(path) != 0) {
                    return somebody(Who.owner(path), postgres);
                }
            }
            RunAs namespace = new OwnNamespace();
            if (works(namespace, postgres)) {
                return namespace;
            }
            Somebody unprivileged = Who.named("ephemera").or(() -> Who.named("nobody"))
                    .orElseThrow(() -> new StartFailure(
                            "PostgreSQL does not run as root, and there is neither a user ephemera nor nobody:"
                                    + " add one with useradd --system ephemera, or run as an ordinary user."));
            return somebody(unprivileged, postgres);
        } catch (IOException e) {
            throw new StartFailure("The folder " + postgres + " cannot be prepared for PostgreSQL: " + e.getMessage()
                    + ".", e);
        }
    }

    /** Gives the folder to another user, and tries whether that is enough. */
    static Somebody somebody(Somebody other, Path postgres) throws IOException {
        if (!Command.run(Path.of("/"), withPrefix(other, "true")).succeeded()) {
            throw new StartFailure("PostgreSQL does not run as root, and neither \"unshare -U\" nor setpriv works here:"
                    + " install util-linux, or run as an ordinary user, or set database.url to a PostgreSQL of your"
                    + " own.");
        }
        Path data = PrivateFiles.folderOf(postgres);
        if (PrivateFiles.uid(data) != other.uid()) {
            letPass(data);
        }
        other.handOver(postgres);
        for (Path folder = Path.of("/");; folder = folder.resolve(folder.relativize(postgres).getName(0))) {
            if (!Command.run(Path.of("/"), withPrefix(other, "test", "-x", folder.toString())).succeeded()) {
                throw new StartFailure("PostgreSQL runs as the user " + other.name() + ", who may not enter " + folder
                        + ": allow it with chmod o+x " + folder + ", or give another folder with --data DIR.");
            }
            if (folder.equals(postgres)) {
                System.getLogger(RunAs.class.getName()).log(Level.INFO, "PostgreSQL runs as the user {0}",
                        other.name());
                return other;
            }
        }
    }

    private static boolean works(RunAs way, Path postgres) {
        Command.Outcome outcome = Command.run(Path.of("/"), withPrefix(way, "sh", "-c",
                "test \"$(id -u)\" -ne 0 && test -x \"$1\" && test -w \"$1\"", "sh", postgres.toString()));
        Logger log = System.getLogger(RunAs.class.getName());
        log.log(Level.DEBUG, "{0} works: {1}", way, outcome.succeeded());
        return outcome.succeeded();
    }

    private static List<String> withPrefix(RunAs way, String... words) {
        List<String> all = new ArrayList<>(way.prefix());
        all.addAll(List.of(words));
        return all;
    }

    /** Lets others pass through the data folder, but neither list nor read it. */
    private static void letPass(Path data) throws IOException {
        Set<PosixFilePermission> mode = EnumSet.copyOf(Files.getPosixFilePermissions(data));
        if (mode.add(PosixFilePermission.OTHERS_EXECUTE)) {
            Files.setPosixFilePermissions(data, mode);
        }
    }
}
