package ephemera.core.directory;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The store of companies and of the roles that people have in them (a port). Thread-safe. */
public interface CompanyRegister {

    /** The company with that id. */
    Optional<Company> company(UUID id);

    /** The company that is that organization; there is one for each that applications have to do with. */
    Optional<Company> of(OrganizationId organization);

    /**
     * A part of a list that is sorted by id.
     *
     * @param from only those with a greater id, or with {@code backward} a smaller one
     * @param backward whether those next to it are looked for among the smaller ones
     * @param limit how many at most
     */
    record Part(Optional<UUID> from, boolean backward, int limit) {}

    /**
     * A page of the companies that a client may act in or created, by id.
     *
     * @param name what must be in the name, in any case; empty text finds all
     */
    List<Company> of(Client client, String name, Part part);

    /** The company that a client calls so, of those that it may act in or created. */
    Optional<Company> named(Client client, String apiCompanyId);

    /**
     * Adds a company with its organization and its owners, all or nothing.
     *
     * @throws ephemera.core.Refused with {@code CONFLICT} if an address or an id is taken
     */
    void add(Company company, Policy policy, List<Person> owners);

    /** Replaces what is known of a company. */
    void update(Company company);

    /** Ends that its creator may act in it, on all processes. */
    void close(Company company);

    /** A page of the people who have a role in an organization, by token. */
    List<Person> people(OrganizationId organization, Person.Role role, Part part);

    /**
     * Adds somebody.
     *
     * @throws ephemera.core.Refused with {@code CONFLICT} if an address or an id is taken
     */
    void add(Person person);

    /**
     * Replaces the names, the role and the applications' id of somebody.
     *
     * @throws ephemera.core.Refused with {@code CONFLICT} if the id is taken
     */
    void update(Person person);
}
