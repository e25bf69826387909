package ephemera.core.talk;

import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.PersonId;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** A snapshot of who talks with whom: two people, or a group. */
public sealed interface Conversation {

    /** Its token. */
    ConversationId id();

    /** The organization that it belongs to. */
    OrganizationId organization();

    /** Whether that person is in it now. */
    boolean has(PersonId person);

    /** Who is in it now. */
    Set<PersonId> members();

    /**
     * The conversation of two people, or of one with themself.
     *
     * @param members both
     * @param unlisted those of them in whose rosters it does not stand
     */
    record Direct(ConversationId id, OrganizationId organization, Set<PersonId> members, Set<PersonId> unlisted)
            implements Conversation {

        @Override
        public boolean has(PersonId person) {
            return members.contains(person);
        }

        /** The other one; the same person in a conversation with oneself. */
        public PersonId other(PersonId one) {
            return members.stream().filter(member -> !member.equals(one)).findFirst().orElse(one);
        }
    }

    /**
     * A named group of people who share one conversation.
     *
     * @param looks what it shows of itself
     * @param createdBy who made it
     * @param createdAt when
     * @param members who is in it now, in the order in which they joined
     * @param contacts those of them who have no stream and are reached through a channel
     * @param isTopic whether it is about something, and counts what is unread
     */
    record Group(
            ConversationId id,
            OrganizationId organization,
            Looks looks,
            PersonId createdBy,
            Instant createdAt,
            Set<PersonId> members,
            Set<PersonId> contacts,
            boolean isTopic)
            implements Conversation {

        /** A group that is no topic. */
        public Group(
                ConversationId id,
                OrganizationId organization,
                Looks looks,
                PersonId createdBy,
                Instant createdAt,
                Set<PersonId> members,
                Set<PersonId> contacts) {
            this(id, organization, looks, createdBy, createdAt, members, contacts, false);
        }

        @Override
        public boolean has(PersonId person) {
            return members.contains(person);
        }
    }

    /**
     * What a group shows of itself, and how it treats newcomers.
     *
     * @param name its name, never blank
     * @param description free text, or empty text
     * @param avatar the blob of its picture
     * @param replaysHistory whether new members get the messages from before they joined
     * @param isPublic whether everybody in the organization may see and join it
     */
    record Looks(String name, String description, Optional<UUID> avatar, boolean replaysHistory, boolean isPublic) {}
}
