package ephemera.core.talk;

import ephemera.core.Failure;
import ephemera.core.Ids;
import ephemera.core.Limits;
import ephemera.core.Refused;
import ephemera.core.directory.Caller;
import ephemera.core.directory.Directory;
import ephemera.core.directory.Person;
import ephemera.core.directory.PersonId;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The use cases on groups: create, look at, change, join, leave, delete.
 *
 * <p>Any member may change a group and its members, as the vendor's clients expect; only its creator or an
 * administrator may delete it. Thread-safe.
 */
public final class Groups {

    private final Directory directory;
    private final Rooms rooms;
    private final Archive archive;
    private final Journal journal;
    private final Ids ids;
    private final InstantSource clock;
    private final Limits limits;

    /** Makes the use cases over those ports. */
    public Groups(
            Directory directory,
            Rooms rooms,
            Archive archive,
            Journal journal,
            Ids ids,
            InstantSource clock,
            Limits limits) {
        this.directory = directory;
        this.rooms = rooms;
        this.archive = archive;
        this.journal = journal;
        this.ids = ids;
        this.clock = clock;
        this.limits = limits;
    }

    /**
     * Creates a group.
     *
     * @param members addresses of people of the caller's organization
     * @param withCreator whether the caller is a member too
     * @param metadata what describes it from the beginning
     * @param requestId the caller's idempotency key, or empty text
     */
    public Conversation.Group create(
            Caller caller,
            Conversation.Looks looks,
            List<String> members,
            boolean withCreator,
            Map<String, String> metadata,
            String requestId) {
        check(looks);
        directory.checkMetadata(metadata);
        if (requestId.length() > limits.nameLength()) {
            throw Failure.INVALID.refused("A request id is too long.");
        }
        List<Person> people = people(caller, members);
        Set<PersonId> in = new LinkedHashSet<>();
        if (withCreator) {
            in.add(caller.id());
        }
        people.forEach(person -> in.add(person.id()));
        if (in.isEmpty()) {
            throw Failure.INVALID.refused("A group needs at least one member.");
        }
        requireFew(in.size());
        Set<PersonId> contacts = people.stream()
                .filter(person -> !person.isMember())
                .map(Person::id)
                .collect(Collectors.toUnmodifiableSet());
        Conversation.Group group = journal.create(
                new Conversation.Group(
                        new ConversationId(ids.random()),
                        caller.organization(),
                        looks,
                        caller.id(),
                        clock.instant(),
                        in,
                        contacts),
                requestId);
        if (!metadata.isEmpty()) {
            describe(caller, group, metadata);
        }
        return group;
    }

    /**
     * The group with that token.
     *
     * @throws Refused with {@code NOT_FOUND} if there is none, {@code NOT_A_MEMBER} if the caller is outside and it is
     *     not public
     */
    public Conversation.Group group(Caller caller, ConversationId id) {
        Conversation.Group group = existing(caller, id);
        if (!group.has(caller.id())
                && !group.looks().isPublic()
                && !caller.person().isAdministrator()) {
            throw Failure.NOT_A_MEMBER.refused();
        }
        return group;
    }

    /**
     * Changes what a group shows of itself.
     *
     * @param members the addresses of all who are to be members from now on, or nothing to leave them as they are
     */
    public void update(Caller caller, Conversation.Group group, Conversation.Looks looks,
            Optional<List<String>> members) {
        requireMember(caller, group);
        check(looks);
        if (members.filter(List::isEmpty).isPresent()) {
            throw Failure.INVALID.refused("A group needs at least one member.");
        }
        Optional<List<Person>> people = members.map(addresses -> people(caller, addresses));
        if (!looks.equals(group.looks())) {
            journal.update(group.id(), looks, caller.id());
        }
        if (people.isPresent()) {
            Set<PersonId> wanted =
                    people.get().stream().map(Person::id).collect(Collectors.toCollection(LinkedHashSet::new));
            requireFew(wanted.size());
            List<PersonId> joining =
                    wanted.stream().filter(id -> !group.has(id)).toList();
            List<PersonId> leaving =
                    group.members().stream().filter(id -> !wanted.contains(id)).toList();
            change(caller, group, joining, leaving, true);
        }
    }

