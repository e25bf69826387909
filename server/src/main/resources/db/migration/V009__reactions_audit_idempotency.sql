-- Who thinks what of a message, once for each emoji. A row goes when its message dies, at the latest with its epoch.
CREATE TABLE reaction (
    epoch      bigint NOT NULL,
    message_id uuid NOT NULL,
    person_id  uuid NOT NULL,
    emoji      text NOT NULL CHECK (emoji IN ('THUMBS_UP', 'THUMBS_DOWN', 'EYES', 'RED_HEART', 'HUNDRED_POINTS')),
    at         timestamptz NOT NULL
) PARTITION BY LIST (epoch);

-- Who changed what, and nothing of what it says. What concerns a message is in the message's epoch.
CREATE TABLE audit (
    epoch           bigint NOT NULL,
    audit_id        uuid NOT NULL,
    at              timestamptz NOT NULL,
    entity_id       uuid NOT NULL,
    editor_id       uuid NOT NULL,
    conversation_id uuid,
    organization_id text NOT NULL,
    kind            text NOT NULL,
    action          text NOT NULL,
    client          text,
    revisions       jsonb NOT NULL
) PARTITION BY LIST (epoch);

-- Makes a table's partition of an epoch. It is attached, not created in place, because that locks no reader out. Its indexes are its own:
-- an id or position that is unique in an epoch needs no second column.
CREATE FUNCTION open_partition(parent text, code bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    part text := format('%s_%s', parent, code);
BEGIN
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS, CHECK (epoch = %s))', part, parent, code);
    CASE parent
        WHEN 'message' THEN
            EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY (message_id)', part);
            EXECUTE format('CREATE UNIQUE INDEX ON %I (conversation_id, position)', part);
        WHEN 'receipt' THEN
            EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY (conversation_id, person_id, is_read, last_position)', part);
        WHEN 'notice' THEN
            EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY (position)', part);
            EXECUTE format('CREATE INDEX ON %I (person_id, position) WHERE person_id IS NOT NULL', part);
            EXECUTE format('CREATE INDEX ON %I (conversation_id, position) WHERE conversation_id IS NOT NULL', part);
            EXECUTE format('CREATE INDEX ON %I ((detail ->> ''message'')) WHERE kind = ''REACTED''', part);
        WHEN 'reaction' THEN
            EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY (message_id, person_id, emoji)', part);
        WHEN 'audit' THEN
            EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY (audit_id)', part);
            EXECUTE format('CREATE INDEX ON %I (entity_id, audit_id)', part);
            EXECUTE format('CREATE INDEX ON %I (organization_id, audit_id)', part);
        ELSE
            EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY (message_id, person_id)', part);
    END CASE;
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES IN (%s)', parent, part, code);
END $$;

-- Makes the partitions of an epoch, unless they are there.
CREATE OR REPLACE FUNCTION open_epoch(code bigint, ending timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('epoch'));
    IF EXISTS (SELECT FROM epoch WHERE epoch = code) THEN
        RETURN;
    END IF;
    PERFORM open_partition(parent, code)
       FROM unnest(ARRAY['message', 'receipt', 'burn', 'notice', 'delivery', 'reaction', 'audit']) AS parent;
    INSERT INTO epoch (epoch, ends_at) VALUES (code, ending);
END $$;

-- The epochs that are open already get what is new.
DO $$
DECLARE
    code bigint;
BEGIN
    FOR code IN SELECT epoch FROM epoch LOOP
        PERFORM open_partition('reaction', code);
        PERFORM open_partition('audit', code);
        EXECUTE format('CREATE INDEX ON %I ((detail ->> ''message'')) WHERE kind = ''REACTED''', format('notice_%s', code));
    END LOOP;
END $$;

-- A UUID that begins with the time and a number below 4,096 (RFC 9562, version 7).
CREATE FUNCTION numbered_id(at timestamptz, number bigint) RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS
$$ SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(number & 4095), 3, '0')
           || substr(replace(gen_random_uuid()::text, '-', ''), 17))::uuid $$;

-- Requests that clients may repeat: what was asked as digests, and what came of it without content.
CREATE TABLE idempotent_request (
    client     text NOT NULL,
    key        text NOT NULL,
    body       text NOT NULL,
    state      text NOT NULL CHECK (state IN ('RUNNING', 'RELEASED', 'DONE')),
    seed       uuid NOT NULL,
    attempt    uuid NOT NULL,
    created_at timestamptz NOT NULL,
    begun_at   timestamptz NOT NULL,
    status     integer,
    kept       text,
    PRIMARY KEY (client, key),
    CHECK ((state = 'DONE') = (status IS NOT NULL AND kept IS NOT NULL))
);

CREATE INDEX idempotent_request_by_time ON idempotent_request (created_at);
