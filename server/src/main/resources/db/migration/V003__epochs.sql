-- Messages of earlier builds were not sealed: they end here.
DROP TABLE message, receipt, burn, notice, delivery;

-- Whether messages are kept whose senders ask for no lifespan, and whether reading a delete-on-read message ends it at once.
ALTER TABLE organization ADD COLUMN kept boolean NOT NULL DEFAULT false, ADD COLUMN strict boolean NOT NULL DEFAULT false;

-- An epoch is a partition of all tables below; it is dropped as a whole when its end has passed. Its number carries its term and its end.
CREATE TABLE epoch (
    epoch     bigint PRIMARY KEY,
    ends_at   timestamptz NOT NULL,
    opened_at timestamptz NOT NULL DEFAULT now()
);

-- A slice of an epoch: the time at whose end keys are destroyed. Destroyed slices stay until their epoch is closed.
CREATE TABLE slice (
    slice        bigint PRIMARY KEY,
    epoch        bigint NOT NULL REFERENCES epoch,
    ends_at      timestamptz NOT NULL,
    opened_at    timestamptz NOT NULL DEFAULT now(),
    destroyed_at timestamptz
);

CREATE INDEX slice_by_epoch ON slice (epoch);

-- One row per message, whatever the number of its readers. What it says is sealed with a key that is not in this database:
-- leaf key_leaf of tree key_tree of the slice that the message's id carries. Without content it was taken back or has burnt.
CREATE TABLE message (
    epoch           bigint NOT NULL,
    position        bigint NOT NULL,
    sent_at         timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    key_tree        bigint NOT NULL,
    message_id      uuid NOT NULL,
    conversation_id uuid NOT NULL,
    sender_id       uuid NOT NULL,
    recipient_id    uuid,
    blob            uuid,
    key_leaf        integer NOT NULL,
    lifespan        integer NOT NULL,
    priority        smallint NOT NULL,
    delete_on_read  boolean NOT NULL,
    strict          boolean NOT NULL,
    recalled        boolean NOT NULL,
    organization_id text NOT NULL,
    request_id      text,
    sub_type        text,
    content         bytea
) PARTITION BY LIST (epoch);

-- A run of messages of one conversation and epoch that a reader acknowledged in one call: all of that epoch that were for the reader
-- between first and last.
CREATE TABLE receipt (
    epoch           bigint NOT NULL,
    conversation_id uuid NOT NULL,
    person_id       uuid NOT NULL,
    is_read         boolean NOT NULL,
    last_position   bigint NOT NULL,
    first_position  bigint NOT NULL,
    at              timestamptz NOT NULL
) PARTITION BY LIST (epoch);

-- Who has read a delete-on-read message of a group: it is gone for that reader at gone_at.
CREATE TABLE burn (
    epoch      bigint NOT NULL,
    message_id uuid NOT NULL,
    person_id  uuid NOT NULL,
    gone_at    timestamptz NOT NULL
) PARTITION BY LIST (epoch);

-- Everything else that streams are told. A notice covers `width` positions, the last of which is `position`; it has one event for each
-- of the messages it names. It concerns either one person or everybody in a conversation.
CREATE TABLE notice (
    epoch           bigint NOT NULL,
    position        bigint NOT NULL,
    at              timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    person_id       uuid,
    conversation_id uuid,
    width           integer NOT NULL,
    kind            text NOT NULL,
    detail          jsonb NOT NULL,
    CHECK ((person_id IS NULL) <> (conversation_id IS NULL))
) PARTITION BY LIST (epoch);

-- Messages that are to leave through a channel, to people without streams.
CREATE TABLE delivery (
    epoch      bigint NOT NULL,
    message_id uuid NOT NULL,
    person_id  uuid NOT NULL,
    channel    text NOT NULL CHECK (channel IN ('EMAIL', 'SMS')),
    state      text NOT NULL CHECK (state IN ('QUEUED')),
    queued_at  timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
) PARTITION BY LIST (epoch);

-- Where the request ids of two days are found again, as digests: a slot for each of three days, one of which is empty.
CREATE TABLE request (
    slot       smallint NOT NULL,
    day        integer NOT NULL,
    request    uuid NOT NULL,
    message_id uuid NOT NULL,
    PRIMARY KEY (slot, request)
) PARTITION BY LIST (slot);

CREATE TABLE request_0 PARTITION OF request FOR VALUES IN (0);
CREATE TABLE request_1 PARTITION OF request FOR VALUES IN (1);
CREATE TABLE request_2 PARTITION OF request FOR VALUES IN (2);

-- Days since 1970 by the database's clock.
CREATE FUNCTION today() RETURNS integer LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT floor(extract(epoch FROM now()) / 86400)::integer $$;

-- Messages that end before their slice: from due_at on their content is to be scrubbed and their key to be punctured. A row goes when
-- both are done and recorded.
CREATE TABLE doomed (
    message_id      uuid PRIMARY KEY,
    epoch           bigint NOT NULL,
    organization_id text NOT NULL,
    key_tree        bigint NOT NULL,
    key_leaf        integer NOT NULL,
    blob            uuid,
    reason          text NOT NULL CHECK (reason IN ('READ', 'RECALLED', 'REMOVED', 'ERASED')),
    decided_at      timestamptz NOT NULL,
    due_at          timestamptz NOT NULL,
    scrubbed        boolean NOT NULL DEFAULT false
);

CREATE INDEX doomed_by_time ON doomed (scrubbed, due_at);
CREATE INDEX doomed_by_epoch ON doomed (epoch);

-- Makes the partitions of an epoch, unless they are there. They are attached, not created in place, because that locks no reader out.
-- Their indexes are their own: an id or position that is unique in an epoch needs no second column.
CREATE FUNCTION open_epoch(code bigint, ending timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    parent text;
    part   text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('epoch'));
    IF EXISTS (SELECT FROM epoch WHERE epoch = code) THEN
        RETURN;
    END IF;
    FOREACH parent IN ARRAY ARRAY['message', 'receipt', 'burn', 'notice', 'delivery'] LOOP
        part := format('%s_%s', parent, code);
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
            ELSE
                EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY (message_id, person_id)', part);
        END CASE;
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES IN (%s)', parent, part, code);
    END LOOP;
    INSERT INTO epoch (epoch, ends_at) VALUES (code, ending);
END $$;

-- Drops one table's partition of an epoch. One table in a transaction: its short exclusive lock can wait for no other.
CREATE FUNCTION drop_partition(parent text, code bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('DROP TABLE IF EXISTS %I', format('%s_%s', parent, code));
END $$;
