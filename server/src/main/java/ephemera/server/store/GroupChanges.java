package ephemera.server.store;

import ephemera.core.directory.PersonId;
import ephemera.core.talk.Conversation;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Journal;
import ephemera.core.talk.MessageId;
import ephemera.core.talk.Notice;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** The changes of groups: rows and events of each, in the transaction of a {@link Scribe}. Stateless. */
final class GroupChanges {

    private static final int ANNOUNCED = 100;

    /** So many earlier messages at most are told by one change, to all who join together: a crowd gets the latest. */
    private static final int TOLD = 200_000;

    private final PostgresRooms rooms;
    private final Json json;
    private final Epochs epochs;

    GroupChanges(PostgresRooms rooms, Json json, Epochs epochs) {
        this.rooms = rooms;
        this.json = json;
        this.epochs = epochs;
    }

    /** Creates a group, or finds the one that the same request created. */
    ConversationId create(Scribe scribe, Conversation.Group group, String requestId) {
        Optional<UUID> repeated = scribe.handle()
                .createQuery(
                        """
                        SELECT conversation_id FROM conversation
                         WHERE created_by = :creator AND request_id = nullif(:request, '')
                        """)
                .bind("creator", group.createdBy().value())
                .bind("request", requestId)
                .mapTo(UUID.class)
                .findOne();
        if (repeated.isPresent()) {
            return new ConversationId(repeated.get());
        }
        scribe.handle()
                .createUpdate(
                        """
                        INSERT INTO conversation (conversation_id, organization_id, is_group, name, description, avatar,
                                                  replays_history, is_public, created_by, created_at, request_id)
                        VALUES (:id, :organization, true, :name, :description, :avatar::uuid,
                                :replays, :public, :creator, :now, nullif(:request, ''))
                        """)
                .bind("id", group.id().value())
                .bind("organization", group.organization().token())
                .bind("name", group.looks().name())
                .bind("description", group.looks().description())
                .bind("avatar", group.looks().avatar().orElse(null))
                .bind("replays", group.looks().replaysHistory())
                .bind("public", group.looks().isPublic())
                .bind("creator", group.createdBy().value())
                .bind("now", Scribe.parameter(scribe.now()))
                .bind("request", requestId)
                .execute();
        seat(scribe, group.id(), group.members(), scribe.head());
        changed(scribe, group.id());
        scribe.tell(
                List.copyOf(group.members()), new Notice.GroupListed(group.id()), epochs.fades(scribe.now()));
        return group.id();
    }

    /** Changes what a group shows of itself. */
    boolean update(Scribe scribe, ConversationId group, Conversation.Looks looks, PersonId by) {
        TopicChanges.renamed(scribe, group, looks.name(), by, epochs.audited(scribe.now()));
        scribe.handle()
                .createUpdate(
                        """
                        UPDATE conversation
                           SET name = :name, description = :description, avatar = :avatar::uuid,
                               replays_history = :replays, is_public = :public
                         WHERE conversation_id = :id AND NOT deleted
                        """)
                .bind("id", group.value())
                .bind("name", looks.name())
                .bind("description", looks.description())
                .bind("avatar", looks.avatar().orElse(null))
                .bind("replays", looks.replaysHistory())
                .bind("public", looks.isPublic())
                .execute();
        changed(scribe, group);
        tellMembers(scribe, group, new Notice.GroupChanged(group));
        return true;
    }

