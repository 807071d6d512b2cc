-- What plugins that are programs have answered: one that answers the same request in two ways is reported.

CREATE TABLE plugin_answers (
    plugin   TEXT NOT NULL,
    version  TEXT NOT NULL,
    revision INTEGER NOT NULL,
    request  BLOB NOT NULL CHECK (length(request) = 32), -- SHA-256
    answer   BLOB NOT NULL CHECK (length(answer) = 32),  -- SHA-256 of its files in the order of their names
    answered INTEGER NOT NULL,
    changed  INTEGER,                                    -- since when it is another answer than before
    PRIMARY KEY (plugin, version, revision, request)
) STRICT, WITHOUT ROWID;

-- SDKs that a compiler has read and found good, before they were published.
CREATE TABLE sdk_checks (
    commit_id BLOB NOT NULL REFERENCES commits (id) ON DELETE CASCADE,
    plugin    TEXT NOT NULL,
    version   TEXT NOT NULL,
    revision  INTEGER NOT NULL,
    compiler  TEXT NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (commit_id, plugin, version, revision)
) STRICT, WITHOUT ROWID;
