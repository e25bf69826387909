-- The deletion record: what was destroyed, and nothing of what it was. Each entry's hash covers the hash of the one before; the last
-- entry of each transaction carries a signature of its hash. It grows for ever and never changes.
CREATE TABLE deletion (
    sequence     bigint PRIMARY KEY,
    kind         text NOT NULL,
    organization text NOT NULL,
    subject      text NOT NULL,
    reason       text NOT NULL,
    key          text NOT NULL,
    decided_at   timestamptz NOT NULL,
    destroyed_at timestamptz NOT NULL,
    recorded_at  timestamptz NOT NULL,
    previous     bytea NOT NULL,
    hash         bytea NOT NULL,
    signature    bytea
);

CREATE INDEX deletion_by_subject ON deletion (subject);
CREATE INDEX deletion_by_time ON deletion USING brin (recorded_at);

-- One row: the newest entry, and the time before which none may be dated any more. Its lock is held from numbering to commit.
CREATE TABLE deletion_head (
    only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    sequence    bigint NOT NULL,
    hash        bytea NOT NULL,
    recorded_at timestamptz NOT NULL
) WITH (fillfactor = 10);

INSERT INTO deletion_head (sequence, hash, recorded_at) VALUES (0, decode(repeat('00', 32), 'hex'), 'epoch');

-- The root over the entries of each day, in UTC, that is over and has any.
CREATE TABLE deletion_day (
    day       date PRIMARY KEY,
    first     bigint NOT NULL UNIQUE,
    last      bigint NOT NULL UNIQUE,
    root      bytea NOT NULL,
    signature bytea NOT NULL
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the deletion record only grows' USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER deletion_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON deletion
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER deletion_day_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON deletion_day
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER deletion_head_stays BEFORE DELETE OR TRUNCATE ON deletion_head
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
