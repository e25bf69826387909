-- What applications call a person, and what the person is to a company.
ALTER TABLE person
    ADD COLUMN external_id text CHECK (length(external_id) BETWEEN 1 AND 128),
    ADD COLUMN role text CHECK (role IN ('OWNER', 'BOOKKEEPER'));

CREATE UNIQUE INDEX person_external_id ON person (organization_id, external_id);
CREATE INDEX person_by_role ON person (organization_id, role, person_id) WHERE role IS NOT NULL;

-- Applications. A revoked one stays, since what it did and created stays.
CREATE TABLE client (
    client_id       uuid PRIMARY KEY,
    organization_id text NOT NULL REFERENCES organization,
    person_id       uuid NOT NULL UNIQUE REFERENCES person,
    name            text NOT NULL,
    secret_hash     bytea NOT NULL,
    redirects       text[] NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    revoked_at      timestamptz
);

CREATE INDEX client_by_organization ON client (organization_id);

-- What applications know of an organization: one row for each that has a client or was created by one. A client acts in its own
-- organization and in the active ones that it created.
CREATE TABLE company (
    company_id      uuid PRIMARY KEY,
    organization_id text NOT NULL UNIQUE REFERENCES organization,
    client_id       uuid REFERENCES client,
    api_company_id  text CHECK (length(api_company_id) BETWEEN 1 AND 128),
    entity_type     text NOT NULL DEFAULT '',
    active          boolean NOT NULL DEFAULT true,
    created_at      timestamptz NOT NULL DEFAULT now()
);

CREATE UNIQUE INDEX company_api_id ON company (client_id, api_company_id);
CREATE INDEX company_by_client ON company (client_id, company_id);

-- Of all tokens only the SHA-256 is kept, until a day after they have expired. A family is all that came of one person's consent; it ends
-- as a whole when anything in it that is good for one use is used again.
CREATE TABLE access_token (
    token_hash bytea PRIMARY KEY,
    client_id  uuid NOT NULL REFERENCES client,
    person_id  uuid NOT NULL REFERENCES person,
    scope      text NOT NULL CHECK (scope IN ('READ', 'WRITE')),
    family     uuid,
    expires_at timestamptz NOT NULL
);

CREATE INDEX access_token_by_client ON access_token (client_id);
CREATE INDEX access_token_by_person ON access_token (person_id);
CREATE INDEX access_token_by_family ON access_token (family) WHERE family IS NOT NULL;
CREATE INDEX access_token_expiry ON access_token USING brin (expires_at);

CREATE TABLE refresh_token (
    token_hash bytea PRIMARY KEY,
    client_id  uuid NOT NULL REFERENCES client,
    person_id  uuid NOT NULL REFERENCES person,
    scope      text NOT NULL CHECK (scope IN ('READ', 'WRITE')),
    family     uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    used       boolean NOT NULL DEFAULT false
);

CREATE INDEX refresh_token_by_client ON refresh_token (client_id);
CREATE INDEX refresh_token_by_person ON refresh_token (person_id);
CREATE INDEX refresh_token_by_family ON refresh_token (family);

CREATE TABLE authorization_code (
    code_hash  bytea PRIMARY KEY,
    client_id  uuid NOT NULL REFERENCES client,
    person_id  uuid NOT NULL REFERENCES person,
    scope      text NOT NULL CHECK (scope IN ('READ', 'WRITE')),
    family     uuid NOT NULL,
    redirect   text NOT NULL,
    challenge  text NOT NULL,
    expires_at timestamptz NOT NULL,
    used       boolean NOT NULL DEFAULT false
);

CREATE INDEX authorization_code_by_person ON authorization_code (person_id);
