package ephemera.core.directory;

import java.util.Optional;
import java.util.UUID;

/**
 * Finds the person whom an application means by a user id: a token, an e-mail address, or the application's own id.
 *
 * <p>What is a person's token or address always means that person, whatever somebody else is called by an application:
 * so nobody can be put in another's place by giving them such a name. Thread-safe.
 */
public final class UserIds {

    /** The longest id that an application has for something, in characters. */
    public static final int LONGEST = 128;

    private final Clients clients;
    private final People people;

    /** Looks into those stores. */
    public UserIds(Clients clients, People people) {
        this.clients = clients;
        this.people = people;
    }

    /** The member whom the client means, in an organization in which it may act. */
    public Optional<Person> find(Client client, String userId) {
        return Address.parse(userId)
                .flatMap(address -> switch (address) {
                    case Address.Token(UUID token) -> people.person(new PersonId(token));
                    case Address.Email email -> people.signingIn(email);
                    case Address.Phone _, Address.Username _ -> Optional.empty();
                })
                .filter(Person::isMember)
                .filter(person -> clients.reaches(client, person.organization()))
                .or(() -> byExternalId(client, userId));
    }

    private Optional<Person> byExternalId(Client client, String userId) {
        return userId.isEmpty() || userId.length() > LONGEST
                ? Optional.empty()
                : clients.user(client, userId).flatMap(people::person).filter(Person::isMember);
    }
}
