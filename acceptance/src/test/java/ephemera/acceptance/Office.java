package ephemera.acceptance;

import ephemera.acceptance.client.Credentials;
import ephemera.acceptance.client.Tiger;
import ephemera.acceptance.client.Tight;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;

/**
 * A small organization of the shared server with an application, which no other test has.
 *
 * @param organization its token
 * @param people its members
 * @param clientId the application
 * @param clientSecret its secret
 */
record Office(String organization, List<Credentials> people, String clientId, String clientSecret) {
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    /** Makes an organization with so many members. */
    static Office make(int members) {
        String name = "office" + NUMBERS.incrementAndGet();
        ServerProcess server = TheServer.process();
        String organization = server.commands().createOrganization(name);
        List<Credentials> people = server.commands().importPeople(organization, name + "p", members);
        JsonNode client = server.commands()
                .run("client", "create", "--org", organization, "--name", name, "--json")
                .json();
        return new Office(organization, people, client.required("client_id").asString(),
                client.required("client_secret").asString());
    }

    /** The application's view for a member. */
    Tight tight(int member) {
        return tight(Optional.of(people.get(member).token()), "write");
    }

    /** The application's view, for itself or for a user; the published document sees every reply. */
    Tight tight(Optional<String> userId, String scope) {
        URI server = TheServer.process().url();
        return Tight.at(server).witnessedBy(PublishedDocument.ofTight(server)::witnessWhatIsThere)
                .signedIn(clientId, clientSecret, userId, scope);
    }

    /** A member's view of the other door. */
    Tiger tiger(int member) {
        return TheServer.as(people.get(member));
    }

    /** A member's token. */
    String token(int member) {
        return people.get(member).token();
    }
}
