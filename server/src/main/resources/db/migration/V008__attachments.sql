-- A message may have several files, in an order; without any it has no array. The column keeps its place, so that rows go into
-- partitions as they are.
ALTER TABLE message ALTER COLUMN blob TYPE uuid[] USING CASE WHEN blob IS NOT NULL THEN ARRAY[blob] END;
ALTER TABLE message RENAME COLUMN blob TO blobs;
ALTER TABLE doomed ALTER COLUMN blob TYPE uuid[] USING CASE WHEN blob IS NOT NULL THEN ARRAY[blob] END;
ALTER TABLE doomed RENAME COLUMN blob TO blobs;
ALTER TABLE held ALTER COLUMN blob TYPE uuid[] USING CASE WHEN blob IS NOT NULL THEN ARRAY[blob] END;
ALTER TABLE held RENAME COLUMN blob TO blobs;

-- Which message has a file. Of the parent, so that every partition gets one; those without files are not in it.
CREATE INDEX message_by_blob ON message USING gin (blobs) WITH (fastupdate = off) WHERE blobs IS NOT NULL;

-- As before, with all files of the message.
CREATE OR REPLACE FUNCTION hold_content() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO held (hold_id, message_id, slice, position, sent_at, expires_at, own_tree, own_leaf, conversation_id, sender_id,
                      recipient_id, blobs, organization_id, content)
    SELECT hold_id, OLD.message_id, slice_of(OLD.message_id), OLD.position, OLD.sent_at, OLD.expires_at, OLD.key_tree, OLD.key_leaf,
           OLD.conversation_id, OLD.sender_id, OLD.recipient_id, OLD.blobs, OLD.organization_id, OLD.content
      FROM hold
     WHERE hold.organization_id = OLD.organization_id AND released_at IS NULL AND placed_at < OLD.expires_at
       AND (conversation_id = OLD.conversation_id
            OR person_id = OLD.sender_id
            OR person_id = OLD.recipient_id
            OR EXISTS (SELECT FROM stay
                        WHERE stay.person_id = hold.person_id AND stay.conversation_id = OLD.conversation_id
                          AND OLD.position > visible_after AND (left_at IS NULL OR OLD.position <= left_at)))
        ON CONFLICT DO NOTHING;
    RETURN NEW;
END $$;

-- A file that waits for its message, until ends_at, when the keys of its slice end. Its name, its type and its own key are in content,
-- sealed with leaf key_leaf of tree key_tree of that slice. A message takes it in two steps: claim tells for which request, message_id
-- what that message is called, while it is on its way; once it is stored there is no content here any more. Without content and
-- claim it was deleted. It is shed when the key is destroyed and the file is not in the upload's place any more.
CREATE TABLE upload (
    upload_id       uuid PRIMARY KEY,
    created_at      timestamptz NOT NULL,
    ends_at         timestamptz NOT NULL,
    claimed_at      timestamptz,
    slice           bigint NOT NULL,
    key_tree        bigint NOT NULL,
    size            bigint NOT NULL,
    uploader_id     uuid NOT NULL,
    claim           uuid,
    message_id      uuid,
    key_leaf        integer NOT NULL,
    shed            boolean NOT NULL DEFAULT false,
    organization_id text NOT NULL,
    content         bytea,
    CHECK ((claim IS NULL) = (message_id IS NULL) AND (claim IS NULL) = (claimed_at IS NULL))
);

CREATE INDEX upload_by_uploader ON upload (uploader_id, upload_id) WHERE claim IS NULL AND content IS NOT NULL;
CREATE INDEX upload_by_end ON upload (ends_at);
CREATE INDEX upload_on_its_way ON upload (claimed_at) WHERE claim IS NOT NULL AND content IS NOT NULL;
CREATE INDEX upload_to_shed ON upload (upload_id) WHERE content IS NULL AND NOT shed;
