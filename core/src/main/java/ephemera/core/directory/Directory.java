package ephemera.core.directory;

import ephemera.core.Failure;
import ephemera.core.Ids;
import ephemera.core.Limits;
import ephemera.core.Refused;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The use cases on people and organizations: look up, change, describe.
 *
 * <p>Everything is seen from a caller and never reaches outside the caller's organization. Thread-safe.
 */
public final class Directory {

    private final People people;
    private final Ids ids;
    private final Limits limits;

    /** Makes the use cases over that store. */
    public Directory(People people, Ids ids, Limits limits) {
        this.people = people;
        this.ids = ids;
        this.limits = limits;
    }

    /** The organization of the caller. */
    public Organization organization(Caller caller) {
        return people.organization(caller.organization()).orElseThrow(Failure.NOT_FOUND::refused);
    }

    /**
     * The organization with that token as the caller sees it.
     *
     * @throws Refused with {@code NOT_FOUND} if it is not the caller's own
     */
    public Organization organization(Caller caller, String token) {
        if (!caller.organization().token().equals(token)) {
            throw Failure.NOT_FOUND.refused();
        }
        return organization(caller);
    }

    /** How many members the organization has. */
    public int memberCount(Organization organization) {
        return people.memberCount(organization.id());
    }

    /**
     * The person whom that address names in the caller's organization.
     *
     * @throws Refused with {@code NOT_FOUND} if there is none
     */
    public Person person(Caller caller, String address) {
        return find(caller, address).orElseThrow(Failure.NOT_FOUND::refused);
    }

    /** The person whom that address names in the caller's organization, if there is one. */
    public Optional<Person> find(Caller caller, String address) {
        return Address.parse(address).flatMap(parsed -> people.find(caller.organization(), parsed));
    }

    /** The person with that token, if the caller may see them. */
    public Optional<Person> find(Caller caller, PersonId id) {
        return people.person(id).filter(person -> person.organization().equals(caller.organization()));
    }

    /**
     * The person whom that address names, made a contact if the address is an e-mail or a phone number that nobody has
     * yet.
     *
     * @throws Refused with {@code NOT_FOUND} for an unknown token or username
     */
    public Person reachable(Caller caller, Address address) {
        Optional<Person> known = people.find(caller.organization(), address);
        if (known.isPresent()) {
            return known.get();
        }
        Optional<Address.Email> email = address instanceof Address.Email form ? Optional.of(form) : Optional.empty();
        Optional<Address.Phone> phone = address instanceof Address.Phone form ? Optional.of(form) : Optional.empty();
        if (email.isEmpty() && phone.isEmpty()) {
            throw Failure.NOT_FOUND.refused("There is no such recipient.");
        }
        Person contact = new Person(
                new PersonId(ids.random()),
                caller.organization(),
                Person.Standing.CONTACT,
                Profile.named(address.text()),
                email,
                phone,
                Optional.empty());
        try {
            people.add(List.of(contact));
            return contact;
        } catch (Refused twoAtOnce) {
            return people.find(caller.organization(), address).orElseThrow(() -> twoAtOnce);
        }
    }

    /**
     * Replaces a person's profile.
     *
     * @throws Refused with {@code FORBIDDEN} unless it is the caller's own or the caller administers the organization
     */
    public Person update(Caller caller, Person person, Profile profile) {
        requireSelfOrAdministrator(caller, person);
        for (String text : List.of(
                profile.displayName(),
                profile.firstName(),
                profile.lastName(),
                profile.status(),
                profile.title(),
                profile.department(),
                profile.doNotDisturbText())) {
            requireLength(text);
        }
        if (profile.displayName().isBlank()) {
            throw Failure.INVALID.refused("display_name must not be blank.");
        }
        people.update(person.id(), profile);
        return person.with(profile);
    }

