-- A group that is over, deleted or left by its last member, ends with all that was said in it. To_end_at is when to look for such messages
-- next: until there are none, and once more when none can be on its way any more that was let in before over_at.
ALTER TABLE conversation ADD COLUMN over_at timestamptz, ADD COLUMN to_end_at timestamptz;

CREATE INDEX conversation_to_end ON conversation (to_end_at) WHERE to_end_at IS NOT NULL;

-- What nobody can reach any more is over: a group without members that is neither public nor a topic.
UPDATE conversation SET deleted = true
 WHERE is_group AND NOT is_public
   AND NOT EXISTS (SELECT FROM topic WHERE topic.conversation_id = conversation.conversation_id)
   AND NOT EXISTS (SELECT FROM membership JOIN person USING (person_id)
                    WHERE membership.conversation_id = conversation.conversation_id AND left_at IS NULL AND standing <> 'CONTACT');

-- Of what earlier builds deleted, only the messages of topics were ended; none is on its way any more.
UPDATE conversation SET over_at = now() - interval '10 minutes', name = '', description = '', avatar = NULL WHERE deleted;
UPDATE conversation SET to_end_at = now()
 WHERE deleted AND EXISTS (SELECT FROM message WHERE message.conversation_id = conversation.conversation_id AND content IS NOT NULL);
DELETE FROM metadata USING conversation WHERE entity_id = conversation_id AND deleted;

DROP INDEX topic_to_end;
ALTER TABLE topic DROP COLUMN ended;