    /** Adds and removes members; a group that the last one leaves is over, unless others may join it still. */
    boolean change(Scribe scribe, Journal.Membership change) {
        ConversationId group = change.group();
        if (isOver(scribe, group)) {
            return false;
        }
        List<PersonId> members = members(scribe, group);
        List<PersonId> joining =
                change.joining().stream().filter(each -> !members.contains(each)).distinct().toList();
        List<PersonId> leaving =
                change.leaving().stream().filter(members::contains).distinct().toList();
        if (joining.isEmpty() && leaving.isEmpty()) {
            return false;
        }
        List<Earlier> history = change.history() > 0 && !joining.isEmpty()
                ? history(scribe, group, Math.min(change.history(), Math.max(1, TOLD / joining.size())))
                : List.of();
        keepEarlierStays(scribe, group, joining, change.history() > 0);
        // History is told by notices of its own: the stream of a newcomer may be past the positions of those messages.
        seat(scribe, group, joining, change.history() > 0 ? 0 : scribe.head());
        unseat(scribe, group, leaving, scribe.head());
        changed(scribe, group);
        scribe.tell(joining, new Notice.GroupListed(group), epochs.fades(scribe.now()));
        Map<PersonId, Set<MessageId>> burnt = burnt(scribe, joining, history);
        joining.forEach(person -> tellHistory(
                scribe, person, group, history, burnt.getOrDefault(person, Set.of())));
        // A crowd is told by the change of the group alone: a line for each newcomer to each member would be a flood.
        if (change.announced() && joining.size() + leaving.size() <= ANNOUNCED) {
            joining.forEach(
                    person -> tellMembers(scribe, group, new Notice.Joined(group, change.by(), person, scribe.now())));
            leaving.forEach(
                    person -> tellMembers(scribe, group, new Notice.Left(group, change.by(), person, scribe.now())));
        }
        tellMembers(scribe, group, new Notice.GroupChanged(group));
        scribe.tell(leaving, new Notice.GroupUnlisted(group), epochs.fades(scribe.now()));
        if (!leaving.isEmpty()) {
            GroupEnd.beginWhereNobodyIsLeft(scribe, List.of(group));
        }
        return true;
    }

    /** Gives the group of a topic the name that its new subject makes; whoever changes the topic tells of it. */
    void rename(Scribe scribe, ConversationId group, String name) {
        scribe.handle()
                .createUpdate("UPDATE conversation SET name = :name WHERE conversation_id = :id AND NOT deleted")
                .bind("id", group.value())
                .bind("name", name)
                .execute();
        changed(scribe, group);
    }

    /** Ends a group for all its members. */
    boolean delete(Scribe scribe, ConversationId group, PersonId by) {
        List<PersonId> members = members(scribe, group);
        if (!GroupEnd.begin(scribe, group)) {
            return false;
        }
        TopicChanges.delete(scribe, group, by, epochs.audited(scribe.now()));
        unseat(scribe, group, members, scribe.head());
        changed(scribe, group);
        scribe.tell(members, new Notice.GroupUnlisted(group), epochs.fades(scribe.now()));
        return true;
    }

    /** Whether a group was ended while somebody was about to change it: nobody sits in one that is over. */
    private static boolean isOver(Scribe scribe, ConversationId group) {
        return scribe.handle()
                .createQuery("SELECT deleted FROM conversation WHERE conversation_id = :id")
                .bind("id", group.value())
                .mapTo(Boolean.class)
                .findOne()
                .orElse(true);
    }

    private static List<PersonId> members(Scribe scribe, ConversationId group) {
        return scribe.handle()
                .createQuery("SELECT person_id FROM membership WHERE conversation_id = :id AND left_at IS NULL")
                .bind("id", group.value())
                .map((row, _) -> new PersonId(row.getObject(1, UUID.class)))
                .list();
    }

    private static void seat(Scribe scribe, ConversationId group, Collection<PersonId> people, long visibleAfter) {
        if (people.isEmpty()) {
            return;
        }
        scribe.handle()
                .createUpdate(
                        """
                        INSERT INTO membership (conversation_id, person_id, joined_order, visible_after, told_after,
                                                listed, listed_at)
                        SELECT :group, person_id, :head + place, :visibleAfter, :head, true, :now
                          FROM unnest(:people) WITH ORDINALITY AS row (person_id, place)
                            ON CONFLICT (conversation_id, person_id) DO UPDATE
                           SET joined_order = excluded.joined_order, visible_after = excluded.visible_after,
                               told_after = excluded.told_after, left_at = NULL, listed = true,
                               listed_at = excluded.listed_at
                        """)
                .bind("group", group.value())
                .bind("head", scribe.head())
                .bind("visibleAfter", visibleAfter)
                .bind("now", Scribe.parameter(scribe.now()))
                .bindArray("people", UUID.class, PostgresJournal.values(people))
                .execute();
    }

