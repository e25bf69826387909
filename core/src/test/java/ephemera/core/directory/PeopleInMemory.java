package ephemera.core.directory;

import ephemera.core.Failure;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/** A directory in memory that keeps the port's promises, for tests of the rules above it. Thread-safe. */
final class PeopleInMemory implements People {

    private final Map<OrganizationId, Organization> organizations = new LinkedHashMap<>();
    private final Map<PersonId, Person> people = new LinkedHashMap<>();
    private final Map<PersonId, String> passwords = new HashMap<>();
    private final Map<UUID, Map<String, String>> metadata = new HashMap<>();

    /** Everybody. */
    synchronized List<Person> all() {
        return List.copyOf(people.values());
    }

    private static Stream<Address> addresses(Person person) {
        return Stream.of(person.email(), person.phone(), person.username()).flatMap(Optional::stream);
    }

    @Override
    public synchronized Optional<Organization> organization(OrganizationId id) {
        return Optional.ofNullable(organizations.get(id));
    }

    @Override
    public synchronized List<Organization> organizations() {
        return organizations.values().stream().sorted(Comparator.comparing(Organization::name)).toList();
    }

    @Override
    public synchronized int memberCount(OrganizationId id) {
        return (int) people.values().stream()
                .filter(person -> person.organization().equals(id) && person.isMember())
                .count();
    }

    @Override
    public synchronized List<PersonId> participants(OrganizationId organization, int limit) {
        boolean few = memberCount(organization) <= limit;
        return people.values().stream()
                .filter(person -> person.organization().equals(organization) && person.isMember())
                .filter(person -> few || person.isAdministrator())
                .map(Person::id)
                .limit(limit)
                .toList();
    }

    @Override
    public synchronized void add(Organization organization) {
        organizations.put(organization.id(), organization);
    }

    @Override
    public synchronized void update(Organization organization) {
        organizations.replace(organization.id(), organization);
    }

    @Override
    public synchronized Optional<Person> person(PersonId id) {
        return Optional.ofNullable(people.get(id));
    }

    @Override
    public synchronized Optional<Person> find(OrganizationId organization, Address address) {
        return people.values().stream()
                .filter(person -> person.organization().equals(organization))
                .filter(person -> address instanceof Address.Token(UUID token)
                        ? person.id().value().equals(token)
                        : addresses(person).anyMatch(address::equals))
                .findFirst();
    }

    @Override
    public synchronized Optional<Person> signingIn(Address address) {
        return people.values().stream()
                .filter(Person::isMember)
                .filter(person -> addresses(person).anyMatch(address::equals))
                .findFirst();
    }

    @Override
    public synchronized void add(Collection<Person> added) {
        for (Person person : added) {
            boolean taken = addresses(person)
                    .anyMatch(address -> find(person.organization(), address).isPresent()
                            || (person.isMember() && signingIn(address).isPresent()));
            if (taken) {
                added.forEach(each -> people.remove(each.id(), each));
                throw Failure.CONFLICT.refused();
            }
            people.put(person.id(), person);
        }
    }

    @Override
    public synchronized void update(PersonId id, Profile profile) {
        people.computeIfPresent(id, (_, person) -> person.with(profile));
    }

    @Override
    public synchronized void promote(Person member) {
        people.replace(member.id(), member);
    }

    @Override
    public synchronized Optional<String> passwordHash(PersonId id) {
        return Optional.ofNullable(passwords.get(id));
    }

    @Override
    public synchronized void setPasswordHash(PersonId id, String hash) {
        passwords.put(id, hash);
    }

    @Override
    public synchronized List<Person> search(OrganizationId organization, String text, int offset, int limit) {
        String wanted = text.toLowerCase(Locale.ROOT);
        return people.values().stream()
                .filter(person -> person.organization().equals(organization))
                .filter(person -> person.profile().displayName().toLowerCase(Locale.ROOT).contains(wanted)
                        || addresses(person).anyMatch(address -> address.text().contains(wanted)))
                .sorted(Comparator.comparing(person -> person.profile().displayName()))
                .skip(offset)
                .limit(limit)
                .toList();
    }

    @Override
    public synchronized int searchCount(OrganizationId organization, String text) {
        return search(organization, text, 0, Integer.MAX_VALUE).size();
    }

    @Override
    public synchronized boolean isAvatar(UUID blob) {
        return people.values().stream().anyMatch(person -> person.profile().avatar().filter(blob::equals).isPresent());
    }

    @Override
    public synchronized Map<String, String> metadata(UUID entity) {
        return metadata.getOrDefault(entity, Map.of());
    }

    @Override
    public synchronized void setMetadata(OrganizationId organization, UUID entity, Map<String, String> fields) {
        metadata.put(entity, Map.copyOf(fields));
    }
}
