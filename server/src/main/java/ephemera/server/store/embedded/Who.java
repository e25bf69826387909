package ephemera.server.store.embedded;

import ephemera.server.StartFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The users of this machine, as {@code id} knows them. */
final class Who {

    private Who() {
    }

    static boolean isRoot() {
        return number(Command.run(Path.of("/"), List.of("id", "-u")))
                .orElseThrow(() -> new StartFailure("The command id does not work: install coreutils.")) == 0;
    }

    /** Whether the user who runs this program has an entry in the user database. */
    static boolean hasName() {
        return Command.run(Path.of("/"), List.of("id", "-un")).succeeded();
    }

    static Optional<RunAs.Somebody> named(String name) {
        Optional<Integer> uid = number(Command.run(Path.of("/"), List.of("id", "-u", name)));
        Optional<Integer> gid = number(Command.run(Path.of("/"), List.of("id", "-g", name)));
        return uid.flatMap(u -> gid.map(g -> new RunAs.Somebody(name, u, g)));
    }

    static RunAs.Somebody owner(Path file) throws IOException {
        int uid = PrivateFiles.uid(file);
        return new RunAs.Somebody("with id " + uid, uid, PrivateFiles.gid(file));
    }

    private static Optional<Integer> number(Command.Outcome outcome) {
        return outcome.succeeded() ? Optional.of(Integer.valueOf(outcome.lastLine())) : Optional.empty();
    }
}
