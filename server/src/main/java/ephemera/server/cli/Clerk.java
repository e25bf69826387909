package ephemera.server.cli;

import ephemera.core.Failure;
import ephemera.core.Ids;
import ephemera.core.Limits;
import ephemera.core.Refused;
import ephemera.core.directory.Address;
import ephemera.core.directory.ClientEnrolment;
import ephemera.core.directory.Clients;
import ephemera.core.directory.Credentials;
import ephemera.core.directory.Enrolment;
import ephemera.core.directory.Organization;
import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.People;
import ephemera.core.directory.Person;
import ephemera.core.directory.PersonId;
import ephemera.core.directory.Policy;
import ephemera.core.directory.SignIn;
import ephemera.core.talk.ConversationId;
import ephemera.core.vault.KeyStore;
import ephemera.core.vault.SecretBox;
import ephemera.core.vault.SigningKey;
import ephemera.server.store.Argon2Passwords;
import ephemera.server.store.Database;
import ephemera.server.store.DeletionRecord;
import ephemera.server.store.HoldExport;
import ephemera.server.store.Holds;
import ephemera.server.store.Json;
import ephemera.server.store.PostgresClients;
import ephemera.server.store.PostgresCredentials;
import ephemera.server.store.PostgresOutbox;
import ephemera.server.store.PostgresPeople;
import ephemera.server.store.PostgresWebhooks;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

/** The use cases that a command may need, all within one transaction. For one thread. */
final class Clerk {

    private final SecureRandom random = new SecureRandom();
    private final Ids ids = new Ids(Clock.systemUTC(), random);
    private final Policy policy;
    private final People people;
    private final Credentials credentials;
    private final Enrolment enrolment;
    private final Supplier<DeletionRecord> record;
    private final Supplier<Custody> custody;
    private final Supplier<KeyStore> keys;
    private final Database transaction;

    /**
     * Makes the use cases over the database of that transaction.
     *
     * @param signingKey opens the key store, which few commands need
     * @param custody opens keys and files, which commands on legal holds need
     * @param keys opens the key store, which commands on secrets need
     */
    Clerk(Database transaction, Policy policy, Supplier<SigningKey> signingKey, Supplier<Custody> custody,
            Supplier<KeyStore> keys) {
        this.transaction = transaction;
        this.custody = custody;
        this.policy = policy;
        this.record = () -> new DeletionRecord(transaction, signingKey.get());
        this.keys = keys;
        this.people = new PostgresPeople(transaction, new Json());
        this.credentials = new PostgresCredentials(transaction);
        this.enrolment = new Enrolment(people, ids, Limits.DEFAULT);
    }

    /** Makes an organization with the configured policy. */
    Organization found(String name) {
        return enrolment.organization(name, policy);
    }

    /**
     * The organization with that token.
     *
     * @throws Refused if there is none
     */
    OrganizationId organization(String token) {
        return enrolment.organization(token).id();
    }

    /**
     * Makes a member.
     *
     * @throws Refused if an address is none or is taken
     */
    Person enrol(OrganizationId organization, Enrolment.Newcomer newcomer) {
        try {
            return enrolment.member(organization, newcomer);
        } catch (Refused refused) {
            throw refused.failure() == Failure.CONFLICT
                    ? Failure.CONFLICT.refused("The e-mail address, phone number or username of " + newcomer.name()
                            + " is somebody else's already: give another one.")
                    : refused;
        }
    }

    /**
     * Makes many members at once; contacts stay in the way, unlike with one.
     *
     * @throws Refused if an address of any of them is none or is taken
     */
    List<Person> enrol(OrganizationId organization, List<Enrolment.Newcomer> newcomers) {
        return enrolment.members(organization, newcomers);
    }

    /**
     * The member with that token or address.
     *
     * @throws Refused if there is none
     */
    Person member(String address) {
        Person person = enrolment.member(address);
        if (!person.isMember()) {
            throw Failure.NOT_FOUND.refused(address
                    + " is a contact, who cannot sign in: make a member with \"user create\" and the same address.");
        }
        return person;
    }

    /** The register of webhooks; opens the key store when it needs it. */
    PostgresWebhooks webhooks() {
        return new PostgresWebhooks(
                transaction, () -> SecretBox.in(keys.get(), PostgresWebhooks.SECRET, random), ids);
    }

    /** What webhooks are to be told. */
    PostgresOutbox outbox() {
        return new PostgresOutbox(transaction, webhooks());
    }

    /** Where new identifiers come from. */
    Ids ids() {
        return ids;
    }

    /** The store of people. */
    People people() {
        return people;
    }

    /** The store of keys. */
    Credentials credentials() {
        return credentials;
    }

    /** The store of clients. */
    Clients clients() {
        return new PostgresClients(transaction);
    }

    /** Making and revoking clients. */
    ClientEnrolment clientEnrolment() {
        return new ClientEnrolment(clients(), ids, Limits.DEFAULT);
    }

    /** The deletion record; opens the key store, in which the key is that signs it. */
    DeletionRecord record() {
        return record.get();
    }

    /** Whether a message that its users cannot see any more is held. */
    boolean isHeld(UUID message) {
        return Holds.isHeld(transaction, message);
    }

    /** The register of legal holds. */
    Holds holds() {
        return new Holds(transaction, () -> custody.get().keys(), record, ids);
    }

    /** What writes to a file what is held. */
    HoldExport holdExport() {
        return custody.get().export(transaction);
    }

    /**
     * The member or contact of an organization with that token or address.
     *
     * @throws Refused if there is none
     */
    PersonId person(OrganizationId organization, String address) {
        return Address.parse(address)
                .flatMap(parsed -> parsed instanceof Address.Token(UUID token)
                        ? people.person(new PersonId(token))
                        : people.find(organization, parsed))
                .filter(person -> person.organization().equals(organization))
                .map(Person::id)
                .orElseThrow(() -> Failure.NOT_FOUND.refused(
                        "There is nobody " + address + " in this organization: \"user list\" shows who is."));
    }

    /**
     * The conversation of an organization with that token.
     *
     * @throws Refused if there is none
     */
    ConversationId conversation(OrganizationId organization, String token) {
        return ConversationId.parse(token)
                .filter(conversation -> holds().canReach(organization, conversation))
                .orElseThrow(() -> Failure.NOT_FOUND.refused(
                        "There is no conversation " + token + " in this organization."));
    }

    /** Keys and passwords; takes the time of hashing a password to make. */
    SignIn signIn() {
        return new SignIn(people, credentials, new Argon2Passwords(random), ids, Clock.systemUTC());
    }
}
