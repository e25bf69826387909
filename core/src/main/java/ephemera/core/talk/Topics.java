package ephemera.core.talk;

import ephemera.core.Failure;
import ephemera.core.Ids;
import ephemera.core.Limits;
import ephemera.core.Refused;
import ephemera.core.directory.Caller;
import ephemera.core.directory.People;
import ephemera.core.directory.PersonId;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The use cases on topics: open, look at, list, change, read, delete.
 *
 * <p>Every member of an organization sees its topics; whoever opens one or writes into one is in its group from then
 * on. What is read here is read everywhere: it moves receipts. Thread-safe.
 */
public final class Topics {

    /** How many messages one call marks as read at most; a topic with more unread ones stays unread. */
    private static final int READ_AT_ONCE = 10_000;

    private final People people;
    private final Rooms rooms;
    private final TopicArchive archive;
    private final Journal journal;
    private final Ids ids;
    private final InstantSource clock;
    private final Limits limits;

    /** Makes the use cases over those ports. */
    public Topics(
            People people,
            Rooms rooms,
            TopicArchive archive,
            Journal journal,
            Ids ids,
            InstantSource clock,
            Limits limits) {
        this.people = people;
        this.rooms = rooms;
        this.archive = archive;
        this.journal = journal;
        this.ids = ids;
        this.clock = clock;
        this.limits = limits;
    }

    /**
     * Opens a topic; all members of the organization are in it, or if these are too many, its administrators, owners
     * and bookkeepers, and the caller.
     *
     * @param requestId the caller's idempotency key, or empty text
     * @return its id, or that of the first one with the same request id
     */
    public ConversationId open(Caller caller, Topic.About about, String requestId) {
        caller.requireWrite();
        check(about);
        Set<PersonId> in = new LinkedHashSet<>();
        in.add(caller.id());
        in.addAll(people.participants(caller.organization(), limits.topicMembers()));
        Conversation.Group group = new Conversation.Group(
                new ConversationId(ids.random()),
                caller.organization(),
                new Conversation.Looks(name(about.subject()), "", Optional.empty(), true, false),
                caller.id(),
                clock.instant(),
                in,
                Set.of(),
                true);
        return journal.open(AuditTrail.Editor.of(caller), group, about, requestId);
    }

    /** A group's name: the subject, as far as it fits. */
    private String name(String subject) {
        return subject.length() <= limits.nameLength() ? subject : subject.substring(0, limits.nameLength());
    }

    /**
     * The topic with that id.
     *
     * @throws Refused with {@code NOT_FOUND} if there is none in the caller's organization
     */
    public Topic topic(Caller caller, ConversationId id) {
        return archive.topic(id, caller.organization(), caller.id())
                .map(topic -> shown(caller, topic))
                .orElseThrow(Failure.NOT_FOUND::refused);
    }

    private static Topic shown(Caller caller, Topic topic) {
        return topic.with(topic.latest().map(message -> message.shownTo(caller.id())));
    }

    /** The topic of a group as whoever opened it sees it; empty if it has none, or none any more. */
    public Optional<Topic> shown(Conversation.Group group) {
        return archive.topic(group.id(), group.organization(), group.createdBy());
    }

    /** Some topics of the caller's organization. */
    public TopicQuery.Page query(Caller caller, TopicQuery query) {
        TopicQuery.Page page = archive.query(caller.organization(), caller.id(), query);
        return new TopicQuery.Page(
                page.topics().stream().map(topic -> shown(caller, topic)).toList(), page.more());
    }

    /**
     * Some messages of a topic that are alive and that the caller may see, the oldest first.
     *
     * @param backward whether those before that position are asked for, the nearest to it
     */
    public TopicArchive.Messages messages(
            Caller caller, ConversationId id, Position from, boolean backward, int limit) {
        group(caller, id);
        TopicArchive.Messages found = archive.messages(id, caller.id(), from, backward, limit);
        return new TopicArchive.Messages(
                found.messages().stream().map(message -> message.shownTo(caller.id())).toList(), found.more());
    }

    /**
     * Changes a topic.
     *
     * @throws Refused with {@code NOT_FOUND} if there is none in the caller's organization
     */
    public void change(Caller caller, ConversationId id, Topic.Change change) {
        caller.requireWrite();
        if (change.isEmpty()) {
            group(caller, id);
            return;
        }
        Topic topic = topic(caller, id);
        check(new Topic.About(
                change.subject().orElse(topic.about().subject()),
                change.entity().or(() -> topic.about().entity()),
                change.custom().orElse(topic.about().custom())));
        journal.change(AuditTrail.Editor.of(caller), topic, change, change.subject().map(this::name));
    }

    /** Lets the caller have read all that others wrote so far: their receipts say so at every door. */
    public void read(Caller caller, ConversationId id) {
        join(caller, id);
        TopicArchive.Unread unread = archive.unread(id, caller.id(), READ_AT_ONCE);
        if (!unread.messages().isEmpty()) {
            journal.mark(
                    caller.id(),
                    unread.messages().stream().collect(Collectors.toMap(each -> each, _ -> ReceiptStatus.READ)));
            // Receipts that had moved before move nothing now.
            journal.read(id, caller.id(), unread.newest());
        }
    }

    /** Lets the newest message of somebody else count as not read; receipts never move back. */
    public void unread(Caller caller, ConversationId id) {
        caller.requireWrite();
        journal.unread(group(caller, id).id(), caller.id());
    }

    /**
     * Lets the caller into the group of a topic that they are going to write into.
     *
     * @throws Refused with {@code NOT_FOUND} if there is no such topic in the caller's organization
     */
    public void join(Caller caller, ConversationId id) {
        caller.requireWrite();
        Conversation.Group group = group(caller, id);
        if (!group.has(caller.id())) {
            journal.change(new Journal.Membership(
                    id, caller.id(), List.of(caller.id()), List.of(), limits.historyReplay(), false));
        }
    }

    private Conversation.Group group(Caller caller, ConversationId id) {
        return rooms.group(id)
                .filter(Conversation.Group::isTopic)
                .filter(found -> found.organization().equals(caller.organization()))
                .orElseThrow(Failure.NOT_FOUND::refused);
    }

    /**
     * Ends a topic and its group for everybody, and within seconds all its messages.
     *
     * @throws Refused with {@code FORBIDDEN} unless the caller opened it or administers the organization
     */
    public void delete(Caller caller, ConversationId id) {
        caller.requireWrite();
        if (!group(caller, id).createdBy().equals(caller.id()) && !caller.person().isAdministrator()) {
            throw Failure.FORBIDDEN.refused();
        }
        journal.delete(id, caller.id());
    }

    private void check(Topic.About about) {
        if (about.subject().isBlank() || about.subject().length() > limits.metadataValueLength()) {
            throw Failure.INVALID.refused(
                    "A topic needs a subject of at most " + limits.metadataValueLength() + " characters.");
        }
        if (about.entity().filter(name -> name.isBlank() || name.length() > limits.nameLength()).isPresent()) {
            throw Failure.INVALID.refused("The name of a record has 1 to " + limits.nameLength() + " characters.");
        }
        if (about.custom().length() > limits.metadataValueLength()) {
            throw Failure.INVALID.refused("The data of an application is too long.");
        }
    }
}
