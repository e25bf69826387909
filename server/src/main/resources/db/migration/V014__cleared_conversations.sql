-- Up to where a conversation that both have cleared is to be ended, while not all its messages may have been.
ALTER TABLE conversation ADD COLUMN end_through bigint;

CREATE INDEX conversation_end_through ON conversation (conversation_id) WHERE end_through IS NOT NULL;
