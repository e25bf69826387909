package ephemera.acceptance.bench;

/**
 * The statements that read a page of a conversation in several layouts. The first one is what the server asks when it
 * tells a person of a conversation; the others ask the same of other tables.
 */
final class PageStatements {
    private static final String COLUMNS = """
            SELECT message.message_id, message.position, message.organization_id, message.conversation_id,
                   message.sender_id, message.recipient_id, message.sent_at, message.expires_at, message.lifespan,
                   message.delete_on_read, message.strict, message.priority, message.request_id, message.sub_type,
                   message.key_tree, message.key_leaf, message.content
            """;

    static final String PARTITIONED = COLUMNS + """
              FROM message
             WHERE message.conversation_id = ? AND message.position > ? AND message.position <= ?
               AND message.expires_at > now() AND NOT message.recalled
               AND NOT (message.delete_on_read
                        AND EXISTS (SELECT FROM burn
                                     WHERE burn.epoch = message.epoch AND burn.message_id = message.message_id
                                       AND burn.person_id = ? AND gone_at <= now()))
             ORDER BY message.position LIMIT ?
            """;

    static final String ONE_TABLE = COLUMNS + """
              FROM benchmark_message AS message
             WHERE message.conversation_id = ? AND message.position > ? AND message.position <= ?
               AND message.expires_at > now() AND NOT message.recalled
               AND NOT (message.delete_on_read
                        AND EXISTS (SELECT FROM benchmark_burn AS burn
                                     WHERE burn.message_id = message.message_id
                                       AND burn.person_id = ? AND gone_at <= now()))
             ORDER BY message.position LIMIT ?
            """;

    /** What was taken back would have no envelope in this layout: the limit may come before the content. */
    static final String NARROW = """
            SELECT envelope.message_id, envelope.position, content.organization_id, envelope.conversation_id,
                   content.sender_id, content.recipient_id, envelope.sent_at, envelope.expires_at, content.lifespan,
                   content.delete_on_read, content.strict, content.priority, content.request_id, content.sub_type,
                   content.key_tree, content.key_leaf, content.content
              FROM (SELECT * FROM benchmark_envelope
                     WHERE conversation_id = ? AND position > ? AND position <= ? AND expires_at > now()
                     ORDER BY position LIMIT ?) AS envelope
              JOIN benchmark_content AS content
                ON content.epoch = envelope.epoch AND content.message_id = envelope.message_id
             WHERE NOT content.recalled
               AND NOT (content.delete_on_read
                        AND EXISTS (SELECT FROM benchmark_burn AS burn
                                     WHERE burn.message_id = envelope.message_id
                                       AND burn.person_id = ? AND gone_at <= now()))
             ORDER BY envelope.position
            """;

    private PageStatements() {
    }
}
