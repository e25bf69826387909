package ephemera.server.store;

import ephemera.core.directory.OrganizationId;
import ephemera.core.directory.PersonId;
import ephemera.core.talk.AuditTrail;
import ephemera.core.talk.Conversation;
import ephemera.core.talk.ConversationId;
import ephemera.core.talk.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** The changes of topics: their rows, in the transaction of a {@link Scribe}. Stateless. */
final class TopicChanges {

    private TopicChanges() {}

    /** Adds the topic of a group that was just created; nothing happens if it has one. */
    static void open(Scribe scribe, Conversation.Group group, Topic.About about) {
        scribe.handle()
                .createUpdate(
                        """
                        INSERT INTO topic (conversation_id, organization_id, author_id, created_at, changed_at, subject,
                                           entity, custom)
                        VALUES (:id, :organization, :author, :now, :now, :subject, :entity, :custom)
                            ON CONFLICT DO NOTHING
                        """)
                .bind("id", group.id().value())
                .bind("organization", group.organization().token())
                .bind("author", group.createdBy().value())
                .bind("now", Scribe.parameter(scribe.now()))
                .bind("subject", about.subject())
                .bind("entity", about.entity())
                .bind("custom", about.custom())
                .execute();
    }

    /** Changes a topic; false if it was deleted. */
    static boolean change(Scribe scribe, ConversationId topic, Topic.Change change) {
        return scribe.handle()
                .createUpdate(
                        """
                        UPDATE topic
                           SET subject = coalesce(:subject, subject), entity = coalesce(:entity, entity),
                               custom = coalesce(:custom, custom),
                               resolved = coalesce(CAST(:resolved AS boolean), resolved), changed_at = :now
                         WHERE conversation_id = :id AND NOT deleted
                        """)
                .bind("id", topic.value())
                .bind("subject", change.subject())
                .bind("entity", change.entity())
                .bind("custom", change.custom())
                .bind("resolved", change.resolved())
                .bind("now", Scribe.parameter(scribe.now()))
                .execute()
                > 0;
    }

    /** Gives the topic of a group, if it has one, the subject that is the group's new name, and enters that. */
    static void renamed(Scribe scribe, ConversationId group, String name, PersonId by, long epoch) {
        scribe.handle()
                .createQuery(
                        """
                        UPDATE topic SET subject = :name, changed_at = :now
                          FROM conversation
                         WHERE topic.conversation_id = :id AND conversation.conversation_id = :id
                           AND conversation.name <> :name AND NOT topic.deleted
                        RETURNING topic.organization_id
                        """)
                .bind("id", group.value())
                .bind("name", name)
                .bind("now", Scribe.parameter(scribe.now()))
                .mapTo(String.class)
                .findOne()
                .ifPresent(organization -> enter(
                        scribe, organization, group, by, AuditTrail.Action.UPDATED,
                        new AuditTrail.Revision.Hidden("subject"), epoch));
    }

    /** What the audit trail tells of a change. */
    static List<AuditTrail.Revision> revisions(Topic topic, Topic.Change change) {
        List<AuditTrail.Revision> revisions = new ArrayList<>();
        change.subject().ifPresent(_ -> revisions.add(new AuditTrail.Revision.Hidden("subject")));
        change.entity().ifPresent(_ -> revisions.add(new AuditTrail.Revision.Hidden("attachedEntityId")));
        change.custom().ifPresent(_ -> revisions.add(new AuditTrail.Revision.Hidden("customData")));
        change.resolved().ifPresent(now -> revisions.add(new AuditTrail.Revision.Shown(
                "resolutionStatus", topic.resolved() ? "RESOLVED" : "OPEN", now ? "RESOLVED" : "OPEN")));
        return revisions;
    }

    /**
     * Ends the topic of a group that was deleted, so that nothing of what it was about is left in its row, and enters
     * that; nothing happens if the group has none.
     */
    static void delete(Scribe scribe, ConversationId topic, PersonId by, long epoch) {
        scribe.handle()
                .createQuery(
                        """
                        UPDATE topic SET deleted = true, subject = '', entity = NULL, custom = ''
                         WHERE conversation_id = :id RETURNING organization_id
                        """)
                .bind("id", topic.value())
                .mapTo(String.class)
                .findOne()
                .ifPresent(organization -> enter(
                        scribe, organization, topic, by, AuditTrail.Action.DELETED,
                        new AuditTrail.Revision.Shown("status", "ACTIVE", "DELETED"), epoch));
    }

    private static void enter(
            Scribe scribe, String organization, ConversationId topic, PersonId by, AuditTrail.Action action,
            AuditTrail.Revision revision, long epoch) {
        scribe.audit(
                AuditTrail.Change.of(
                        AuditTrail.Editor.of(by), new OrganizationId(organization), topic, action, List.of(revision)),
                epoch);
    }

    /** Notes that readers have read topics up to positions; further than that is further. */
    static void read(Handle handle, List<Reading> readings) {
        List<UUID> conversations = new ArrayList<>(readings.size());
        List<UUID> people = new ArrayList<>(readings.size());
        List<Long> positions = new ArrayList<>(readings.size());
        for (Reading each : readings) {
            conversations.add(each.topic().value());
            people.add(each.reader().value());
            positions.add(each.position());
        }
        handle.createUpdate(
                """
                INSERT INTO topic_reading (conversation_id, person_id, position)
                SELECT conversation_id, person_id, max(position)
                  FROM unnest(:conversations, :people, :positions) AS read (conversation_id, person_id, position)
                  JOIN topic USING (conversation_id)
                 GROUP BY conversation_id, person_id
                    ON CONFLICT (conversation_id, person_id) DO UPDATE
                   SET position = greatest(topic_reading.position, excluded.position)
                """)
                .bindArray("conversations", UUID.class, conversations)
                .bindArray("people", UUID.class, people)
                .bindArray("positions", Long.class, positions)
                .execute();
    }

    /**
     * That somebody has read a conversation.
     *
     * @param topic the conversation, which may be none
     * @param position of the last message that was read
     */
    record Reading(ConversationId topic, PersonId reader, long position) {}

    /** Lets the newest message of somebody else count as not read. */
    static void unread(Scribe scribe, ConversationId topic, PersonId reader) {
        scribe.handle()
                .createUpdate(
                        """
                        INSERT INTO topic_reading (conversation_id, person_id, position)
                        SELECT conversation_id, :reader,
                               CASE latest_sender WHEN :reader THEN other_position ELSE latest_position END - 1
                          FROM topic WHERE conversation_id = :topic AND latest_sender IS NOT NULL
                            ON CONFLICT (conversation_id, person_id) DO UPDATE
                           SET position = least(topic_reading.position, excluded.position)
                        """)
                .bind("topic", topic.value())
                .bind("reader", reader.value())
                .execute();
    }
}
