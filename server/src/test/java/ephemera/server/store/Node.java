package ephemera.server.store;

import ephemera.core.Ids;
import ephemera.core.Lifespan;
import ephemera.core.directory.Organization;
import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.Person;
import ephemera.core.directory.PersonId;
import ephemera.core.directory.Policy;
import ephemera.core.directory.Profile;
import ephemera.core.inbox.Bus;
import ephemera.core.talk.AuditTrail;
import ephemera.core.talk.Content;
import ephemera.core.talk.Conversation;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Entry;
import ephemera.core.talk.Message;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Outgoing;
import ephemera.core.talk.Position;
import ephemera.core.talk.Priority;
import ephemera.core.talk.Topic;
import ephemera.core.vault.Grid;
import ephemera.core.vault.KeyRing;
import ephemera.core.vault.KeyStore;
import ephemera.core.vault.SecretBox;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The store of one process: journal, log and archive on a database, with a bus that keeps what it hears. */
final class Node implements AutoCloseable {

    static final OrganizationId ORGANIZATION = new OrganizationId("0".repeat(24));

    private static final Ids IDS = new Ids(Clock.systemUTC(), new SecureRandom());

    /** One for all tests: keys are told apart by their ids. */
    private static final KeyStore KEYS = KeysOfTests.open();

    final Database database;
    final KeyRing ring;
    final Sealing sealing;
    final Epochs epochs;
    final PostgresPeople people;
    final PostgresRooms rooms;
    final PostgresWebhooks webhooks;
    final PostgresOutbox outbox;
    final PostgresJournal journal;
    final PostgresLog log;
    final PostgresArchive archive;
    final Heard heard = new Heard();
    private final Notifications notifications;

    /** What a bus is told. */
    sealed interface Told {

        record Published(Entry entry) implements Told {}

        record Missed(Position through) implements Told {}

        record MissedBy(Set<PersonId> people, Position through) implements Told {}
    }

    /** A bus that keeps what it hears, in order. */
    static final class Heard implements Bus {

        private final List<Told> told = new ArrayList<>();

        @Override
        public synchronized void publish(List<Entry> entries) {
            entries.forEach(entry -> told.add(new Told.Published(entry)));
        }

        @Override
        public synchronized void missed(Position through) {
            told.add(new Told.Missed(through));
        }

        @Override
        public synchronized void missed(Collection<PersonId> people, Position through) {
            told.add(new Told.MissedBy(Set.copyOf(people), through));
        }

        synchronized List<Told> all() {
            return List.copyOf(told);
        }

        /** What was published, and forgets it. */
        synchronized List<Entry> take() {
            List<Entry> published = told.stream()
                    .filter(Told.Published.class::isInstance)
                    .map(each -> ((Told.Published) each).entry())
                    .toList();
            told.clear();
            return published;
        }
    }

    /** Makes the parts; the journal writes once {@link #start} is called. */
    Node(OwnDatabase own) {
        this(own, KEYS);
    }

    /** Makes the parts over keys of their own. */
    Node(OwnDatabase own, KeyStore keys) {
        database = own.open(8);
        Json json = new Json();
        people = new PostgresPeople(database, json);
        rooms = new PostgresRooms(database);
        ring = new KeyRing(keys, new SecureRandom(), KeyRing.DEFAULT_CACHE);
        sealing = new Sealing(ring, json);
        epochs = new Epochs(database, Grid.DEFAULT);
        Ahead ahead = new Ahead(epochs, ring, Grid.DEFAULT, Clock.systemUTC());
        webhooks = new PostgresWebhooks(
                database, () -> SecretBox.in(keys, PostgresWebhooks.SECRET, new SecureRandom()), IDS);
        outbox = new PostgresOutbox(database, webhooks);
        journal = new PostgresJournal(database, rooms, json, sealing, epochs, ahead, outbox, (_, _) -> {});
        log = new PostgresLog(database, json, sealing);
        archive = new PostgresArchive(database, sealing, epochs);
        notifications = new Notifications(database);
        notifications.listen(people);
        notifications.listen(rooms);
        notifications.listen(webhooks);
    }

    /** Begins to write. */
    Node start() {
        return start(heard);
    }

    /** Begins to write and tells that bus. */
    Node start(Bus bus) {
        notifications.start();
        log.start();
        journal.start(bus);
        return this;
    }

