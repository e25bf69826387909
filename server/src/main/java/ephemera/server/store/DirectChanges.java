package ephemera.server.store;

import ephemera.core.directory.PersonId;
import ephemera.core.talk.Conversation;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Notice;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The changes of conversations of two: rows and events, in the transaction of a {@link Scribe}. Stateless. */
final class DirectChanges {

    private final PostgresRooms rooms;
    private final Epochs epochs;

    DirectChanges(PostgresRooms rooms, Epochs epochs) {
        this.rooms = rooms;
        this.epochs = epochs;
    }

    /** Makes a conversation if there is none, and lists it where it is to be listed and is not. */
    Conversation.Direct list(Scribe scribe, Conversation.Direct conversation) {
        scribe.handle()
                .createUpdate(
                        """
                        INSERT INTO conversation (
                                    conversation_id, organization_id, is_group, created_by, created_at)
                        VALUES (:id, :organization, false, :creator, :now) ON CONFLICT DO NOTHING
                        """)
                .bind("id", conversation.id().value())
                .bind("organization", conversation.organization().token())
                .bind("creator", conversation.members().iterator().next().value())
                .bind("now", Scribe.parameter(scribe.now()))
                .execute();
        for (PersonId member : conversation.members()) {
            boolean wanted = conversation.unlisted().contains(member);
            boolean listed = seat(scribe, conversation.id(), member, wanted);
            if (wanted && listed) {
                scribe.tell(
                        List.of(member),
                        new Notice.PersonListed(conversation.other(member)),
                        epochs.fades(scribe.now()));
            }
        }
        changed(scribe, conversation.id());
        return conversation;
    }

    /** Gives a person a seat in a conversation, or lists it again; true if it was not listed before. */
    private static boolean seat(Scribe scribe, ConversationId conversation, PersonId member, boolean listed) {
        return scribe.handle()
                .createUpdate(
                        """
                        INSERT INTO membership (conversation_id, person_id, joined_order, visible_after, told_after,
                                                listed, listed_at)
                        VALUES (:conversation, :member, 0, 0, 0, :listed, :now)
                            ON CONFLICT (conversation_id, person_id) DO UPDATE
                           SET listed = true, listed_at = excluded.listed_at
                         WHERE excluded.listed AND NOT membership.listed
                        """)
                .bind("conversation", conversation.value())
                .bind("member", member.value())
                .bind("listed", listed)
                .bind("now", Scribe.parameter(scribe.now()))
                .execute()
                > 0;
    }

    /**
     * Lets a person see nothing any more of what was said so far; true if there was a conversation. What neither of the
     * two sees any more is ended: if that is much, the rest of it later, as {@link #cleared} tells.
     */
    boolean clear(Scribe scribe, ConversationId conversation, PersonId person, PersonId other) {
        int cleared = scribe.handle()
                .createUpdate(
                        """
                        UPDATE membership SET listed = false, visible_after = :head, told_after = :head
                         WHERE conversation_id = :conversation AND person_id = :person
                        """)
                .bind("head", scribe.head())
                .bind("conversation", conversation.value())
                .bind("person", person.value())
                .execute();
        if (cleared > 0) {
            scribe.tell(List.of(person), new Notice.PersonUnlisted(other), epochs.fades(scribe.now()));
        }
        seenByNobody(scribe, conversation)
                .filter(position -> Doom.endSome(scribe, conversation, position) == Doom.AT_ONCE)
                .ifPresent(position -> noteToEnd(scribe, conversation, position));
        changed(scribe, conversation);
        return cleared > 0;
    }

    /** The position up to which both have cleared their conversation. */
    private static Optional<Long> seenByNobody(Scribe scribe, ConversationId conversation) {
        return scribe.handle()
                .createQuery("SELECT min(visible_after) FROM membership WHERE conversation_id = :conversation")
                .bind("conversation", conversation.value())
                .mapTo(Long.class)
                .findOne()
                .filter(position -> position > 0);
    }

    private static void noteToEnd(Scribe scribe, ConversationId conversation, long through) {
        scribe.handle()
                .createUpdate("UPDATE conversation SET end_through = :through WHERE conversation_id = :conversation")
                .bind("through", through)
                .bind("conversation", conversation.value())
                .execute();
    }

    /**
     * A conversation that both have cleared, and of which not all messages may have ended yet.
     *
     * @param through the position up to which they are to end
     */
    record Cleared(ConversationId conversation, long through) {}

    /** The conversations that both have cleared, and of which not all messages may have ended yet. */
    static List<Cleared> cleared(Database database) {
        return database.read(handle -> handle.createQuery(
                "SELECT conversation_id, end_through FROM conversation WHERE end_through IS NOT NULL")
                .map((row, _) -> new Cleared(
                        new ConversationId(row.getObject("conversation_id", UUID.class)), row.getLong("end_through")))
                .list());
    }

    /** Notes that all messages have ended; if more was cleared meanwhile, that is still to be ended. */
    static void ended(Database database, Cleared cleared) {
        database.change(handle -> handle.createUpdate(
                """
                        UPDATE conversation SET end_through = NULL
                         WHERE conversation_id = :conversation AND end_through = :through
                        """)
                .bind("conversation", cleared.conversation().value())
                .bind("through", cleared.through())
                .execute());
    }

    private void changed(Scribe scribe, ConversationId conversation) {
        Notifications.tell(scribe.handle(), Notifications.Topic.ROOM, conversation.toString());
        scribe.afterwards(() -> rooms.forget(conversation));
    }
}
