-- What a session was opened with, if not with a password: with it the session ends. Of sessions that were opened before, it is not known.
-- The key is deleted before the sessions that it has opened, and so finds those that were opened until then.
ALTER TABLE credential ADD COLUMN opened_with text REFERENCES credential DEFERRABLE INITIALLY DEFERRED;

CREATE INDEX credential_by_opener ON credential (opened_with) WHERE opened_with IS NOT NULL;
