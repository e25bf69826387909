package ephemera.acceptance;

import ephemera.acceptance.client.Credentials;
import ephemera.acceptance.client.Tiger;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.stream.Stream;

/**
 * The one server that most tests share: started by the first that needs it, ended with the JVM.
 *
 * <p>Tests do not disturb each other because each takes people that nobody else has. Thread-safe.
 */
public final class TheServer {

    private static final int PEOPLE = 1_200;
    private static final int STRANGERS = 60;

    private static final TheServer INSTANCE = new TheServer();

    private final ServerProcess process;
    private final Demo demo;
    private final String foreignOrganization;
    private final Deque<Credentials> people = new ConcurrentLinkedDeque<>();
    private final Deque<Credentials> strangers = new ConcurrentLinkedDeque<>();

    private TheServer() {
        try {
            Path folder = Files.createTempDirectory("ephemera-test");
            process = ServerProcess.startDemo(folder.resolve("data"));
            Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(folder)));
        } catch (IOException e) {
            throw new UncheckedIOException("no folder for the server's data", e);
        }
        demo = process.demo();
        foreignOrganization = process.commands().createOrganization("Somebody Else");
        people.addAll(process.commands().importPeople(demo.organization(), "person", PEOPLE));
        strangers.addAll(process.commands().importPeople(foreignOrganization, "stranger", STRANGERS));
    }

    /** The process, for its address, its commands and its files; nobody but this class ends it. */
    public static ServerProcess process() {
        return INSTANCE.process;
    }

    /** A client of nobody in particular. */
    public static Tiger anybody() {
        return Tiger.at(INSTANCE.process.url());
    }

    /** A client of somebody. */
    public static Tiger as(Credentials somebody) {
        return anybody().as(somebody);
    }

    /** Somebody of the organization of {@link #administrator()}, whom no other test has. */
    public static Credentials somebody() {
        return take(INSTANCE.people);
    }

    /** Somebody of another organization, whom no other test has. */
    public static Credentials stranger() {
        return take(INSTANCE.strangers);
    }

    /** The administrator of the organization, shared by all tests. */
    public static Credentials administrator() {
        return INSTANCE.demo.members().getFirst().credentials();
    }

    /** The demo's members with logins and passwords, shared by all tests. */
    public static List<Demo.Member> demoMembers() {
        return INSTANCE.demo.members();
    }

    /** The token of the organization. */
    public static String organization() {
        return INSTANCE.demo.organization();
    }

    /** The token of the other organization. */
    public static String foreignOrganization() {
        return INSTANCE.foreignOrganization;
    }

    private static Credentials take(Deque<Credentials> pool) {
        return Optional.ofNullable(pool.poll())
                .orElseThrow(() -> new IllegalStateException("the tests need more people: raise the number here"));
    }

    /** Removes a folder with everything in it; what a process still writes there may stay. */
    private static void remove(Path folder) {
        INSTANCE.process.close();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            System.getLogger(TheServer.class.getName())
                    .log(System.Logger.Level.INFO, "some files of the test's data folder stay", e);
        }
    }
}
