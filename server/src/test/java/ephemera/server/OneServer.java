package ephemera.server;

import ephemera.core.directory.ClientEnrolment;
import ephemera.core.directory.Enrolment;
import ephemera.core.directory.KeyPair;
import ephemera.core.directory.Organization;
import ephemera.core.directory.Person;
import ephemera.core.directory.Policy;
import ephemera.server.config.Config;
import ephemera.server.http.Route;
import ephemera.server.store.embedded.CopiedDataFolder;
import ephemera.server.store.embedded.PostgresAccess;
import ephemera.server.store.embedded.StandaloneAccess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * A real server with its PostgreSQL in this process, on a temporary data folder and free ports, started once for all
 * tests.
 *
 * <p>It has two organizations, the clinic and the office. Tests make their own people and so do not disturb each other.
 * It is closed when the process ends. Thread-safe.
 */
public final class OneServer {

    private static final AtomicLong NUMBERS = new AtomicLong();

    private final Server server;
    private final PostgresAccess postgres;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Organization clinic;
    private final Organization office;

    /**
     * Somebody who signs in.
     *
     * @param person as they were made
     * @param keys of a program that acts for them
     */
    public record Member(Person person, KeyPair keys) {

        /** The person's token. */
        public String token() {
            return person.id().toString();
        }

        /** The person's e-mail address. */
        public String email() {
            return person.email().orElseThrow().text();
        }

        /** The value of the {@code Authorization} header. */
        public String authorization() {
            return basic(keys);
        }
    }

    /** Started when somebody first asks for it. */
    private static final class Holder {
        private static final OneServer ONE = new OneServer();
    }

    /** The server of this process. */
    public static OneServer get() {
        return Holder.ONE;
    }

    private OneServer() {
        try {
            Path parent = Files.createTempDirectory("ephemera-one-server");
            Path data = CopiedDataFolder.at(parent.resolve("data"));
            moveToAnotherPort(data.resolve("postgres.properties"));
            server = Server.start(Config.load(
                    Optional.empty(),
                    Map.of(),
                    // All tests share two organizations, in which everybody is to take part in everything.
                    Map.of(
                            "data", data.toString(), "http.port", "0", "management.port", "0",
                            "limits.topic-members", "10000",
                            // Tests call from 127.0.0.1, which is not believed when it names another address.
                            "http.trusted-proxies", "127.0.0.2")));
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
                client.shutdownNow();
                server.close();
                delete(parent);
            }));
            try (StandaloneAccess access = StandaloneAccess.open(data, false)) {
                postgres = access.access();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        clinic = server.enrolment().organization("Clinic", Policy.DEFAULT);
        office = server.enrolment().organization("Office", Policy.DEFAULT);
    }

    /** Leaves the port that all copies of the folder have to those that run for a moment only. */
    private static void moveToAnotherPort(Path connection) throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            String text = Files.readString(connection);
            Files.writeString(connection, text.replaceFirst("(?m)^port=\\d+$", "port=" + free.getLocalPort()));
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The organization of most tests. */
    public Organization clinic() {
        return clinic;
    }

    /** Another organization. */
    public Organization office() {
        return office;
    }

    /** A new organization with a policy of its own. */
    public Organization organization(String name, Policy policy) {
        return server.enrolment().organization(name, policy);
    }

    /** A new member of an organization, without a password. */
    public Member member(Organization organization, String name) {
        return made(organization, name, Person.Standing.MEMBER);
    }

    /** A new administrator of an organization, without a password. */
    public Member administrator(Organization organization, String name) {
        return made(organization, name, Person.Standing.ADMINISTRATOR);
    }

    private Member made(Organization organization, String name, Person.Standing standing) {
        long number = NUMBERS.incrementAndGet();
        Person person = server.enrolment()
                .member(
                        organization.id(),
                        new Enrolment.Newcomer(
                                name,
                                Optional.of(name + number + "@test.example"),
                                Optional.of("+1555%07d".formatted(number)),
                                Optional.of(name + number),
                                standing));
        return new Member(person, server.signIn().issueKey(person.id()));
    }

    /** A new client of an organization. */
    public ClientEnrolment.Enrolled client(Organization organization, String name, String... redirects) {
        return server.clientEnrolment().client(organization.id(), name, List.of(redirects));
    }

    /** An access token of a client for a person. */
    public String token(ClientEnrolment.Enrolled client, Member person) {
        return token(client, "userId", person.token());
    }

    /** An access token of a client, asked for with a form of names and values in turn. */
    public String token(ClientEnrolment.Enrolled client, String... form) {
        return request("POST", "/v6/auth/token")
                .with("Authorization", basic(client))
                .form(form)
                .send()
                .json()
                .required("access_token")
                .asString();
    }

    /** Revokes a client as the operator does. */
    public void revokeClient(ClientEnrolment.Enrolled enrolled) {
        server.clientEnrolment().revoke(enrolled.client().id().toString());
    }

    /** The value of an {@code Authorization} header for a client. */
    public static String basic(ClientEnrolment.Enrolled enrolled) {
        return basic(enrolled.client().id().toString(), enrolled.secret());
    }

    /** Sets a member's password. */
    public void setPassword(Member member, String password) {
        server.signIn().setPassword(member.person().id(), password);
    }

    /** A new session of a member, as signing in makes it. */
    public KeyPair session(Member member) {
        return server.signIn().openSession(member.person().id());
    }

    /** The value of an {@code Authorization} header for a key. */
    public static String basic(KeyPair keys) {
        return basic(keys.key(), keys.secret());
    }

    /** The value of an {@code Authorization} header for a key. */
    public static String basic(String key, String secret) {
        return "Basic " + base64(key + ":" + secret);
    }

    /** The value of an {@code Authorization} header for signing in with a password. */
    public static String password(String login, String password) {
        return "XMPP-Simple " + base64("product:" + login + ":" + password);
    }

    /** A text as it stands in a header or a query. */
    static String base64(String text) {
        return Base64.getUrlEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Where the server is reached. */
    public String url() {
        return server.url();
    }

    /** Everything that the server answers to. */
    public List<Route> routes() {
        return server.routes();
    }

    /** A call of the server; nothing is sent before it is asked for. */
    public Request request(String method, String path) {
        return new Request(client, server.url(), method, path);
    }

    /** How to reach the server's PostgreSQL. */
    public PostgresAccess postgres() {
        return postgres;
    }
}
