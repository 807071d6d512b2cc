-- How often a version of a crate was downloaded on which day, and when each token last took which version. A token is
-- kept as the SHA-256 of its id. Days are counted from 1970 on, in UTC.

CREATE TABLE downloads (
    crate_id INTEGER NOT NULL REFERENCES crates (id) ON DELETE CASCADE,
    version  TEXT NOT NULL,
    day      INTEGER NOT NULL,
    count    INTEGER NOT NULL,
    PRIMARY KEY (crate_id, version, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE crate_users (
    crate_id   INTEGER NOT NULL REFERENCES crates (id) ON DELETE CASCADE,
    version    TEXT NOT NULL,
    token_hash BLOB NOT NULL CHECK (length(token_hash) = 32),
    last       INTEGER NOT NULL,
    PRIMARY KEY (crate_id, version, token_hash)
) STRICT, WITHOUT ROWID;
