package ephemera.core.directory;

import ephemera.core.Failure;
import ephemera.core.Ids;
import ephemera.core.Limits;
import ephemera.core.Refused;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/**
 * How applications make companies and tell who owns them and keeps their books.
 *
 * <p>A company is an organization; a client sees its own and those that it created, and everybody else only the one
 * that they belong to. Thread-safe.
 */
public final class Companies {

    private static final int OWNERS = 50;

    private final CompanyRegister register;
    private final Clients clients;
    private final People people;
    private final Ids ids;
    private final InstantSource clock;
    private final Limits limits;
    private final Policy policy;
    private final UserIds users;

    /**
     * Makes the use cases over those stores.
     *
     * @param policy that of new companies
     */
    public Companies(
            CompanyRegister register,
            Clients clients,
            People people,
            Ids ids,
            InstantSource clock,
            Limits limits,
            Policy policy) {
        this.register = register;
        this.clients = clients;
        this.people = people;
        this.ids = ids;
        this.clock = clock;
        this.limits = limits;
        this.policy = policy;
        this.users = new UserIds(clients, people);
    }

    /**
     * Somebody as an application describes them.
     *
     * @param userId the application's id for them
     * @param email their e-mail address as it was written
     */
    public record Somebody(
            Optional<String> userId, Optional<String> email, Optional<String> firstName, Optional<String> lastName) {}

    /**
     * What an application wants a company to be; what is left open stays as it is.
     *
     * @param id the company to change; none for a new one
     */
    public record Draft(
            Optional<UUID> id,
            Optional<String> name,
            Optional<String> entityType,
            Optional<String> apiCompanyId,
            List<Somebody> owners) {}

    /**
     * Makes a company, or changes one.
     *
     * @param newId the id of a new one; if the client has made that already, it is answered as it is
     * @throws Refused with {@code FORBIDDEN} unless an application asks for itself, {@code NOT_FOUND} for a company
     *     that is not its own, {@code INVALID} or {@code MISSING} if something cannot be so, {@code CONFLICT} if an
     *     address or id is taken
     */
    public Company save(Caller caller, Draft draft, Optional<UUID> newId) {
        caller.requireWrite();
        Client client = application(caller);
        checked(draft);
        if (draft.id().isEmpty()) {
            return newId.flatMap(id -> made(client, id))
                    .orElseGet(() -> create(client, draft, newId.orElseGet(ids::timeOrdered)));
        }
        Company before = company(caller, draft.id().get());
        if (!clients.reaches(client, before.organization())) {
            throw Failure.NOT_FOUND.refused();
        }
        Company after = new Company(
                before.id(),
                before.organization(),
                draft.name().map(String::strip).orElse(before.name()),
                draft.entityType().orElse(before.entityType()),
                draft.apiCompanyId().or(before::apiCompanyId),
                before.creator(),
                before.active(),
                before.createdAt());
        register.update(after);
        draft.owners().forEach(owner -> save(client, after.organization(), owner, Person.Role.OWNER));
        return after;
    }

    /** The company that an earlier attempt has made. */
    private Optional<Company> made(Client client, UUID id) {
        return register.company(id).filter(company -> company.creator().equals(Optional.of(client.id())));
    }

    private Company create(Client client, Draft draft, UUID id) {
        String name = draft.name().orElseThrow(() -> Failure.MISSING.refused("A company needs a name."));
        Company company = new Company(
                id,
                new OrganizationId(ids.alphanumeric(OrganizationId.LENGTH)),
                name.strip(),
                draft.entityType().orElse(""),
                draft.apiCompanyId(),
                Optional.of(client.id()),
                true,
                clock.instant().truncatedTo(ChronoUnit.MILLIS));
        List<Person> owners = new ArrayList<>();
        for (Somebody owner : draft.owners()) {
            requireFree(client, owner);
            owners.add(person(company.organization(), owner, Person.Role.OWNER));
        }
        try {
            register.add(company, policy, owners);
        } catch (Refused refused) {
            // Another attempt, slow rather than dead, was the quicker one.
            return made(client, id).orElseThrow(() -> refused);
        }
        return company;
    }