    /**
     * Makes a new organization.
     *
     * @throws Refused with {@code FORBIDDEN} unless the caller is an administrator
     */
    public Organization create(Caller caller, String name) {
        requireAdministrator(caller);
        Organization organization = new Organization(
                new OrganizationId(ids.alphanumeric(OrganizationId.LENGTH)), requireName(name), Policy.DEFAULT);
        people.add(organization);
        return organization;
    }

    /**
     * Changes the name and policy of the caller's organization.
     *
     * @throws Refused with {@code FORBIDDEN} unless the caller is an administrator
     */
    public void update(Caller caller, Organization changed) {
        requireAdministrator(caller);
        if (!caller.organization().equals(changed.id())) {
            throw Failure.NOT_FOUND.refused();
        }
        requireName(changed.name());
        people.update(changed);
    }

    /** A page of the people of the caller's organization; see {@link People#search}. */
    public List<Person> search(Caller caller, String text, int offset, int limit) {
        return people.search(caller.organization(), text, offset, Math.clamp(limit, 1, limits.searchResults()));
    }

    /** How many people such a search finds in all. */
    public int searchCount(Caller caller, String text) {
        return people.searchCount(caller.organization(), text);
    }

    /** Whether that blob is a picture, which anybody who knows its random id may see. */
    public boolean isAvatar(UUID blob) {
        return people.isAvatar(blob);
    }

    /** The metadata of a person or group. */
    public Map<String, String> metadata(UUID entity) {
        return people.metadata(entity);
    }

    /**
     * Replaces a person's metadata.
     *
     * @throws Refused with {@code FORBIDDEN} unless it is the caller's own or the caller administers the organization
     */
    public void setMetadata(Caller caller, Person person, Map<String, String> fields) {
        requireSelfOrAdministrator(caller, person);
        setMetadata(caller.organization(), person.id().value(), fields);
    }

    /** Replaces the metadata of an entity; who may is the business of the use case that calls this. */
    public void setMetadata(OrganizationId organization, UUID entity, Map<String, String> fields) {
        checkMetadata(fields);
        people.setMetadata(organization, entity, fields);
    }

    /**
     * Passes if those fields may be metadata.
     *
     * @throws Refused with {@code INVALID} if they are too many, blank or too long
     */
    public void checkMetadata(Map<String, String> fields) {
        if (fields.size() > limits.metadataKeys()) {
            throw Failure.INVALID.refused("At most " + limits.metadataKeys() + " metadata keys are allowed.");
        }
        fields.forEach((key, value) -> {
            if (key.isBlank() || key.length() > limits.nameLength() || value.length() > limits.metadataValueLength()) {
                throw Failure.INVALID.refused("A metadata key or value is blank or too long.");
            }
        });
    }

    /** The people whom those addresses name, in order and without repetition; one unknown address refuses them all. */
    public List<Person> people(Caller caller, List<String> addresses) {
        Set<Person> found = new LinkedHashSet<>();
        for (String address : addresses) {
            found.add(find(caller, address)
                    .orElseThrow(() -> Failure.NOT_FOUND.refused("One of the members does not exist.")));
        }
        return List.copyOf(found);
    }

    /** Passes if the caller is that person or administers their organization. */
    public static void requireSelfOrAdministrator(Caller caller, Person person) {
        boolean self = caller.id().equals(person.id());
        boolean administers =
                caller.person().isAdministrator() && caller.organization().equals(person.organization());
        if (!self && !administers) {
            throw Failure.FORBIDDEN.refused();
        }
    }

    /** Passes if the caller is an administrator. */
    public static void requireAdministrator(Caller caller) {
        if (!caller.person().isAdministrator()) {
            throw Failure.FORBIDDEN.refused();
        }
    }

    private String requireName(String name) {
        requireLength(name);
        if (name.isBlank()) {
            throw Failure.INVALID.refused("A name must not be blank.");
        }
        return name.strip();
    }

    private void requireLength(String text) {
        if (text.length() > limits.nameLength()) {
            throw Failure.INVALID.refused("A name or text is longer than " + limits.nameLength() + " characters.");
        }
    }
}
