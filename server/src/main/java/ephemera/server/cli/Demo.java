package ephemera.server.cli;

import ephemera.core.directory.Address;
import ephemera.core.directory.Enrolment;
import ephemera.core.directory.KeyPair;
import ephemera.core.directory.Organization;
import ephemera.core.directory.Person;
import ephemera.server.Server;
import ephemera.server.StartFailure;
import ephemera.server.config.Config;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The demo organization with three members: made once, told once, and kept in {@code demo.json} for whoever owns the
 * data folder.
 *
 * @param text what to print
 */
record Demo(String text) {

    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** A member to make. */
    private record Member(String name, String email, Person.Standing standing) {}

    private static final List<Member> MEMBERS = List.of(
            new Member("Alice Adams", "alice@demo.example", Person.Standing.ADMINISTRATOR),
            new Member("Bob Bell", "bob@demo.example", Person.Standing.MEMBER),
            new Member("Carol Chen", "carol@demo.example", Person.Standing.MEMBER));

    /** The demo of that server, made now if it has none. */
    static Demo of(Server server, Config config) {
        Path file = server.folder().demoFile();
        if (Files.exists(file)) {
            return new Demo("The demo organization was made before; its logins are in " + file);
        }
        ObjectNode demo;
        try (Desk desk = Desk.open(config, false)) {
            demo = desk.together(clerk -> make(clerk, server.url()));
        }
        try {
            write(file, MAPPER.writeValueAsBytes(demo));
        } catch (IOException e) {
            throw new StartFailure("The logins of the demo cannot be written to " + file + ": free some space.", e);
        }
        return new Demo(text(demo, file, server.url()));
    }

    /** Makes the demo, or gives new logins to one whose logins were never written, or are lost. */
    private static ObjectNode make(Clerk clerk, String url) {
        Organization organization = MEMBERS.stream()
                .flatMap(member -> known(clerk, member).stream())
                .findFirst()
                .flatMap(person -> clerk.people().organization(person.organization()))
                .orElseGet(() -> clerk.found("Demo Clinic"));
        ObjectNode demo = MAPPER.createObjectNode().put("url", url);
        demo.putObject("organization").put("token", organization.id().token()).put("name", organization.name());
        ArrayNode members = demo.putArray("members");
        SecureRandom random = new SecureRandom();
        for (Member member : MEMBERS) {
            Person person = known(clerk, member)
                    .orElseGet(() -> clerk.enrol(
                            organization.id(),
                            new Enrolment.Newcomer(
                                    member.name(),
                                    Optional.of(member.email()),
                                    Optional.empty(),
                                    Optional.empty(),
                                    member.standing())));
            byte[] secret = new byte[12];
            random.nextBytes(secret);
            String password = Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
            clerk.signIn().setPassword(person.id(), password);
            KeyPair keys = clerk.signIn().issueKey(person.id());
            members.addObject()
                    .put("name", member.name())
                    .put("email", member.email())
                    .put("password", password)
                    .put("token", person.id().toString())
                    .put("key", keys.key())
                    .put("secret", keys.secret());
        }
        return demo;
    }

    private static Optional<Person> known(Clerk clerk, Member member) {
        return Address.parse(member.email()).flatMap(clerk.people()::signingIn);
    }

    private static void write(Path file, byte[] json) throws IOException {
        Path unfinished = file.resolveSibling(file.getFileName() + ".part");
        Files.deleteIfExists(unfinished);
        try (FileChannel channel = FileChannel.open(
                unfinished,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            // On a disk that is nearly full, the first write takes what there is room for.
            for (ByteBuffer bytes = ByteBuffer.wrap(json); bytes.hasRemaining();) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static String text(ObjectNode demo, Path file, String url) {
        StringBuilder text = new StringBuilder("The demo organization ")
                .append(demo.path("organization").path("name").asString())
                .append(" (")
                .append(demo.path("organization").path("token").asString())
                .append("), told this once and kept in ")
                .append(file)
                .append(":\n");
        demo.path("members").forEach(member -> text.append(("  %-12s %s  password %s%n"
                + "               token  %s%n"
                + "               key    %s%n"
                + "               secret %s%n")
                .formatted(
                        member.path("name").asString(),
                        member.path("email").asString(),
                        member.path("password").asString(),
                        member.path("token").asString(),
                        member.path("key").asString(),
                        member.path("secret").asString())));
        return text.append("Try: curl -u KEY:SECRET ").append(url).append("/v2/user").toString();
    }
}