    private void checked(Draft draft) {
        draft.name().ifPresent(this::checkedName);
        draft.entityType().ifPresent(this::checkedLength);
        draft.apiCompanyId().ifPresent(Companies::checkedId);
        if (draft.owners().size() > OWNERS) {
            throw Failure.INVALID.refused("A company has at most " + OWNERS + " owners.");
        }
    }

    /** One application's id names one person, wherever that application acts. */
    private void requireFree(Client client, Somebody somebody) {
        if (somebody.userId().flatMap(id -> users.find(client, id)).isPresent()) {
            throw Failure.CONFLICT.refused("This userId is somebody else's.");
        }
    }

    /** The company with that id, if the caller may see it. */
    public Company company(Caller caller, UUID id) {
        return register.company(id)
                .filter(company -> company.organization().equals(caller.organization())
                        || (caller.isApplication()
                                && company.creator().equals(caller.client().map(Client::id))))
                .orElseThrow(Failure.NOT_FOUND::refused);
    }

    /** The company that the caller belongs to, as far as there is one. */
    public Optional<Company> own(Caller caller) {
        return register.of(caller.organization());
    }

    /** A page of the companies that the caller may see; see {@link CompanyRegister#of}. */
    public List<Company> companies(Caller caller, String name, CompanyRegister.Part part) {
        if (caller.isApplication()) {
            return register.of(application(caller), name, part);
        }
        return own(caller).stream()
                .filter(company -> part.from().isEmpty() && company.name().toLowerCase(Locale.ROOT)
                        .contains(name.toLowerCase(Locale.ROOT)))
                .toList();
    }

    /**
     * Ends a company for the client that created it, which can act for nobody in it any more.
     *
     * @throws Refused with {@code FORBIDDEN} unless that client asks for itself, {@code NOT_FOUND} if it sees none
     */
    public Company close(Caller caller, UUID id) {
        caller.requireWrite();
        Client client = application(caller);
        Company company = company(caller, id);
        if (!company.creator().equals(Optional.of(client.id()))) {
            throw Failure.FORBIDDEN.refused("Only a company that the client created can be deleted.");
        }
        register.close(company);
        return company(caller, id);
    }

    /** The owners of a company. */
    public List<Person> owners(Company company) {
        return register.people(company.organization(), Person.Role.OWNER,
                new CompanyRegister.Part(Optional.empty(), false, OWNERS));
    }

    /**
     * Makes somebody a bookkeeper of the caller's organization, or changes one.
     *
     * @param id whom to change; none for somebody new, or for whom userId or e-mail address name
     * @throws Refused with {@code FORBIDDEN} unless an application asks for itself, or an owner or administrator
     */
    public Person bookkeeper(Caller caller, Optional<PersonId> id, Somebody somebody) {
        caller.requireWrite();
        boolean mayAppoint = caller.isApplication()
                || caller.person().isAdministrator()
                || caller.person().role().equals(Optional.of(Person.Role.OWNER));
        if (!mayAppoint) {
            throw Failure.FORBIDDEN.refused();
        }
        Optional<Person> known = id.map(each -> bookkeeper(caller, each));
        return known.isPresent()
                ? describe(known.get(), somebody, Person.Role.BOOKKEEPER)
                : save(caller.client().orElseThrow(Failure.FORBIDDEN::refused), caller.organization(), somebody,
                        Person.Role.BOOKKEEPER);
    }

    /** The bookkeeper of the caller's organization with that token. */
    public Person bookkeeper(Caller caller, PersonId id) {
        return people.person(id)
                .filter(person -> person.organization().equals(caller.organization()))
                .filter(person -> person.role().equals(Optional.of(Person.Role.BOOKKEEPER)))
                .orElseThrow(Failure.NOT_FOUND::refused);
    }

