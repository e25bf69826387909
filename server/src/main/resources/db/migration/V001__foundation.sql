-- Organizations and people -------------------------------------------------------------------------------------------

CREATE TABLE organization (
    organization_id   text PRIMARY KEY,
    name              text NOT NULL,
    lifespan_standard integer NOT NULL,
    lifespan_shortest integer NOT NULL,
    lifespan_longest  integer NOT NULL,
    delete_on_read    boolean NOT NULL,
    forwarding        boolean NOT NULL,
    attachments       boolean NOT NULL,
    created_at        timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE person (
    person_id           uuid PRIMARY KEY,
    organization_id     text NOT NULL REFERENCES organization,
    standing            text NOT NULL CHECK (standing IN ('CONTACT', 'MEMBER', 'ADMINISTRATOR')),
    display_name        text NOT NULL,
    first_name          text NOT NULL,
    last_name           text NOT NULL,
    status              text NOT NULL,
    title               text NOT NULL,
    department          text NOT NULL,
    do_not_disturb      boolean NOT NULL,
    do_not_disturb_text text NOT NULL,
    avatar              uuid,
    email               text,
    phone               text,
    username            text,
    password_hash       text,
    created_at          timestamptz NOT NULL DEFAULT now()
);

-- Within an organization an address names one person; what signs in does so across all organizations.
CREATE UNIQUE INDEX person_email ON person (organization_id, email);
CREATE UNIQUE INDEX person_phone ON person (organization_id, phone);
CREATE UNIQUE INDEX person_username ON person (organization_id, username);
CREATE UNIQUE INDEX member_email ON person (email) WHERE standing <> 'CONTACT';
CREATE UNIQUE INDEX member_phone ON person (phone) WHERE standing <> 'CONTACT';
CREATE UNIQUE INDEX member_username ON person (username) WHERE standing <> 'CONTACT';
CREATE INDEX person_avatar ON person (avatar) WHERE avatar IS NOT NULL;
CREATE INDEX person_by_name ON person (organization_id, lower(display_name));

CREATE TABLE credential (
    key         text PRIMARY KEY,
    secret_hash bytea NOT NULL,
    person_id   uuid NOT NULL REFERENCES person,
    kind        text NOT NULL CHECK (kind IN ('API_KEY', 'SESSION')),
    resource    text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX credential_by_person ON credential (person_id);

CREATE TABLE metadata (
    entity_id       uuid PRIMARY KEY,
    organization_id text NOT NULL REFERENCES organization,
    fields          jsonb NOT NULL
);

-- The journal --------------------------------------------------------------------------------------------------------

-- One row. Its lock is held from numbering to commit, so that positions become readable in their order, whoever writes.
CREATE TABLE journal (
    only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    generation integer NOT NULL,
    head       bigint NOT NULL
) WITH (fillfactor = 10);

INSERT INTO journal (generation, head) VALUES (1, 0);

CREATE TABLE conversation (
    conversation_id uuid PRIMARY KEY,
    organization_id text NOT NULL REFERENCES organization,
    is_group        boolean NOT NULL,
    name            text NOT NULL DEFAULT '',
    description     text NOT NULL DEFAULT '',
    avatar          uuid,
    replays_history boolean NOT NULL DEFAULT false,
    is_public       boolean NOT NULL DEFAULT false,
    created_by      uuid NOT NULL,
    created_at      timestamptz NOT NULL,
    request_id      text,
    deleted         boolean NOT NULL DEFAULT false
);

CREATE UNIQUE INDEX conversation_request ON conversation (created_by, request_id) WHERE request_id IS NOT NULL;
CREATE INDEX conversation_avatar ON conversation (avatar) WHERE avatar IS NOT NULL;
CREATE INDEX conversation_public ON conversation (organization_id, lower(name)) WHERE is_public AND NOT deleted;

-- A member may read what stands after visible_after and up to left_at. Streams begin at told_after: earlier messages that a new member
-- may read are told by a notice, since the member's streams may be past their positions.
CREATE TABLE membership (
    conversation_id uuid NOT NULL REFERENCES conversation,
    person_id       uuid NOT NULL REFERENCES person,
    joined_order    bigint NOT NULL,
    visible_after   bigint NOT NULL,
    told_after      bigint NOT NULL,
    left_at         bigint,
    listed          boolean NOT NULL,
    listed_at       timestamptz NOT NULL,
    PRIMARY KEY (conversation_id, person_id)
);

CREATE INDEX membership_by_person ON membership (person_id);

-- One row per message, whatever the number of its readers. Content columns are emptied when it is recalled.
CREATE TABLE message (
    message_id      uuid PRIMARY KEY,
    position        bigint NOT NULL,
    organization_id text NOT NULL,
    conversation_id uuid NOT NULL,
    sender_id       uuid NOT NULL,
    recipient_id    uuid,
    sent_at         timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    lifespan        integer NOT NULL,
    delete_on_read  boolean NOT NULL,
    priority        smallint NOT NULL,
    request_id      text,
    sub_type        text,
    body            bytea,
    data            bytea,
    blob            uuid,
    blob_name       bytea,
    blob_type       text,
    blob_size       bigint,
    origin          bytea,
    recalled        boolean NOT NULL DEFAULT false
);

CREATE UNIQUE INDEX message_in_conversation ON message (conversation_id, position);
CREATE UNIQUE INDEX message_request ON message (sender_id, request_id) WHERE request_id IS NOT NULL;
CREATE INDEX message_expiry ON message USING brin (expires_at);
CREATE INDEX message_blob ON message (blob) WHERE blob IS NOT NULL;

-- A run of messages of one conversation that a reader acknowledged in one call: all that were for the reader between first and last.
CREATE TABLE receipt (
    conversation_id uuid NOT NULL,
    person_id       uuid NOT NULL,
    is_read         boolean NOT NULL,
    last_position   bigint NOT NULL,
    first_position  bigint NOT NULL,
    at              timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    PRIMARY KEY (conversation_id, person_id, is_read, last_position)
);

-- Who has read a delete-on-read message of a group: it is gone for that reader at gone_at.
CREATE TABLE burn (
    message_id uuid NOT NULL,
    person_id  uuid NOT NULL,
    gone_at    timestamptz NOT NULL,
    PRIMARY KEY (message_id, person_id)
);

-- Everything else that streams are told. A notice covers `width` positions, the last of which is `position`; it has one event for each
-- of the messages it names. It concerns either one person or everybody in a conversation.
CREATE TABLE notice (
    position        bigint PRIMARY KEY,
    width           integer NOT NULL,
    person_id       uuid,
    conversation_id uuid,
    kind            text NOT NULL,
    detail          jsonb NOT NULL,
    at              timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    CHECK ((person_id IS NULL) <> (conversation_id IS NULL))
);

CREATE INDEX notice_by_person ON notice (person_id, position) WHERE person_id IS NOT NULL;
CREATE INDEX notice_by_conversation ON notice (conversation_id, position) WHERE conversation_id IS NOT NULL;
CREATE INDEX notice_expiry ON notice USING brin (expires_at);

-- Which positions a person has acknowledged, as ranges; positions of events that are not theirs may lie in them.
CREATE TABLE acknowledged (
    person_id uuid PRIMARY KEY,
    positions int8multirange NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE mute (
    person_id uuid NOT NULL REFERENCES person,
    kind      text NOT NULL CHECK (kind IN ('PERSON', 'GROUP', 'ORGANIZATION')),
    target    text NOT NULL,
    since     timestamptz NOT NULL,
    minutes   integer NOT NULL,
    PRIMARY KEY (person_id, kind, target)
);

-- Messages that are to leave through a channel, to people without streams.
CREATE TABLE delivery (
    message_id uuid NOT NULL,
    person_id  uuid NOT NULL REFERENCES person,
    channel    text NOT NULL CHECK (channel IN ('EMAIL', 'SMS')),
    state      text NOT NULL CHECK (state IN ('QUEUED')),
    queued_at  timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (message_id, person_id)
);
