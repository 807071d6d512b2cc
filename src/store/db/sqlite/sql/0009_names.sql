-- Crates and lock files go by name: a deleted owner's name rests for a while, and a version that was published once
-- never gets other bytes. What is stored beside its digest is compared with it when it is read.

CREATE TABLE resting_names (
    name     TEXT NOT NULL PRIMARY KEY,
    owner_id BLOB NOT NULL CHECK (length(owner_id) = 16), -- of whoever had it
    deleted  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The users who administered a deleted organization, and may make it again.
CREATE TABLE former_admins (
    name    TEXT NOT NULL REFERENCES resting_names (name) ON DELETE CASCADE,
    user_id BLOB NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
    PRIMARY KEY (name, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX former_admins_by_user ON former_admins (user_id);

-- Versions of crates whose module was deleted.
CREATE TABLE retired_versions (
    crate_name    TEXT NOT NULL,
    crate_version TEXT NOT NULL,
    checksum      BLOB NOT NULL CHECK (length(checksum) = 32),
    PRIMARY KEY (crate_name, crate_version)
) STRICT, WITHOUT ROWID;

-- SHA-256 of index_line; migrate.rs fills it for the rows that are there.
ALTER TABLE sdks ADD COLUMN line_digest BLOB CHECK (length(line_digest) = 32);

-- A recipe may be lost at any time; those without a digest are.
DELETE FROM recipes;
ALTER TABLE recipes ADD COLUMN digest BLOB CHECK (length(digest) = 32);
