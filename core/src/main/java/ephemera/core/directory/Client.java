package ephemera.core.directory;

import java.util.Set;

/**
 * An application that calls with access tokens: for itself, or for people who are named or who agreed.
 *
 * @param id its public name
 * @param organization the organization that it belongs to; it also reaches those that it created
 * @param name what people call it
 * @param person the member without a password as whom it acts when no person is named
 * @param secret the fingerprint of its secret
 * @param redirects where people may be sent back to, compared as text
 */
public record Client(
        ClientId id,
        OrganizationId organization,
        String name,
        PersonId person,
        Fingerprint secret,
        Set<RedirectUri> redirects) {

    public Client {
        redirects = Set.copyOf(redirects);
    }

    /** The same client with another secret. */
    public Client with(Fingerprint changed) {
        return new Client(id, organization, name, person, changed, redirects);
    }

    @Override
    public String toString() {
        return "Client[" + id + ", " + organization + "]";
    }
}
