package ephemera.core.talk;

import ephemera.core.directory.Caller;
import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.PersonId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Who changed what and when, and nothing of what it says (a port).
 *
 * <p>Entries are written in the transaction of the change that they tell of, by whoever makes it; this port reads them.
 * Those about a message are gone with its epoch, all others after at most 400 days. Thread-safe.
 */
public interface AuditTrail {

    /** The newest entries that answer a question, or those before or behind a place. */
    Page read(Question question, Cut cut);

    /** What kinds of things are changed. */
    enum Kind {
        MESSAGE,
        CONVERSATION,
        ATTACHMENT,
        COMPANY,
        PERSON
    }

    /**
     * What was changed.
     *
     * @param id its token
     */
    record Entity(Kind kind, UUID id) {

        /** A message. */
        public static Entity of(MessageId message) {
            return new Entity(Kind.MESSAGE, message.value());
        }

        /** A conversation. */
        public static Entity of(ConversationId conversation) {
            return new Entity(Kind.CONVERSATION, conversation.value());
        }
    }

    /** What was done to it. */
    enum Action {
        CREATED,
        UPDATED,
        DELETED,
        REACTION_ADDED,
        REACTION_REMOVED
    }

    /**
     * Who did it.
     *
     * @param person as whom they acted
     * @param client the application through which they did, if they used one
     */
    record Editor(PersonId person, Optional<String> client) {

        /** Whoever asks. */
        public static Editor of(Caller caller) {
            return new Editor(caller.id(), caller.client().map(client -> client.id().toString()));
        }

        /** A person, however they came. */
        public static Editor of(PersonId person) {
            return new Editor(person, Optional.empty());
        }
    }

    /** A field that changed, or something that may be known of a thing that came. */
    sealed interface Revision {

        /** A name in the words of the programs that ask, such as {@code subject}. */
        Pattern NAME = Pattern.compile("[a-z][A-Za-z]{0,39}");

        /** A value that can be no content, such as {@code RESOLVED}. */
        Pattern VALUE = Pattern.compile("[A-Z][A-Z_]{0,19}");

        /** The name of the field. */
        String field();

        /** A field with content, of which is told only that it changed. */
        record Hidden(String field) implements Revision {

            public Hidden {
                require(NAME, field);
            }
        }

        /**
         * A state, of which is told what it was and is: values are words in capitals, so that content cannot be one.
         */
        record Shown(String field, String before, String after) implements Revision {

            public Shown {
                require(NAME, field);
                require(VALUE, before);
                require(VALUE, after);
            }
        }

        /** A size, of which is told what it is. */
        record Measured(String field, long bytes) implements Revision {

            public Measured {
                require(NAME, field);
            }
        }

        private static void require(Pattern pattern, String text) {
            if (!pattern.matcher(text).matches()) {
                throw new IllegalArgumentException("an audit trail tells names and states only");
            }
        }
    }

    /**
     * A change, as it is to be entered.
     *
     * @param conversation the one that it happened in, whose members may know of it
     * @param revisions the fields that changed; none if it was made or removed as a whole
     */
    record Change(
            OrganizationId organization,
            Editor editor,
            Entity entity,
            Optional<ConversationId> conversation,
            Action action,
            List<Revision> revisions) {

        /** A message was sent. */
        public static Change sent(Editor editor, Message message) {
            return of(editor, message, Action.CREATED, List.of());
        }

        /** A message was taken back. */
        public static Change recalled(Editor editor, Message message) {
            return ended(editor, message.organization(), message.conversation(), message.id());
        }

        /** A message ended before its time, by somebody's will. */
        public static Change ended(
                Editor editor, OrganizationId organization, ConversationId conversation, MessageId message) {
            return new Change(
                    organization, editor, Entity.of(message), Optional.of(conversation), Action.DELETED,
                    List.of(new Revision.Shown("status", "ACTIVE", "DELETED")));
        }

        /** A reaction came or went. */
        public static Change reacted(Editor editor, Message message, boolean added) {
            return reacted(editor, message.organization(), message.conversation(), message.id(), added);
        }

        /** A reaction to the message with that token came or went. */
        public static Change reacted(
                Editor editor,
                OrganizationId organization,
                ConversationId conversation,
                MessageId message,
                boolean added) {
            return new Change(
                    organization, editor, Entity.of(message), Optional.of(conversation),
                    added ? Action.REACTION_ADDED : Action.REACTION_REMOVED,
                    List.of(new Revision.Hidden("reactions")));
        }

        /** A file came, to wait for its message. */
        public static Change uploaded(Editor editor, Upload upload) {
            return of(
                    editor,
                    upload.organization(),
                    upload.attachment().blob(),
                    Action.CREATED,
                    new Revision.Measured("fileSize", upload.attachment().size()));
        }

        /** A file that waited was deleted. */
        public static Change withdrawn(Editor editor, OrganizationId organization, UUID upload) {
            return of(
                    editor, organization, upload, Action.DELETED, new Revision.Shown("status", "ACTIVE", "DELETED"));
        }

        private static Change of(
                Editor editor, OrganizationId organization, UUID upload, Action action, Revision revision) {
            return new Change(
                    organization,
                    editor,
                    new Entity(Kind.ATTACHMENT, upload),
                    Optional.empty(),
                    action,
                    List.of(revision));
        }

        /** Something was done to a conversation. */
        public static Change of(
                Editor editor,
                OrganizationId organization,
                ConversationId conversation,
                Action action,
                List<Revision> revisions) {
            return new Change(
                    organization, editor, Entity.of(conversation), Optional.of(conversation), action, revisions);
        }

        private static Change of(Editor editor, Message message, Action action, List<Revision> revisions) {
            return new Change(
                    message.organization(),
                    editor,
                    Entity.of(message.id()),
                    Optional.of(message.conversation()),
                    action,
                    revisions);
        }
    }

    /**
     * A change that was entered.
     *
     * @param id its token, which sorts by time
     */
    record Entry(UUID id, Instant at, Change change) {}

    /**
     * What is asked for.
     *
     * @param organization only changes in this one
     * @param entity only changes of this
     * @param editors only changes by these people; all if there is none
     * @param viewer who may know only their own changes and those in conversations that they are in now; everything if
     *     empty
     */
    record Question(
            OrganizationId organization, Optional<Entity> entity, List<PersonId> editors, Optional<PersonId> viewer) {}

    /**
     * Which part of the answer is wanted: entries come newest first.
     *
     * @param place the token of an entry to go on from; empty for the first part
     * @param newer whether those before that place are wanted instead of those behind it
     * @param limit how many at most
     */
    record Cut(Optional<UUID> place, boolean newer, int limit) {}

    /**
     * A part of the answer, newest first.
     *
     * @param newer whether there are newer ones before it
     * @param older whether there are older ones behind it
     */
    record Page(List<Entry> entries, boolean newer, boolean older) {}
}