    /** A page of the bookkeepers of the caller's organization, by token. */
    public List<Person> bookkeepers(Caller caller, CompanyRegister.Part part) {
        return register.people(caller.organization(), Person.Role.BOOKKEEPER, part);
    }

    private Person save(Client client, OrganizationId organization, Somebody somebody, Person.Role role) {
        Optional<Person> known = somebody.userId()
                .flatMap(id -> users.find(client, id))
                .or(() -> somebody.email().flatMap(Address::parse)
                        .flatMap(address -> people.find(organization, address))
                        .filter(Person::isMember));
        if (known.isPresent()) {
            if (!known.get().organization().equals(organization)) {
                throw Failure.CONFLICT.refused("This userId is somebody else's.");
            }
            if (known.get().role().filter(each -> each != role).isPresent()) {
                throw Failure.CONFLICT.refused("This person has another role already.");
            }
            return describe(known.get(), somebody, role);
        }
        Person added = person(organization, somebody, role);
        register.add(added);
        return added;
    }

    private Person describe(Person person, Somebody somebody, Person.Role role) {
        checked(somebody);
        Profile profile = person.profile();
        boolean named = somebody.firstName().isPresent() || somebody.lastName().isPresent();
        Profile changed = named
                ? profile(somebody.firstName().orElse(profile.firstName()),
                        somebody.lastName().orElse(profile.lastName()), profile)
                : profile;
        Person described = new Person(
                person.id(),
                person.organization(),
                person.standing(),
                changed,
                person.email(),
                person.phone(),
                person.username(),
                somebody.userId().or(person::externalId),
                Optional.of(role));
        register.update(described);
        return described;
    }

    private Person person(OrganizationId organization, Somebody somebody, Person.Role role) {
        checked(somebody);
        Optional<Address.Email> email = somebody.email().map(text -> Address.parse(text)
                .filter(Address.Email.class::isInstance)
                .map(Address.Email.class::cast)
                .orElseThrow(() -> Failure.INVALID.refused("This is no e-mail address.")));
        if (email.isEmpty() && somebody.userId().isEmpty()) {
            throw Failure.MISSING.refused("A person needs a userId or an e-mail address.");
        }
        String shown = somebody.userId().or(() -> email.map(Address.Email::text)).orElseThrow();
        return new Person(
                new PersonId(ids.random()),
                organization,
                Person.Standing.MEMBER,
                profile(somebody.firstName().orElse(""), somebody.lastName().orElse(""),
                        Profile.named(shown)),
                email,
                Optional.empty(),
                Optional.empty(),
                somebody.userId(),
                Optional.of(role));
    }

    /** The profile with other names; with none, it is shown by what it was. */
    private static Profile profile(String first, String last, Profile before) {
        String whole = (first.strip() + " " + last.strip()).strip();
        return new Profile(
                whole.isEmpty() ? before.displayName() : whole,
                first.strip(),
                last.strip(),
                before.status(),
                before.title(),
                before.department(),
                before.doNotDisturb(),
                before.doNotDisturbText(),
                before.avatar());
    }

    private void checked(Somebody somebody) {
        somebody.userId().ifPresent(Companies::checkedId);
        String whole = somebody.firstName().orElse("") + " " + somebody.lastName().orElse("");
        checkedLength(whole.strip());
    }

    private static void checkedId(String id) {
        if (id.isBlank() || id.length() > UserIds.LONGEST) {
            throw Failure.INVALID.refused("An id has 1 to " + UserIds.LONGEST + " characters.");
        }
    }

    private void checkedName(String name) {
        if (name.isBlank()) {
            throw Failure.INVALID.refused("A name must not be blank.");
        }
        checkedLength(name);
    }

    private void checkedLength(String text) {
        if (text.length() > limits.nameLength()) {
            throw Failure.INVALID.refused("A name or text is longer than " + limits.nameLength() + " characters.");
        }
    }

    private static Client application(Caller caller) {
        return caller.client()
                .filter(_ -> caller.isApplication())
                .orElseThrow(() -> Failure.FORBIDDEN.refused("Only an application's own token may do this."));
    }
}
