-- A legal hold: of the person's or the conversation's messages nothing is destroyed that was alive when the hold was placed, or is sent
-- while it lasts. Its keys are those of slice "number" of the term of what is held. Rows stay after the release, without what was held.
CREATE TABLE hold (
    hold_id         uuid PRIMARY KEY,
    number          bigint NOT NULL UNIQUE,
    organization_id text NOT NULL,
    person_id       uuid,
    conversation_id uuid,
    placed_at       timestamptz NOT NULL,
    adopted         boolean NOT NULL DEFAULT false,
    exported_at     timestamptz,
    released_at     timestamptz,
    destroyed_at    timestamptz,
    CHECK ((person_id IS NULL) <> (conversation_id IS NULL))
);

-- What is held of messages that are dead for everybody else: no door reads this table. Until a row is secured, its content is sealed with
-- the message's own key (leaf own_leaf of tree own_tree of its slice), and afterwards with a key of the hold. Secured without content it
-- could not be opened any more.
CREATE TABLE held (
    hold_id         uuid NOT NULL REFERENCES hold,
    message_id      uuid NOT NULL,
    slice           bigint NOT NULL,
    position        bigint NOT NULL,
    sent_at         timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    own_tree        bigint NOT NULL,
    own_leaf        integer NOT NULL,
    conversation_id uuid NOT NULL,
    sender_id       uuid NOT NULL,
    recipient_id    uuid,
    blob            uuid,
    organization_id text NOT NULL,
    secured         boolean NOT NULL DEFAULT false,
    ended           text NOT NULL DEFAULT 'EXPIRED',
    key_tree        bigint,
    key_leaf        integer,
    content         bytea,
    PRIMARY KEY (hold_id, message_id)
);

CREATE INDEX held_by_message ON held (message_id);
CREATE INDEX held_to_secure ON held (slice, hold_id, message_id) WHERE NOT secured;

-- The stretches of conversations that the holds which are not released reach: of those a person's hold reaches what was said while the
-- person was in, and all that is from or to the person.
CREATE VIEW hold_reach AS
SELECT hold_id, number, organization_id, placed_at, NULL::uuid AS person_id, conversation_id, -1::bigint AS after_position,
       NULL::bigint AS last_position
  FROM hold WHERE released_at IS NULL AND conversation_id IS NOT NULL
 UNION ALL
SELECT hold_id, number, organization_id, placed_at, person_id, stay.conversation_id, visible_after, left_at
  FROM hold JOIN stay USING (person_id) WHERE released_at IS NULL;

-- The slice that the id of a message carries: the 36 bits after the first two of its second half.
CREATE FUNCTION slice_of(id uuid) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT (('x' || substr(replace(id::text, '-', ''), 17))::bit(64)::bigint >> 26) & 68719476735 $$;

-- Whoever empties a message, for whatever reason and from wherever, leaves what it said to those who hold it, in the same transaction.
CREATE FUNCTION hold_content() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO held (hold_id, message_id, slice, position, sent_at, expires_at, own_tree, own_leaf, conversation_id, sender_id,
                      recipient_id, blob, organization_id, content)
    SELECT hold_id, OLD.message_id, slice_of(OLD.message_id), OLD.position, OLD.sent_at, OLD.expires_at, OLD.key_tree, OLD.key_leaf,
           OLD.conversation_id, OLD.sender_id, OLD.recipient_id, OLD.blob, OLD.organization_id, OLD.content
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

CREATE TRIGGER message_is_held BEFORE UPDATE OF content ON message
    FOR EACH ROW WHEN (OLD.content IS NOT NULL AND NEW.content IS NULL) EXECUTE FUNCTION hold_content();
