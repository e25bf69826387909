package ephemera.core.directory;

/**
 * Who is asking: the authenticated person and the credential that was used.
 *
 * @param person as the directory knew them when the request was authenticated
 * @param credential what they showed
 */
public record Caller(Person person, Credential credential) {

    /** The caller's token. */
    public PersonId id() {
        return person.id();
    }

    /** The caller's organization. */
    public OrganizationId organization() {
        return person.organization();
    }
}
