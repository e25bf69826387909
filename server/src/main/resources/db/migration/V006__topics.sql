-- A topic: a group's conversation about something. What is newest in it stands here, so that listing topics looks into no
-- partition of those that have nothing to say: its position, who wrote it, and the newest by somebody else than that.
CREATE TABLE topic (
    conversation_id uuid PRIMARY KEY REFERENCES conversation,
    organization_id text NOT NULL,
    author_id       uuid NOT NULL,
    created_at      timestamptz NOT NULL,
    changed_at      timestamptz NOT NULL,
    latest_position bigint NOT NULL DEFAULT 0,
    other_position  bigint NOT NULL DEFAULT 0,
    latest_epoch    bigint,
    latest_message  uuid,
    latest_sender   uuid,
    resolved        boolean NOT NULL DEFAULT false,
    deleted         boolean NOT NULL DEFAULT false,
    ended           boolean NOT NULL DEFAULT false,
    subject         text NOT NULL,
    entity          text,
    custom          text NOT NULL DEFAULT ''
) WITH (fillfactor = 80);

CREATE INDEX topic_by_creation ON topic (organization_id, created_at, conversation_id) WHERE NOT deleted;
CREATE INDEX topic_by_change ON topic (organization_id, changed_at, conversation_id) WHERE NOT deleted;
CREATE INDEX topic_by_entity ON topic (organization_id, entity, created_at, conversation_id)
    WHERE entity IS NOT NULL AND NOT deleted;

-- Deleted topics whose messages are not all ended yet.
CREATE INDEX topic_to_end ON topic (conversation_id) WHERE deleted AND NOT ended;

-- How far a person has read a topic; it moves forward with receipts, and back only where the person says so.
CREATE TABLE topic_reading (
    conversation_id uuid NOT NULL REFERENCES topic,
    person_id       uuid NOT NULL,
    position        bigint NOT NULL,
    PRIMARY KEY (conversation_id, person_id)
);
