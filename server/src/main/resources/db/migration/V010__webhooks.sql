-- Where applications want to be told of what changes in their organizations: the one that they belong to, and the active companies that
-- they have made.
CREATE TABLE webhook (
    webhook_id      uuid PRIMARY KEY,
    organization_id text NOT NULL REFERENCES organization,
    client_id       uuid NOT NULL REFERENCES client,
    url             text NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX webhook_by_organization ON webhook (organization_id);
CREATE INDEX webhook_by_client ON webhook (client_id);

-- The keys of a webhook's signatures, sealed with a secret that is not in this database. Of one that is retired nothing is left.
CREATE TABLE webhook_secret (
    webhook_id uuid NOT NULL REFERENCES webhook ON DELETE CASCADE,
    number     integer NOT NULL,
    sealed     bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    retired_at timestamptz,
    PRIMARY KEY (webhook_id, number),
    CHECK ((sealed IS NULL) = (retired_at IS NOT NULL))
);

-- What webhooks are to be told: that something changed, and never what it says, which is looked up when it is sent. Position is that of the
-- change in the journal. A row goes when it was delivered, a week after it was given up, and at the latest with its epoch: that of the
-- message, or for a conversation that of its part of the audit trail. While somebody tries, next_at is when others may. No reference to webhook: the lock that it takes would let the
-- removal of a webhook wait for senders, and let a message fail whose webhook is removed at that moment; what is left over is swept.
CREATE TABLE webhook_delivery (
    delivery_id     uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    webhook_id      uuid NOT NULL,
    epoch           bigint NOT NULL,
    position        bigint NOT NULL,
    organization_id text NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('MESSAGE', 'CONVERSATION')),
    entity_id       uuid NOT NULL,
    editor_id       uuid NOT NULL,
    changed_at      timestamptz NOT NULL,
    queued_at       timestamptz NOT NULL DEFAULT now(),
    next_at         timestamptz NOT NULL DEFAULT now(),
    ended_at        timestamptz,
    attempts        integer NOT NULL DEFAULT 0,
    status          integer,
    state           text NOT NULL DEFAULT 'PENDING' CHECK (state IN ('PENDING', 'DEAD')),
    trouble         text,
    CHECK ((state = 'PENDING') = (ended_at IS NULL))
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);

CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook_id, next_at) WHERE state = 'PENDING';
CREATE INDEX webhook_delivery_in_order ON webhook_delivery (webhook_id, entity_id, position) WHERE state = 'PENDING';
CREATE INDEX webhook_delivery_waiting ON webhook_delivery (queued_at) WHERE state = 'PENDING';
CREATE INDEX webhook_delivery_dead ON webhook_delivery (ended_at) WHERE state = 'DEAD';
CREATE INDEX webhook_delivery_epoch ON webhook_delivery (epoch);

-- Servers keep in mind whose changes are told to anybody.
CREATE FUNCTION webhooks_reach_others() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM webhook) THEN
        PERFORM pg_notify('ephemera', 'WEBHOOK company');
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER company_is_reached AFTER INSERT OR DELETE OR UPDATE OF client_id, active ON company
    FOR EACH STATEMENT EXECUTE FUNCTION webhooks_reach_others();

-- A revoked application is told nothing more.
CREATE FUNCTION webhooks_end_with_client() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM webhook_delivery USING webhook
     WHERE webhook.client_id = NEW.client_id AND webhook_delivery.webhook_id = webhook.webhook_id;
    DELETE FROM webhook WHERE client_id = NEW.client_id;
    PERFORM pg_notify('ephemera', 'WEBHOOK client');
    RETURN NULL;
END $$;

CREATE TRIGGER client_is_revoked AFTER UPDATE OF revoked_at ON client
    FOR EACH ROW WHEN (NEW.revoked_at IS NOT NULL AND OLD.revoked_at IS NULL) EXECUTE FUNCTION webhooks_end_with_client();
