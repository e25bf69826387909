-- Through which application a file came that waits, if through one: how much waits of a person, and of an application, is bounded.
ALTER TABLE upload ADD COLUMN client_id uuid;

DROP INDEX upload_by_uploader;
CREATE INDEX upload_by_uploader ON upload (uploader_id, upload_id) INCLUDE (size, ends_at) WHERE claim IS NULL AND content IS NOT NULL;
CREATE INDEX upload_by_client ON upload (client_id) INCLUDE (size, ends_at)
    WHERE client_id IS NOT NULL AND claim IS NULL AND content IS NOT NULL;