    /**
     * Adds members; anybody of the organization may add themself to a public group.
     *
     * @return the group as it is afterwards
     */
    public Conversation.Group add(Caller caller, Conversation.Group group, List<String> members) {
        List<PersonId> joining =
                people(caller, members).stream().map(Person::id).toList();
        boolean joinsPublic = group.looks().isPublic() && joining.equals(List.of(caller.id()));
        if (!joinsPublic) {
            requireMember(caller, group);
        }
        requireFew(group.members().size()
                + (int) joining.stream().filter(id -> !group.has(id)).count());
        change(caller, group, joining, List.of(), true);
        return existing(caller, group.id());
    }

    /**
     * Removes members; removing oneself is leaving.
     *
     * @param announced whether the others are told
     */
    public void remove(Caller caller, Conversation.Group group, List<String> members, boolean announced) {
        requireMember(caller, group);
        List<PersonId> leaving =
                people(caller, members).stream().map(Person::id).toList();
        change(caller, group, List.of(), leaving, announced);
    }

    /**
     * Takes the caller out of a group; somebody who is not in it is out already. A group that nobody is left in, and
     * that nobody may join by themself, ends.
     */
    public void leave(Caller caller, ConversationId id) {
        Conversation.Group group = existing(caller, id);
        if (group.has(caller.id())) {
            change(caller, group, List.of(), List.of(caller.id()), true);
        }
    }

    /**
     * Ends a group for everybody, and within seconds all its messages; one that is gone or unknown is no failure, as
     * the contract wants (section 3.12).
     *
     * @throws Refused with {@code FORBIDDEN} unless the caller made it or administers the organization
     */
    public void delete(Caller caller, ConversationId id) {
        Optional<Conversation.Group> group =
                rooms.group(id).filter(found -> found.organization().equals(caller.organization()));
        if (group.isEmpty()) {
            return;
        }
        if (!group.get().createdBy().equals(caller.id()) && !caller.person().isAdministrator()) {
            throw Failure.FORBIDDEN.refused();
        }
        journal.delete(id, caller.id());
    }

    /**
     * The groups whose name contains the text in any case, by name: public ones of the organization and, if asked for,
     * the caller's.
     */
    public List<Conversation.Group> search(Caller caller, String text, boolean withOwn, int limit) {
        String wanted = text.toLowerCase(Locale.ROOT);
        Stream<ConversationId> own = withOwn ? archive.roster(caller.id()).stream() : Stream.of();
        return Stream.concat(archive.publicGroups(caller.organization(), text, limit).stream(), own)
                .distinct()
                .flatMap(id -> rooms.group(id).stream())
                .filter(group -> group.looks().name().toLowerCase(Locale.ROOT).contains(wanted))
                .limit(limit)
                .toList();
    }

    /** Replaces the metadata of a group. */
    public void setMetadata(Caller caller, Conversation.Group group, Map<String, String> fields) {
        requireMember(caller, group);
        describe(caller, group, fields);
    }

    private void describe(Caller caller, Conversation.Group group, Map<String, String> fields) {
        directory.setMetadata(group.organization(), group.id().value(), fields);
        journal.update(group.id(), group.looks(), caller.id());
    }

    private Conversation.Group existing(Caller caller, ConversationId id) {
        return rooms.group(id)
                .filter(found -> found.organization().equals(caller.organization()))
                .orElseThrow(Failure.NOT_FOUND::refused);
    }

    private void change(
            Caller caller,
            Conversation.Group group,
            List<PersonId> joining,
            List<PersonId> leaving,
            boolean announced) {
        if (joining.isEmpty() && leaving.isEmpty()) {
            return;
        }
        int history = group.looks().replaysHistory() ? limits.historyReplay() : 0;
        journal.change(new Journal.Membership(group.id(), caller.id(), joining, leaving, history, announced));
    }

    private List<Person> people(Caller caller, List<String> addresses) {
        requireFew(addresses.size());
        return directory.people(caller, addresses);
    }

    private static void requireMember(Caller caller, Conversation.Group group) {
        if (!group.has(caller.id()) && !caller.person().isAdministrator()) {
            throw Failure.NOT_A_MEMBER.refused();
        }
    }

    private void requireFew(int members) {
        if (members > limits.groupMembers()) {
            throw Failure.INVALID.refused("A group has at most " + limits.groupMembers() + " members.");
        }
    }

    private void check(Conversation.Looks looks) {
        if (looks.name().isBlank() || looks.name().length() > limits.nameLength()) {
            throw Failure.INVALID.refused("A group needs a name of at most " + limits.nameLength() + " characters.");
        }
        if (looks.description().length() > limits.metadataValueLength()) {
            throw Failure.INVALID.refused("The description is too long.");
        }
    }
}
