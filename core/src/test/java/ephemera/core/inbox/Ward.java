package ephemera.core.inbox;

import ephemera.core.Failure;
import ephemera.core.Ids;
import ephemera.core.Lifespan;
import ephemera.core.Limits;
import ephemera.core.directory.Caller;
import ephemera.core.directory.Credential;
import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.Person;
import ephemera.core.directory.PersonId;
import ephemera.core.directory.Profile;
import ephemera.core.talk.Audience;
import ephemera.core.talk.Content;
import ephemera.core.talk.Conversation;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Entry;
import ephemera.core.talk.Message;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Notice;
import ephemera.core.talk.Position;
import ephemera.core.talk.Priority;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** An inbox over a journal in memory, with three people and the group of them. */
final class Ward {

    private static final OrganizationId ORGANIZATION = new OrganizationId("0".repeat(24));

    /** A key of which the store, being away, cannot tell whether it is good. */
    static final String UNKNOWN = "unknown key";

    private final Ids ids;
    final LogInMemory log = new LogInMemory();
    final Marks marks = new Marks();
    final Set<String> revoked = ConcurrentHashMap.newKeySet();
    final AtomicInteger fallenBehind = new AtomicInteger();
    final Inbox inbox;
    final Caller alice;
    final Caller bob;
    final Caller carol;
    final ConversationId group;

    /**
     * Makes a ward.
     *
     * @param page the most events that are read at once
     * @param tracked the most events whose acknowledgement is tracked in memory
     */
    Ward(long seed, int page, int tracked) {
        ids = new Ids(() -> Instant.EPOCH, new Random(seed));
        Limits usual = Limits.DEFAULT;
        Limits limits = new Limits(
                usual.bodyBytes(), usual.requestBytes(), usual.attachmentBytes(), usual.uploadsPerPerson(),
                usual.uploadsPerClient(), usual.attachments(), usual.dataItems(),
                usual.groupMembers(), usual.topicMembers(), usual.idsPerCall(), usual.nameLength(),
                usual.metadataKeys(),
                usual.metadataValueLength(), 5, usual.streamBuffer(), tracked, page, usual.historyReplay(),
                usual.searchResults());
        inbox = new Inbox(log, log, marks, this::holds, limits, new Inbox.Meter() {
            @Override
            public void replayed(int events) {}

            @Override
            public void fellBehind() {
                fallenBehind.incrementAndGet();
            }
        });
        alice = caller("Alice", "alice's key");
        bob = caller("Bob", "bob's key");
        carol = caller("Carol", "carol's key");
        group = new ConversationId(ids.random());
        log.put(new Conversation.Group(
                group,
                ORGANIZATION,
                new Conversation.Looks("Ward", "", Optional.empty(), false, false),
                alice.id(),
                Instant.EPOCH,
                new LinkedHashSet<>(List.of(alice.id(), bob.id(), carol.id())),
                Set.of()));
    }

    private boolean holds(Caller caller) {
        if (caller.credential().key().equals(UNKNOWN)) {
            throw Failure.UNAVAILABLE.refused();
        }
        return !revoked.contains(caller.credential().key());
    }

    private Caller caller(String name, String key) {
        PersonId id = new PersonId(ids.random());
        Person person = new Person(
                id,
                ORGANIZATION,
                Person.Standing.MEMBER,
                Profile.named(name),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        return signedIn(person, key);
    }

    private static Caller signedIn(Person person, String key) {
        return new Caller(person, new Credential(key, new byte[32], person.id(), Credential.Kind.SESSION, "device"));
    }

    /** The same person with another key. */
    static Caller withKey(Caller caller, String key) {
        return signedIn(caller.person(), key);
    }

    /** A message of one of the people to another, committed and not yet published. */
    Entry message(int step, Caller sender, Caller recipient) {
        Message message = message(
                ConversationId.between(sender.id(), recipient.id()), sender.id(), Optional.of(recipient.id()));
        Audience audience = new Audience.Only(List.of(sender.id(), recipient.id()));
        return log.append(step, audience, new Notice.Sent(message, false));
    }

    /** A message to the group, committed and not yet published. */
    Entry groupMessage(int step, Caller sender) {
        Message message = message(group, sender.id(), Optional.empty());
        return log.append(step, new Audience.Members(group), new Notice.Sent(message, false));
    }

    /** Something that concerns one person, committed and not yet published. */
    Entry notice(int step, Caller about) {
        return log.append(step, Audience.Only.person(about.id()), new Notice.PersonChanged(about.id()));
    }

    /** Publishes entries that were committed. */
    void publish(Entry... entries) {
        inbox.publish(List.of(entries));
    }

    private Message message(ConversationId conversation, PersonId sender, Optional<PersonId> recipient) {
        return new Message(
                new MessageId(ids.random()),
                ORGANIZATION,
                conversation,
                Position.START,
                sender,
                recipient,
                Instant.EPOCH,
                Instant.MAX,
                new Lifespan(1),
                new Message.Traits(Message.Burning.NEVER, Priority.NORMAL, "", ""),
                Content.NONE,
                Optional.empty());
    }
}