    /** A new member; the first one also makes the organization. */
    PersonId person() {
        if (people.organization(ORGANIZATION).isEmpty()) {
            people.add(new Organization(ORGANIZATION, "Clinic", Policy.DEFAULT));
        }
        Person person = new Person(
                new PersonId(IDS.random()),
                ORGANIZATION,
                Person.Standing.MEMBER,
                Profile.named("Somebody"),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        people.add(List.of(person));
        return person.id();
    }

    /** Somebody without an account. */
    PersonId contact() {
        Person contact = new Person(
                new PersonId(IDS.random()), ORGANIZATION, Person.Standing.CONTACT, Profile.named("Guest"),
                Optional.empty(), Optional.empty(), Optional.empty());
        people.add(List.of(contact));
        return contact.id();
    }

    /** A new group. */
    ConversationId group(List<PersonId> members, boolean replaysHistory) {
        return journal.create(
                new Conversation.Group(
                        new ConversationId(IDS.random()),
                        ORGANIZATION,
                        new Conversation.Looks("Ward", "", Optional.empty(), replaysHistory, false),
                        members.getFirst(),
                        Clock.systemUTC().instant(),
                        new LinkedHashSet<>(members),
                        Set.of()),
                "")
                .id();
    }

    /** A new topic of the first of its members. */
    ConversationId topic(List<PersonId> members) {
        Conversation.Group group = new Conversation.Group(
                new ConversationId(IDS.random()),
                ORGANIZATION,
                new Conversation.Looks("Invoice 12", "", Optional.empty(), true, false),
                members.getFirst(),
                Clock.systemUTC().instant(),
                new LinkedHashSet<>(members),
                Set.of(),
                true);
        Topic.About about = new Topic.About("Invoice 12", Optional.empty(), "");
        return journal.open(AuditTrail.Editor.of(members.getFirst()), group, about, "");
    }

    /** The conversation of two people, in both rosters. */
    ConversationId direct(PersonId one, PersonId other) {
        Set<PersonId> both = one.equals(other) ? Set.of(one) : Set.of(one, other);
        ConversationId id = ConversationId.between(one, other);
        journal.list(new Conversation.Direct(id, ORGANIZATION, both, both));
        return id;
    }

    /** A message to a group. */
    static Outgoing toGroup(PersonId sender, ConversationId group, String requestId) {
        return outgoing(sender, group, Optional.empty(), false, requestId, "");
    }

    /** A message to somebody. */
    static Outgoing toPerson(PersonId sender, PersonId recipient, String requestId) {
        return outgoing(
                sender, ConversationId.between(sender, recipient), Optional.of(recipient), false, requestId, "");
    }

    /** A message of any kind. */
    static Outgoing outgoing(
            PersonId sender,
            ConversationId conversation,
            Optional<PersonId> recipient,
            boolean deleteOnRead,
            String requestId,
            String subType) {
        return new Outgoing(
                MessageId.next(IDS, Grid.DEFAULT.slice(Instant.now(), Lifespan.ofMinutes(60))),
                ORGANIZATION,
                conversation,
                sender,
                recipient,
                Lifespan.ofMinutes(60),
                new Message.Traits(deleteOnRead ? Message.Burning.LATER : Message.Burning.NEVER, Priority.NORMAL,
                        requestId, subType),
                new Content("hello", List.of(), List.of()),
                Optional.empty(),
                List.of(),
                false);
    }

    /** The same message in a topic. */
    static Outgoing inTopic(Outgoing outgoing) {
        return new Outgoing(
                outgoing.id(), outgoing.organization(), outgoing.conversation(), outgoing.sender(),
                outgoing.recipient(), outgoing.lifespan(), outgoing.traits(), outgoing.content(), outgoing.origin(),
                outgoing.contacts(), true);
    }

    /** Runs a statement for its effect. */
    void execute(String sql, Object... values) {
        database.change(handle -> handle.execute(sql, values));
    }

    /** The number that a query gives. */
    long number(String sql, Object... values) {
        return database.read(handle -> handle.select(sql, values).mapTo(Long.class).one());
    }

    @Override
    public void close() {
        notifications.close();
        journal.close();
        log.close();
        database.close();
    }
}
