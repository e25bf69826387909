package ephemera.server.store;

import ephemera.core.talk.ConversationId;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/**
 * How a group ends: what it showed of itself at once, what was said in it piece by piece within seconds.
 *
 * <p>From the first transaction on nobody is shown anything of it; the messages are looked for afterwards, again and
 * again until there are none, by whatever server is there then. Stateless.
 */
final class GroupEnd {

    /** By far longer than a message that was let into a group is on its way to the journal. */
    private static final Duration ON_ITS_WAY = Duration.ofMinutes(10);

    private GroupEnd() {}

    /** Ends a group; false if it was over before, or there is none. The caller sees to its members. */
    static boolean begin(Scribe scribe, ConversationId group) {
        boolean begun = scribe.handle()
                .createUpdate(
                        """
                        UPDATE conversation
                           SET deleted = true, over_at = :now, to_end_at = :now, name = '', description = '',
                               avatar = NULL
                         WHERE conversation_id = :id AND is_group AND NOT deleted
                        """)
                .bind("id", group.value())
                .bind("now", Scribe.parameter(scribe.now()))
                .execute()
                > 0;
        if (begun) {
            scribe.handle()
                    .createUpdate("DELETE FROM metadata WHERE entity_id = :id")
                    .bind("id", group.value())
                    .execute();
        }
        return begun;
    }

    /**
     * Ends those of some groups that their last members have left; contacts are none, and read nothing. Public groups
     * and topics are not among them: all members of the organization find these, and may join.
     */
    static void beginWhereNobodyIsLeft(Scribe scribe, List<ConversationId> groups) {
        scribe.handle()
                .createQuery(
                        """
                        SELECT conversation_id FROM conversation
                         WHERE conversation_id = ANY (:ids) AND NOT is_public
                           AND NOT EXISTS (SELECT FROM topic
                                            WHERE topic.conversation_id = conversation.conversation_id)
                           AND NOT EXISTS (SELECT FROM membership JOIN person USING (person_id)
                                            WHERE membership.conversation_id = conversation.conversation_id
                                              AND left_at IS NULL AND standing <> 'CONTACT')
                        """)
                .bindArray("ids", UUID.class, groups.stream().map(ConversationId::value).toArray())
                .mapTo(UUID.class)
                .list()
                .forEach(group -> begin(scribe, new ConversationId(group)));
    }

    /** The groups whose messages are to be ended now, the one that waits longest first. */
    static List<ConversationId> awaited(Database database) {
        return database.read(handle -> handle.createQuery(
                "SELECT conversation_id FROM conversation WHERE to_end_at <= now() ORDER BY to_end_at")
                .mapTo(UUID.class)
                .map(ConversationId::new)
                .list());
    }

    /** Notes that all messages have ended that were found; what was on its way then is looked for once more. */
    static void ended(Database database, ConversationId group) {
        database.change(handle -> handle.createUpdate(
                """
                        UPDATE conversation
                           SET to_end_at = CASE WHEN now() < over_at + :seconds * interval '1 second'
                                                THEN over_at + :seconds * interval '1 second' END
                         WHERE conversation_id = :id
                        """)
                .bind("seconds", ON_ITS_WAY.toSeconds())
                .bind("id", group.value())
                .execute());
    }
}
