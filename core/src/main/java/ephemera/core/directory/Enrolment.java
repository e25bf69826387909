package ephemera.core.directory;

import ephemera.core.Failure;
import ephemera.core.Ids;
import ephemera.core.Limits;
import ephemera.core.Refused;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the operator of a server does: make organizations and members, without being one.
 *
 * <p>Thread-safe.
 */
public final class Enrolment {

    private final People people;
    private final Ids ids;
    private final Limits limits;

    /** Makes the use cases over that store. */
    public Enrolment(People people, Ids ids, Limits limits) {
        this.people = people;
        this.ids = ids;
        this.limits = limits;
    }

    /**
     * Somebody who is to become a member.
     *
     * @param name the display name
     * @param email the e-mail address as it was written
     * @param phone the phone number as it was written
     * @param username the username as it was written
     * @param standing member or administrator
     */
    public record Newcomer(
            String name,
            Optional<String> email,
            Optional<String> phone,
            Optional<String> username,
            Person.Standing standing) {}

    /** Makes an organization with that policy. */
    public Organization organization(String name, Policy policy) {
        Organization organization =
                new Organization(new OrganizationId(ids.alphanumeric(OrganizationId.LENGTH)), checked(name), policy);
        people.add(organization);
        return organization;
    }

    /**
     * The organization with that token.
     *
     * @throws Refused with {@code NOT_FOUND} if there is none
     */
    public Organization organization(String token) {
        return OrganizationId.parse(token)
                .flatMap(people::organization)
                .orElseThrow(() -> Failure.NOT_FOUND.refused("There is no organization " + token + "."));
    }

    /**
     * Makes a member; a contact of the organization with the same address becomes one.
     *
     * @throws Refused with {@code INVALID} if an address is none, {@code CONFLICT} if a member has it already
     */
    public Person member(OrganizationId organization, Newcomer newcomer) {
        Person person = person(organization, newcomer);
        Optional<Person> contact = Stream.of(person.email(), person.phone())
                .<Address>flatMap(Optional::stream)
                .flatMap(address -> people.find(organization, address).stream())
                .filter(found -> !found.isMember())
                .findFirst();
        if (contact.isPresent()) {
            Person member = promoted(contact.get(), person);
            people.promote(member);
            return member;
        }
        people.add(List.of(person));
        return person;
    }

    /** The contact as the member that it becomes, with the addresses of both. */
    private static Person promoted(Person contact, Person member) {
        return new Person(
                contact.id(),
                contact.organization(),
                member.standing(),
                member.profile(),
                member.email().or(contact::email),
                member.phone().or(contact::phone),
                member.username().or(contact::username));
    }

    /**
     * Makes many members at once, all or none.
     *
     * @throws Refused as for one; the text names the first who cannot be made
     */
    public List<Person> members(OrganizationId organization, List<Newcomer> newcomers) {
        List<Person> made = new ArrayList<>(newcomers.size());
        for (int i = 0; i < newcomers.size(); i++) {
            try {
                made.add(person(organization, newcomers.get(i)));
            } catch (Refused refused) {
                throw refused.failure().refused("Number " + (i + 1) + ": " + refused.getMessage());
            }
        }
        people.add(made);
        return made;
    }

    /**
     * The member with that token, e-mail address, phone number or username, in whatever organization.
     *
     * @throws Refused with {@code NOT_FOUND} if there is none
     */
    public Person member(String address) {
        return Address.parse(address)
                .flatMap(parsed -> parsed instanceof Address.Token(var token)
                        ? people.person(new PersonId(token))
                        : people.signingIn(parsed))
                .orElseThrow(() -> Failure.NOT_FOUND.refused("There is no member " + address + "."));
    }

    private Person person(OrganizationId organization, Newcomer newcomer) {
        Optional<Address.Email> email =
                newcomer.email().map(text -> form(text, Address.Email.class, "an e-mail address"));
        Optional<Address.Phone> phone = newcomer.phone().map(text -> form(text, Address.Phone.class, "a phone number"));
        Optional<Address.Username> username =
                newcomer.username().map(text -> form(text, Address.Username.class, "a username"));
        if (email.isEmpty() && phone.isEmpty() && username.isEmpty()) {
            throw Failure.INVALID.refused("A member needs an e-mail address, a phone number or a username.");
        }
        return new Person(
                new PersonId(ids.random()),
                organization,
                newcomer.standing(),
                Profile.named(checked(newcomer.name())),
                email,
                phone,
                username);
    }

    private static <A extends Address> A form(String text, Class<A> form, String expected) {
        return Address.parse(text)
                .filter(form::isInstance)
                .map(form::cast)
                .orElseThrow(() -> Failure.INVALID.refused("\"" + text + "\" is not " + expected + "."));
    }

    private String checked(String name) {
        if (name.isBlank() || name.length() > limits.nameLength()) {
            throw Failure.INVALID.refused("A name has 1 to " + limits.nameLength() + " characters.");
        }
        return name.strip();
    }
}
