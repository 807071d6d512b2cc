-- The first schema. This file never changes: a later change is a new file behind it in migrate.rs.
--
-- Ids are 16-byte blobs, digests are blobs, times are microseconds since 1970, enumerations are words.
-- People who did something (created_by, updated_by, actor) are not references: they may be deleted later.

PRAGMA application_id = 0x52656764;

CREATE TABLE owners (
    id          BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name        TEXT NOT NULL UNIQUE,
    kind        TEXT NOT NULL CHECK (kind IN ('user', 'organization')),
    admin       INTEGER NOT NULL CHECK (admin IN (0, 1)),
    bot         INTEGER NOT NULL CHECK (bot IN (0, 1)),
    description TEXT NOT NULL,
    url         TEXT NOT NULL,
    created     INTEGER NOT NULL,
    updated     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE members (
    organization_id BLOB NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
    user_id         BLOB NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
    role            TEXT NOT NULL CHECK (role IN ('reader', 'writer', 'admin')),
    PRIMARY KEY (organization_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_by_user ON members (user_id);

-- Only the hash of a token's secret is kept.
CREATE TABLE tokens (
    id       BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    hash     BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    owner_id BLOB NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
    scope    TEXT NOT NULL CHECK (scope IN ('read', 'write', 'admin')),
    note     TEXT NOT NULL,
    created  INTEGER NOT NULL,
    expires  INTEGER,
    revoked  INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX tokens_by_owner ON tokens (owner_id);

CREATE TABLE modules (
    id            BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    owner_id      BLOB NOT NULL REFERENCES owners (id),
    name          TEXT NOT NULL, -- behind the slash
    visibility    TEXT NOT NULL CHECK (visibility IN ('public', 'private')),
    deprecated    INTEGER NOT NULL CHECK (deprecated IN (0, 1)),
    description   TEXT NOT NULL,
    url           TEXT NOT NULL,
    default_label TEXT NOT NULL,
    created       INTEGER NOT NULL,
    updated       INTEGER NOT NULL,
    UNIQUE (owner_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE commits (
    id                 BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    module_id          BLOB NOT NULL REFERENCES modules (id) ON DELETE CASCADE,
    created            INTEGER NOT NULL,
    released           INTEGER NOT NULL CHECK (released IN (0, 1)),
    files_digest       BLOB NOT NULL CHECK (length(files_digest) = 64),
    digest             BLOB NOT NULL CHECK (length(digest) = 64),
    created_by         BLOB NOT NULL,
    source_control_url TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX commits_by_time ON commits (module_id, created, id);

-- Contents of source files, each kept once however many commits hold it.
CREATE TABLE blobs (
    id      INTEGER PRIMARY KEY,
    digest  BLOB NOT NULL UNIQUE CHECK (length(digest) = 32), -- SHA-256 of content
    content BLOB NOT NULL
) STRICT;

CREATE TABLE commit_files (
    commit_id BLOB NOT NULL REFERENCES commits (id) ON DELETE CASCADE,
    path      TEXT NOT NULL,
    blob_id   INTEGER NOT NULL REFERENCES blobs (id),
    PRIMARY KEY (commit_id, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX commit_files_by_blob ON commit_files (blob_id);

-- All that a commit needs, frozen when it was pushed. No cascade from the needed side: it holds the module there.
CREATE TABLE commit_dependencies (
    commit_id     BLOB NOT NULL REFERENCES commits (id) ON DELETE CASCADE,
    dependency_id BLOB NOT NULL REFERENCES commits (id),
    direct        INTEGER NOT NULL CHECK (direct IN (0, 1)),
    PRIMARY KEY (commit_id, dependency_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX commit_dependencies_by_dependency ON commit_dependencies (dependency_id);

CREATE TABLE labels (
    id         BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    module_id  BLOB NOT NULL REFERENCES modules (id) ON DELETE CASCADE,
    name       TEXT NOT NULL,
    commit_id  BLOB NOT NULL REFERENCES commits (id),
    created    INTEGER NOT NULL,
    updated    INTEGER NOT NULL,
    updated_by BLOB NOT NULL,
    archived   INTEGER,
    UNIQUE (module_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX labels_by_commit ON labels (commit_id);

-- Every move of a label, in the order of the ids; rows are only ever added.
CREATE TABLE label_events (
    id        INTEGER PRIMARY KEY,
    label_id  BLOB NOT NULL REFERENCES labels (id) ON DELETE CASCADE,
    commit_id BLOB NOT NULL REFERENCES commits (id),
    at        INTEGER NOT NULL,
    moved_by  BLOB NOT NULL
) STRICT;
CREATE INDEX label_events_by_label ON label_events (label_id, id);
CREATE INDEX label_events_by_commit ON label_events (commit_id);

-- Crates that have, or are to have, versions.
CREATE TABLE crates (
    id        INTEGER PRIMARY KEY,
    name      TEXT NOT NULL UNIQUE,
    folded    TEXT NOT NULL, -- the name with every hyphen as an underscore
    module_id BLOB NOT NULL REFERENCES modules (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX crates_by_module ON crates (module_id);

CREATE TABLE sdk_jobs (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    commit_id BLOB NOT NULL REFERENCES commits (id) ON DELETE CASCADE,
    plugin    TEXT NOT NULL,
    version   TEXT NOT NULL,
    revision  INTEGER NOT NULL,
    crate_id  INTEGER NOT NULL REFERENCES crates (id) ON DELETE CASCADE,
    state     TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed')),
    message   TEXT CHECK ((message IS NOT NULL) = (state = 'failed')),
    attempts  INTEGER NOT NULL,
    queued    INTEGER NOT NULL,
    started   INTEGER,
    finished  INTEGER,
    UNIQUE (commit_id, plugin, version, revision)
) STRICT;
CREATE INDEX sdk_jobs_by_state ON sdk_jobs (state, queued, id);
CREATE INDEX sdk_jobs_by_crate ON sdk_jobs (crate_id, state);

-- A job waits until all that it needs are done.
CREATE TABLE job_needs (
    job_id  INTEGER NOT NULL REFERENCES sdk_jobs (id) ON DELETE CASCADE,
    need_id INTEGER NOT NULL REFERENCES sdk_jobs (id) ON DELETE CASCADE,
    PRIMARY KEY (job_id, need_id),
    CHECK (job_id <> need_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_needs_by_need ON job_needs (need_id);

CREATE TABLE sdks (
    id            INTEGER PRIMARY KEY,
    commit_id     BLOB NOT NULL REFERENCES commits (id) ON DELETE CASCADE,
    plugin        TEXT NOT NULL,
    version       TEXT NOT NULL,
    revision      INTEGER NOT NULL,
    crate_id      INTEGER NOT NULL REFERENCES crates (id) ON DELETE CASCADE,
    crate_version TEXT NOT NULL,
    checksum      BLOB NOT NULL CHECK (length(checksum) = 32),
    size          INTEGER NOT NULL,
    unpacked_size INTEGER NOT NULL,
    index_line    TEXT NOT NULL,
    yanked        INTEGER NOT NULL CHECK (yanked IN (0, 1)),
    created       INTEGER NOT NULL,
    UNIQUE (commit_id, plugin, version, revision),
    UNIQUE (crate_id, crate_version)
) STRICT;

-- The .crate files, apart from the rows above so that reading index lines never steps over them.
CREATE TABLE crate_blobs (
    sdk_id  INTEGER PRIMARY KEY REFERENCES sdks (id) ON DELETE CASCADE,
    content BLOB NOT NULL
) STRICT;

CREATE TABLE interests (
    module_id  BLOB NOT NULL REFERENCES modules (id) ON DELETE CASCADE,
    plugin     TEXT NOT NULL,
    version    TEXT NOT NULL, -- empty: the newest
    label      TEXT NOT NULL,
    created    INTEGER NOT NULL,
    created_by BLOB,
    PRIMARY KEY (module_id, plugin, version, label)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_events (
    id      INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    actor   BLOB,
    action  TEXT NOT NULL,
    subject TEXT NOT NULL
) STRICT;
