-- The keys, each sealed with the root key and bound to its place; this database holds nothing else.

CREATE TABLE key_tree (
    slice   bigint NOT NULL,
    tree    bigint NOT NULL,
    version bigint NOT NULL,
    sealed  bytea NOT NULL,
    PRIMARY KEY (slice, tree)
);

CREATE TABLE key_secret (
    name   text PRIMARY KEY,
    sealed bytea NOT NULL
);

-- Noise cannot be squeezed.
ALTER TABLE key_tree ALTER COLUMN sealed SET STORAGE EXTERNAL;
ALTER TABLE key_secret ALTER COLUMN sealed SET STORAGE EXTERNAL;
