package ephemera.core.directory;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The directory's store (a port): organizations, people, metadata.
 *
 * <p>Reads may come from caches that are dropped as soon as any process changes the row. Thread-safe.
 */
public interface People {

    /** The organization with that token. */
    Optional<Organization> organization(OrganizationId id);

    /** All organizations, by name; for the operator, whom no organization confines. */
    List<Organization> organizations();

    /** How many members the organization has. */
    int memberCount(OrganizationId id);

    /** Adds an organization. */
    void add(Organization organization);

    /** Replaces the name and policy of an organization. */
    void update(Organization organization);

    /** The person with that token, of whatever organization: callers compare it. */
    Optional<Person> person(PersonId id);

    /** The person of that organization with that address; a {@link Address.Token} names a person by id. */
    Optional<Person> find(OrganizationId organization, Address address);

    /** The member whom that address signs in, in whatever organization; contacts are never found. */
    Optional<Person> signingIn(Address address);

    /**
     * Adds people, all or none.
     *
     * @throws ephemera.core.Refused with {@code CONFLICT} if an address is taken
     */
    void add(Collection<Person> people);

    /** Replaces the profile of a person. */
    void update(PersonId id, Profile profile);

    /**
     * Makes a contact the member that is given, so that somebody who was only written to can sign in from now on.
     *
     * @throws ephemera.core.Refused with {@code CONFLICT} if one of the addresses is somebody else's
     */
    void promote(Person member);

    /**
     * Who takes part in what concerns the whole organization: all its members if they are so few, else its
     * administrators, owners and bookkeepers. Applications are not among them: they never read in the sense that ends a
     * message.
     *
     * @param limit how many at most
     */
    List<PersonId> participants(OrganizationId organization, int limit);

    /** The hash of the person's password, if there is one. */
    Optional<String> passwordHash(PersonId id);

    /** Sets the hash of the person's password. */
    void setPasswordHash(PersonId id, String hash);

    /**
     * A page of the people of an organization whose name or address contains the text, by display name.
     *
     * @param text what to look for in any case; empty text finds everybody
     * @param offset how many to leave out first
     */
    List<Person> search(OrganizationId organization, String text, int offset, int limit);

    /** How many people {@link #search} finds in all. */
    int searchCount(OrganizationId organization, String text);

    /** Whether a person or group shows that blob as its picture. */
    boolean isAvatar(UUID blob);

    /** The metadata of a person or group; empty if there is none. */
    Map<String, String> metadata(UUID entity);

    /** Replaces the metadata of a person or group of that organization. */
    void setMetadata(OrganizationId organization, UUID entity, Map<String, String> fields);
}
