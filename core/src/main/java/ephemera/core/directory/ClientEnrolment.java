package ephemera.core.directory;

import ephemera.core.Failure;
import ephemera.core.Ids;
import ephemera.core.Limits;
import ephemera.core.Refused;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the operator of a server does with applications: make them, give them a new secret, revoke them.
 *
 * <p>Thread-safe.
 */
public final class ClientEnrolment {

    private static final int SECRET_LENGTH = 48;
    private static final int REDIRECTS = 20;

    private final Clients clients;
    private final Ids ids;
    private final Limits limits;

    /** Makes the use cases over that store. */
    public ClientEnrolment(Clients clients, Ids ids, Limits limits) {
        this.clients = clients;
        this.ids = ids;
        this.limits = limits;
    }

    /**
     * A client beside its secret: the only time that the secret is known.
     *
     * @param secret to be shown once; never logged, never stored
     */
    public record Enrolled(Client client, String secret) {

        @Override
        public String toString() {
            return "Enrolled[" + client + ", ***]";
        }
    }

    /**
     * Makes a client of an organization, with a member of its own as whom it acts.
     *
     * @param redirects where people may be sent back to
     * @throws Refused with {@code INVALID} if the name or an address cannot be one
     */
    public Enrolled client(OrganizationId organization, String name, List<String> redirects) {
        if (name.isBlank() || name.length() > limits.nameLength()) {
            throw Failure.INVALID.refused("A name has 1 to " + limits.nameLength() + " characters.");
        }
        if (redirects.size() > REDIRECTS) {
            throw Failure.INVALID.refused("A client has at most " + REDIRECTS + " addresses to send people back to.");
        }
        Set<RedirectUri> parsed = new LinkedHashSet<>();
        for (String redirect : redirects) {
            parsed.add(RedirectUri.parse(redirect).orElseThrow(() -> Failure.INVALID.refused("\"" + redirect
                    + "\" is no address to send people back to: give one with https, with http to this machine,"
                    + " or with a scheme of an app's own, such as com.example.app:/back.")));
        }
        Person person = new Person(
                new PersonId(ids.random()),
                organization,
                Person.Standing.MEMBER,
                Profile.named(name),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        String secret = ids.alphanumeric(SECRET_LENGTH);
        Client client = new Client(
                new ClientId(ids.random()),
                organization,
                name.strip(),
                person.id(),
                Fingerprint.of(secret),
                parsed);
        clients.add(client, person);
        return new Enrolled(client, secret);
    }

    /**
     * Gives a client a new secret; the old one is worth nothing from now on, and tokens stay.
     *
     * @throws Refused with {@code NOT_FOUND} if there is none
     */
    public Enrolled newSecret(String id) {
        Client client = ClientId.parse(id).flatMap(clients::client).orElseThrow(() -> missing(id));
        String secret = ids.alphanumeric(SECRET_LENGTH);
        if (!clients.setSecret(client.id(), Fingerprint.of(secret))) {
            throw missing(id);
        }
        return new Enrolled(client, secret);
    }

    /**
     * Revokes a client: its secret and all its tokens are worth nothing from now on.
     *
     * @throws Refused with {@code NOT_FOUND} if there is none
     */
    public void revoke(String id) {
        if (!ClientId.parse(id).map(clients::revoke).orElse(false)) {
            throw missing(id);
        }
    }

    private static Refused missing(String id) {
        return Failure.NOT_FOUND.refused("There is no client " + id + ": \"client list\" shows them.");
    }
}
