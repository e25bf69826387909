package ephemera.core.talk;

import ephemera.core.Failure;
import ephemera.core.Refused;
import ephemera.core.directory.Caller;
import ephemera.core.directory.Directory;
import ephemera.core.directory.Person;
import ephemera.core.directory.PersonId;
import ephemera.core.directory.Profile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The use cases on a person's list of recent conversations, on mutes, and on telling the others that a person changed.
 *
 * <p>Thread-safe.
 */
public final class Roster {

    private final Directory directory;
    private final Rooms rooms;
    private final Archive archive;
    private final Journal journal;

    /** Makes the use cases over those ports. */
    public Roster(Directory directory, Rooms rooms, Archive archive, Journal journal) {
        this.directory = directory;
        this.rooms = rooms;
        this.archive = archive;
        this.journal = journal;
    }

    /** A line of a roster. */
    public sealed interface Line {

        /** A conversation with a person. */
        record WithPerson(Person person) implements Line {}

        /** A group. */
        record WithGroup(Conversation.Group group) implements Line {}
    }

    /** The caller's recent conversations, the most recent first. */
    public List<Line> lines(Caller caller) {
        List<Line> lines = new ArrayList<>();
        for (ConversationId id : archive.roster(caller.id())) {
            rooms.direct(id)
                    .map(direct -> direct.other(caller.id()))
                    .flatMap(other -> directory.find(caller, other))
                    .<Line>map(Line.WithPerson::new)
                    .or(() -> rooms.group(id).map(Line.WithGroup::new))
                    .ifPresent(lines::add);
        }
        return lines;
    }

    /**
     * Puts a conversation with a person into the caller's roster; a group that the caller is in stands there already.
     */
    public void add(Caller caller, String entity) {
        Optional<Person> person = directory.find(caller, entity);
        if (person.isEmpty()) {
            boolean listed = ConversationId.parse(entity)
                    .flatMap(rooms::group)
                    .filter(group -> group.organization().equals(caller.organization()) && group.has(caller.id()))
                    .isPresent();
            if (!listed) {
                throw Failure.NOT_FOUND.refused();
            }
            return;
        }
        PersonId other = person.get().id();
        ConversationId id = ConversationId.between(caller.id(), other);
        Optional<Conversation.Direct> known = rooms.direct(id);
        if (known.isEmpty() || known.get().unlisted().contains(caller.id())) {
            Set<PersonId> both = caller.id().equals(other) ? Set.of(other) : Set.of(caller.id(), other);
            journal.list(new Conversation.Direct(id, caller.organization(), both, Set.of(caller.id())));
        }
    }

    /** Takes a conversation with a person out of the caller's roster and deletes its messages for the caller. */
    public void remove(Caller caller, Person other) {
        ConversationId id = ConversationId.between(caller.id(), other.id());
        if (rooms.direct(id).isPresent()) {
            journal.clear(id, caller.id(), other.id());
        }
    }

    /**
     * Changes a profile and tells everybody who has the person in a roster.
     *
     * @throws Refused like {@link Directory#update(Caller, Person, Profile)}
     */
    public void update(Caller caller, Person person, Profile profile) {
        directory.update(caller, person, profile);
        journal.personChanged(person.id(), others(person.id()));
    }

    /** Replaces a person's metadata and tells everybody who has the person in a roster. */
    public void setMetadata(Caller caller, Person person, Map<String, String> fields) {
        directory.setMetadata(caller, person, fields);
        journal.personChanged(person.id(), others(person.id()));
    }

    /** The caller's mutes that have not ended. */
    public List<Mute> mutes(Caller caller) {
        return archive.mutes(caller.id());
    }

    /** Begins a mute. */
    public void mute(Mute mute) {
        if (mute.minutes() < 1 || mute.minutes() > Mute.LONGEST_MINUTES) {
            throw Failure.INVALID.refused("A mute lasts 1 to " + Mute.LONGEST_MINUTES + " minutes.");
        }
        journal.mute(mute);
    }

    /** Ends a mute of the caller, or all of them. */
    public void unmute(Caller caller, Optional<Mute> mute) {
        journal.unmute(caller.id(), mute);
    }

    /** The person themself and those whom they talk with one to one. */
    private List<PersonId> others(PersonId person) {
        List<PersonId> others = new ArrayList<>();
        others.add(person);
        for (ConversationId id : archive.roster(person)) {
            rooms.direct(id)
                    .map(direct -> direct.other(person))
                    .filter(other -> !other.equals(person))
                    .ifPresent(others::add);
        }
        return others;
    }
}
