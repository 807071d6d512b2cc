-- The oldest program that may run on this database, by the newest format that it knows: programs of two neighbouring
-- versions run beside each other while the nodes of a registry are updated.
ALTER TABLE registry_format ADD COLUMN oldest_program BIGINT NOT NULL DEFAULT 1;

-- What each node says of itself to the others, from its first beat on. A node without a row is of a program that knows
-- format 1 alone.
CREATE TABLE node_details (
    node_id BYTEA NOT NULL PRIMARY KEY REFERENCES nodes (id) ON DELETE CASCADE DEFERRABLE,
    name TEXT COLLATE "C" NOT NULL,
    started BIGINT NOT NULL,
    program TEXT COLLATE "C" NOT NULL,
    format BIGINT NOT NULL,
    public_url TEXT COLLATE "C" NOT NULL,
    blobs TEXT COLLATE "C"
);

-- The plugins by which each node makes crates.
CREATE TABLE node_plugins (
    node_id BYTEA NOT NULL REFERENCES nodes (id) ON DELETE CASCADE DEFERRABLE,
    plugin TEXT COLLATE "C" NOT NULL,
    version TEXT COLLATE "C" NOT NULL,
    revision BIGINT NOT NULL,
    PRIMARY KEY (node_id, plugin, version, revision)
);
