-- When the last of a topic's messages is over at the latest, and up to where and until when it has notices: of topics that have nothing to
-- tell, and those are most of them, no partition is asked.
ALTER TABLE topic
    ADD COLUMN speaks_until     timestamptz NOT NULL DEFAULT '-infinity',
    ADD COLUMN noticed_position bigint      NOT NULL DEFAULT 0,
    ADD COLUMN noticed_until    timestamptz NOT NULL DEFAULT '-infinity';

UPDATE topic SET speaks_until = said.until
  FROM (SELECT conversation_id, max(expires_at) AS until FROM message
         WHERE conversation_id IN (SELECT conversation_id FROM topic) GROUP BY conversation_id) AS said
 WHERE topic.conversation_id = said.conversation_id;

UPDATE topic SET noticed_position = noticed.position, noticed_until = noticed.until
  FROM (SELECT conversation_id, max(position) AS position, max(expires_at) AS until FROM notice
         WHERE conversation_id IN (SELECT conversation_id FROM topic) GROUP BY conversation_id) AS noticed
 WHERE topic.conversation_id = noticed.conversation_id;
