-- What owners and modules say about changes that break, in place of the server's flag; what a release broke for users
-- of the one before; and which users may not sign in.

CREATE TABLE owner_settings (
    owner_id     BLOB NOT NULL PRIMARY KEY REFERENCES owners (id) ON DELETE CASCADE,
    breaking     TEXT,
    unique_names TEXT CHECK (unique_names IN ('off', 'warn', 'refuse'))
) STRICT, WITHOUT ROWID;
CREATE TABLE module_settings (
    module_id BLOB NOT NULL PRIMARY KEY REFERENCES modules (id) ON DELETE CASCADE,
    breaking  TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE verdicts (
    commit_id BLOB NOT NULL PRIMARY KEY REFERENCES commits (id) ON DELETE CASCADE,
    against   BLOB NOT NULL CHECK (length(against) = 16), -- the commit that it was compared with
    file      INTEGER NOT NULL,
    package   INTEGER NOT NULL,
    wire_json INTEGER NOT NULL,
    wire      INTEGER NOT NULL,
    rust      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
ALTER TABLE owners ADD COLUMN disabled INTEGER;
