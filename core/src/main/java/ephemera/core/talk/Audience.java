package ephemera.core.talk;

import ephemera.core.directory.PersonId;
import java.util.List;

/** Whom a change concerns. */
public sealed interface Audience {

    /** Everybody who is in the conversation at the position of the change. */
    record Members(ConversationId conversation) implements Audience {}

    /** Just these people. */
    record Only(List<PersonId> people) implements Audience {

        /** The audience of one person. */
        public static Only person(PersonId person) {
            return new Only(List.of(person));
        }
    }
}
