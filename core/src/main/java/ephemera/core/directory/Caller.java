package ephemera.core.directory;

import ephemera.core.Failure;
import java.util.Optional;

/**
 * Who is asking: the authenticated person, the credential that was used, and what it is good for.
 *
 * @param person as the directory knew them when the request was authenticated
 * @param credential what they showed
 * @param scope what the credential is good for
 * @param client the application that asks, if one does; for itself or for the person
 */
public record Caller(Person person, Credential credential, Scope scope, Optional<Client> client) {

    /** A person who asks without an application between, and may do all that is theirs. */
    public Caller(Person person, Credential credential) {
        this(person, credential, Scope.WRITE, Optional.empty());
    }

    /** The caller's token. */
    public PersonId id() {
        return person.id();
    }

    /** The caller's organization. */
    public OrganizationId organization() {
        return person.organization();
    }

    /** Whether an application asks for itself, and for no person. */
    public boolean isApplication() {
        return client.filter(each -> each.person().equals(person.id())).isPresent();
    }

    /** Whether the credential is good for changing something. */
    public boolean mayWrite() {
        return scope.allows(Scope.WRITE);
    }

    /**
     * Passes if the credential is good for changing something.
     *
     * @throws ephemera.core.Refused with {@code INSUFFICIENT_SCOPE} if it is good for looking only
     */
    public void requireWrite() {
        if (!mayWrite()) {
            throw Failure.INSUFFICIENT_SCOPE.refused();
        }
    }
}
