package ephemera.server.cli;

import ephemera.core.Refused;
import ephemera.core.directory.Credential;
import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.Person;
import ephemera.core.directory.SignIn;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** Makes many members at once. */
@Command(
        name = "import",
        description = {
            "Makes a member of everybody in a file, or, if one of them cannot be made, of nobody.",
            "The file holds comma-separated values in UTF-8: name, e-mail, phone.",
            "A first line may name the columns, which may then stand in any order."
        },
        mixinStandardHelpOptions = true)
final class UserImport extends DeskCommand {

    @Option(names = "--org", paramLabel = "TOKEN", required = true, description = "the token of the organization")
    private String organization;

    @Option(
            names = "--keys",
            description = "makes a key for each, and prints a JSON object with token, key and secret for each")
    private boolean keys;

    @Parameters(paramLabel = "FILE.csv", description = "the file of people")
    private Path file;

    private PeopleFile people = new PeopleFile("", List.of());

    @Override
    boolean forScripts() {
        return keys || super.forScripts();
    }

    @Override
    void prepare() {
        people = PeopleFile.read(file);
    }

    @Override
    Answer answer(Desk desk) {
        try {
            return desk.together(clerk -> told(
                    clerk,
                    clerk.enrol(
                            clerk.organization(organization),
                            people.entries().stream().map(PeopleFile.Entry::newcomer).toList())));
        } catch (Refused ofSomebody) {
            // One after the other takes longer, but makes members of contacts, and tells who it is that cannot be made.
            return super.answer(desk);
        }
    }

    @Override
    Answer work(Clerk clerk) {
        OrganizationId id = clerk.organization(organization);
        List<Person> made = new ArrayList<>(people.entries().size());
        for (PeopleFile.Entry entry : people.entries()) {
            try {
                made.add(clerk.enrol(id, entry.newcomer()));
            } catch (Refused refused) {
                throw refused.failure()
                        .refused(people.source() + ", line " + entry.line() + ": " + refused.getMessage());
            }
        }
        return told(clerk, made);
    }

    private Answer told(Clerk clerk, List<Person> made) {
        return new Answer(
                List.of("Made %d members.".formatted(made.size())),
                keys ? withKeys(clerk, made) : made.stream().map(User::json).toList());
    }

    private static List<ObjectNode> withKeys(Clerk clerk, List<Person> people) {
        SignIn signIn = clerk.signIn();
        List<Credential> credentials = new ArrayList<>(people.size());
        List<ObjectNode> objects = new ArrayList<>(people.size());
        for (Person person : people) {
            SignIn.Issued issued = signIn.prepare(person.id(), Credential.Kind.API_KEY);
            credentials.add(issued.credential());
            objects.add(Answer.object()
                    .put("token", person.id().toString())
                    .put("key", issued.keys().key())
                    .put("secret", issued.keys().secret()));
        }
        clerk.credentials().add(credentials);
        return objects;
    }
}
