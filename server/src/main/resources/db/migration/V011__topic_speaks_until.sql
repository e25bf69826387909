-- When the last of a topic's messages is over at the latest: afterwards no partition is asked what is newest in it.
ALTER TABLE topic ADD COLUMN speaks_until timestamptz NOT NULL DEFAULT '-infinity';

UPDATE topic SET speaks_until = said.until
  FROM (SELECT conversation_id, max(expires_at) AS until FROM message
         WHERE conversation_id IN (SELECT conversation_id FROM topic) GROUP BY conversation_id) AS said
 WHERE topic.conversation_id = said.conversation_id;
