package ephemera.core.inbox;

import ephemera.core.Failure;
import ephemera.core.directory.Caller;
import ephemera.core.directory.Directory;
import ephemera.core.directory.Person;
import ephemera.core.directory.PersonId;
import ephemera.core.talk.Conversation;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Rooms;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The use case of telling others that one types: passing, never stored. Thread-safe. */
public final class Typing {

    private final Directory directory;
    private final Rooms rooms;
    private final Inbox inbox;

    /** Makes the use case over those parts. */
    public Typing(Directory directory, Rooms rooms, Inbox inbox) {
        this.directory = directory;
        this.rooms = rooms;
        this.inbox = inbox;
    }

    /**
     * Tells the recipient, or the other members of a group, that the caller began or stopped typing.
     *
     * @throws ephemera.core.Refused if the recipient is unknown or the caller is not in the group
     */
    public void typing(Caller caller, String recipient, boolean started) {
        Optional<Person> person = directory.find(caller, recipient);
        if (person.isPresent()) {
            tell(caller, List.of(person.get().id()), Optional.empty(), started);
            return;
        }
        Conversation.Group group = ConversationId.parse(recipient)
                .flatMap(rooms::group)
                .filter(found -> found.organization().equals(caller.organization()))
                .orElseThrow(() -> Failure.NOT_FOUND.refused("There is no such recipient."));
        if (!group.has(caller.id())) {
            throw Failure.NOT_A_MEMBER.refused();
        }
        List<PersonId> others = new ArrayList<>(group.members());
        others.remove(caller.id());
        tell(caller, others, Optional.of(group.id()), started);
    }

    private void tell(Caller caller, List<PersonId> people, Optional<ConversationId> group, boolean started) {
        inbox.pass(people, new Event.Typing(caller.id(), group, caller.organization(), started));
    }
}