    /** Keeps what those who come back could read before; somebody who gets the whole past needs no parts of it. */
    private static void keepEarlierStays(
            Scribe scribe, ConversationId group, List<PersonId> people, boolean withHistory) {
        if (people.isEmpty()) {
            return;
        }
        String sql = withHistory
                ? "DELETE FROM earlier_membership WHERE conversation_id = :group AND person_id = ANY (:people)"
                : """
                  INSERT INTO earlier_membership (conversation_id, person_id, visible_after, told_after, left_at)
                  SELECT conversation_id, person_id, visible_after, told_after, left_at FROM membership
                   WHERE conversation_id = :group AND person_id = ANY (:people) AND left_at IS NOT NULL
                      ON CONFLICT DO NOTHING
                  """;
        scribe.handle()
                .createUpdate(sql)
                .bind("group", group.value())
                .bindArray("people", UUID.class, PostgresJournal.values(people))
                .execute();
    }

    private static void unseat(Scribe scribe, ConversationId group, Collection<PersonId> people, long leftAt) {
        if (people.isEmpty()) {
            return;
        }
        scribe.handle()
                .createUpdate(
                        """
                        UPDATE membership SET left_at = :leftAt, listed = false
                         WHERE conversation_id = :group AND person_id = ANY (:people)
                        """)
                .bind("leftAt", leftAt)
                .bind("group", group.value())
                .bindArray("people", UUID.class, PostgresJournal.values(people))
                .execute();
    }

    /** An earlier message, without what it says: that is read when it is told, and not while the journal waits. */
    private record Earlier(MessageId id, long position, boolean burns) {}

    /** The latest messages of a group that are alive, in their order. */
    private static List<Earlier> history(Scribe scribe, ConversationId group, int limit) {
        return scribe
                .handle()
                .createQuery(
                        """
                        SELECT message_id, position, delete_on_read FROM message
                         WHERE conversation_id = :group AND expires_at > now() AND NOT recalled
                           AND content IS NOT NULL
                         ORDER BY position DESC LIMIT :limit
                        """)
                .bind("group", group.value())
                .bind("limit", limit)
                .map((row, _) -> new Earlier(
                        new MessageId(row.getObject("message_id", UUID.class)),
                        row.getLong("position"),
                        row.getBoolean("delete_on_read")))
                .list()
                .reversed();
    }

    /** The messages that are gone for those who read them when they were members before. */
    private Map<PersonId, Set<MessageId>> burnt(Scribe scribe, List<PersonId> people, List<Earlier> history) {
        Map<PersonId, Set<MessageId>> burnt = new HashMap<>();
        List<MessageId> messages = history.stream().filter(Earlier::burns).map(Earlier::id).toList();
        if (!messages.isEmpty()) {
            scribe.handle()
                    .createQuery(
                            """
                            SELECT person_id, message_id FROM burn
                             WHERE epoch = ANY (:epochs) AND person_id = ANY (:people)
                               AND message_id = ANY (:messages) AND gone_at <= now()
                            """)
                    .bindArray("epochs", Long.class, epochs.of(messages))
                    .bindArray("people", UUID.class, PostgresJournal.values(people))
                    .bindArray("messages", UUID.class, messages.stream().map(MessageId::value).toArray())
                    .map((row, _) -> burnt.computeIfAbsent(
                            new PersonId(row.getObject("person_id", UUID.class)), _ -> new HashSet<>())
                            .add(new MessageId(row.getObject("message_id", UUID.class))))
                    .list();
        }
        return burnt;
    }

    private void tellHistory(
            Scribe scribe, PersonId person, ConversationId group, List<Earlier> history, Set<MessageId> burnt) {
        List<Long> positions = history.stream()
                .filter(message -> !burnt.contains(message.id()))
                .map(Earlier::position)
                .toList();
        if (!positions.isEmpty()) {
            scribe.tellByLog(person, NoticeRow.history(group, positions, json), epochs.fades(scribe.now()));
        }
    }

    private void tellMembers(Scribe scribe, ConversationId group, Notice notice) {
        scribe.tell(group, notice, epochs.fades(scribe.now()));
    }

    private void changed(Scribe scribe, ConversationId group) {
        Notifications.tell(scribe.handle(), Notifications.Topic.ROOM, group.toString());
        scribe.afterwards(() -> rooms.forget(group));
    }
}
