PRAGMA application_id = 0x52656764;

CREATE TABLE audit_events (
    id      INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    actor   BLOB,
    action  TEXT NOT NULL,
    subject TEXT NOT NULL
, actor_name TEXT, token_id BLOB CHECK (length(token_id) = 16), client TEXT) STRICT;

CREATE TABLE blobs (
    id      INTEGER PRIMARY KEY,
    digest  BLOB NOT NULL UNIQUE CHECK (length(digest) = 32), -- SHA-256 of content
    content BLOB NOT NULL
) STRICT;

CREATE TABLE check_plugin_commits (
    id                 BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    plugin_id          BLOB NOT NULL REFERENCES check_plugins (id) ON DELETE CASCADE,
    created            INTEGER NOT NULL,
    digest             BLOB NOT NULL CHECK (length(digest) = 64), -- SHAKE256 of the program
    created_by         BLOB NOT NULL,
    source_control_url TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE check_plugin_label_events (
    id        INTEGER PRIMARY KEY,
    label_id  BLOB NOT NULL REFERENCES check_plugin_labels (id) ON DELETE CASCADE,
    commit_id BLOB NOT NULL REFERENCES check_plugin_commits (id),
    at        INTEGER NOT NULL,
    moved_by  BLOB NOT NULL
) STRICT;

CREATE TABLE check_plugin_labels (
    id         BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    plugin_id  BLOB NOT NULL REFERENCES check_plugins (id) ON DELETE CASCADE,
    name       TEXT NOT NULL,
    commit_id  BLOB NOT NULL REFERENCES check_plugin_commits (id),
    created    INTEGER NOT NULL,
    updated    INTEGER NOT NULL,
    updated_by BLOB NOT NULL,
    archived   INTEGER,
    UNIQUE (plugin_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE check_plugin_programs (
    commit_id BLOB NOT NULL UNIQUE REFERENCES check_plugin_commits (id) ON DELETE CASCADE,
    content   BLOB NOT NULL
) STRICT;

CREATE TABLE check_plugins (
    id          BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    owner_id    BLOB NOT NULL REFERENCES owners (id),
    name        TEXT NOT NULL, -- after the slash
    visibility  TEXT NOT NULL CHECK (visibility IN ('public', 'private')),
    deprecated  INTEGER NOT NULL CHECK (deprecated IN (0, 1)),
    description TEXT NOT NULL,
    source_url  TEXT NOT NULL,
    created     INTEGER NOT NULL,
    updated     INTEGER NOT NULL,
    UNIQUE (owner_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE commit_changes (
    commit_id BLOB NOT NULL REFERENCES commits (id) ON DELETE CASCADE,
    kind      TEXT NOT NULL CHECK (kind IN ('message', 'field', 'enum', 'value', 'service', 'method')),
    against   BLOB NOT NULL CHECK (length(against) = 16), -- the commit that it was compared with
    added     INTEGER NOT NULL,
    removed   INTEGER NOT NULL,
    changed   INTEGER NOT NULL,
    PRIMARY KEY (commit_id, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE commit_dependencies (
    commit_id     BLOB NOT NULL REFERENCES commits (id) ON DELETE CASCADE,
    dependency_id BLOB NOT NULL REFERENCES commits (id),
    direct        INTEGER NOT NULL CHECK (direct IN (0, 1)),
    PRIMARY KEY (commit_id, dependency_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE commit_files (
    commit_id BLOB NOT NULL REFERENCES commits (id) ON DELETE CASCADE,
    path      TEXT NOT NULL,
    blob_id   INTEGER NOT NULL REFERENCES blobs (id), row_checksum INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (commit_id, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE commit_outlines (
    commit_id BLOB NOT NULL PRIMARY KEY REFERENCES commits (id) ON DELETE CASCADE,
    content   BLOB NOT NULL
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
, source_bytes INTEGER, row_checksum INTEGER NOT NULL DEFAULT 0, files_checksum INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;

CREATE TABLE commits_without_services (
    commit_id BLOB NOT NULL PRIMARY KEY REFERENCES commits (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE crate_blobs (
    sdk_id  INTEGER PRIMARY KEY REFERENCES sdks (id) ON DELETE CASCADE,
    content BLOB NOT NULL
) STRICT;

CREATE TABLE crate_users (
    crate_id   INTEGER NOT NULL REFERENCES crates (id) ON DELETE CASCADE,
    version    TEXT NOT NULL,
    token_hash BLOB NOT NULL CHECK (length(token_hash) = 32),
    last       INTEGER NOT NULL,
    PRIMARY KEY (crate_id, version, token_hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE crates (
    id        INTEGER PRIMARY KEY,
    name      TEXT NOT NULL UNIQUE,
    folded    TEXT NOT NULL, -- the name with every hyphen as an underscore
    module_id BLOB NOT NULL REFERENCES modules (id) ON DELETE CASCADE
, sdks_checksum INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE TABLE declarations (
    module_id   BLOB NOT NULL REFERENCES histories (module_id) ON DELETE CASCADE,
    declaration BLOB NOT NULL CHECK (length(declaration) = 16),
    fact        TEXT NOT NULL CHECK (fact IN ('declared', 'deprecated')),
    since       BLOB NOT NULL CHECK (length(since) = 16),
    PRIMARY KEY (module_id, declaration, fact)
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE detail_words USING fts5 (
    words, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
);

CREATE TABLE device_logins (
    device_hash BLOB NOT NULL PRIMARY KEY CHECK (length(device_hash) = 32), -- SHA-256 of what the program asks with
    user_code   TEXT NOT NULL UNIQUE,
    program     TEXT NOT NULL,
    agent       TEXT NOT NULL,
    client      TEXT NOT NULL,
    network     TEXT NOT NULL,
    started     INTEGER NOT NULL,
    asked       INTEGER,
    state       TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'denied')),
    owner_id    BLOB REFERENCES owners (id) ON DELETE CASCADE, -- who approved
    scope       TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE downloads (
    crate_id INTEGER NOT NULL REFERENCES crates (id) ON DELETE CASCADE,
    version  TEXT NOT NULL,
    day      INTEGER NOT NULL,
    count    INTEGER NOT NULL,
    PRIMARY KEY (crate_id, version, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE former_admins (
    name    TEXT NOT NULL REFERENCES resting_names (name) ON DELETE CASCADE,
    user_id BLOB NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
    PRIMARY KEY (name, user_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE histories (
    module_id BLOB NOT NULL PRIMARY KEY REFERENCES modules (id) ON DELETE CASCADE,
    head      BLOB NOT NULL CHECK (length(head) = 16),  -- the commit whose declarations the rows are of
    first     BLOB NOT NULL CHECK (length(first) = 16), -- the first release that was looked at
    complete  INTEGER NOT NULL CHECK (complete IN (0, 1)) -- whether the module had none before it
) STRICT, WITHOUT ROWID;

CREATE TABLE indexed (
    module_id BLOB PRIMARY KEY REFERENCES modules (id) ON DELETE CASCADE,
    digest    BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE interests (
    module_id  BLOB NOT NULL REFERENCES modules (id) ON DELETE CASCADE,
    plugin     TEXT NOT NULL,
    version    TEXT NOT NULL, -- empty: the newest
    label      TEXT NOT NULL,
    created    INTEGER NOT NULL,
    created_by BLOB,
    PRIMARY KEY (module_id, plugin, version, label)
) STRICT, WITHOUT ROWID;

CREATE TABLE job_needs (
    job_id  INTEGER NOT NULL REFERENCES sdk_jobs (id) ON DELETE CASCADE,
    need_id INTEGER NOT NULL REFERENCES sdk_jobs (id) ON DELETE CASCADE, soft INTEGER NOT NULL DEFAULT 0 CHECK (soft IN (0, 1)),
    PRIMARY KEY (job_id, need_id),
    CHECK (job_id <> need_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE label_events (
    id        INTEGER PRIMARY KEY,
    label_id  BLOB NOT NULL REFERENCES labels (id) ON DELETE CASCADE,
    commit_id BLOB NOT NULL REFERENCES commits (id),
    at        INTEGER NOT NULL,
    moved_by  BLOB NOT NULL
) STRICT;

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

CREATE TABLE members (
    organization_id BLOB NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
    user_id         BLOB NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
    role            TEXT NOT NULL CHECK (role IN ('reader', 'writer', 'admin')),
    PRIMARY KEY (organization_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE module_settings (
    module_id BLOB NOT NULL PRIMARY KEY REFERENCES modules (id) ON DELETE CASCADE,
    breaking  TEXT
) STRICT, WITHOUT ROWID;

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

CREATE TABLE nodes (
    id   BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    beat INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE owner_settings (
    owner_id     BLOB NOT NULL PRIMARY KEY REFERENCES owners (id) ON DELETE CASCADE,
    breaking     TEXT,
    unique_names TEXT CHECK (unique_names IN ('off', 'warn', 'refuse'))
) STRICT, WITHOUT ROWID;

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
, disabled INTEGER) STRICT, WITHOUT ROWID;

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

CREATE TABLE recipes (
    sdk_id  INTEGER PRIMARY KEY REFERENCES sdks (id) ON DELETE CASCADE,
    content BLOB NOT NULL
, digest BLOB CHECK (length(digest) = 32)) STRICT;

CREATE TABLE resting_names (
    name     TEXT NOT NULL PRIMARY KEY,
    owner_id BLOB NOT NULL CHECK (length(owner_id) = 16), -- of whoever had it
    deleted  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE retired_versions (
    crate_name    TEXT NOT NULL,
    crate_version TEXT NOT NULL,
    checksum      BLOB NOT NULL CHECK (length(checksum) = 32),
    PRIMARY KEY (crate_name, crate_version)
) STRICT, WITHOUT ROWID;

CREATE TABLE sdk_checks (
    commit_id BLOB NOT NULL REFERENCES commits (id) ON DELETE CASCADE,
    plugin    TEXT NOT NULL,
    version   TEXT NOT NULL,
    revision  INTEGER NOT NULL,
    compiler  TEXT NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (commit_id, plugin, version, revision)
) STRICT, WITHOUT ROWID;

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
    finished  INTEGER, lane BLOB NOT NULL DEFAULT x'', background INTEGER NOT NULL DEFAULT 0 CHECK (background IN (0, 1)), retry_at INTEGER CHECK (retry_at IS NULL OR state = 'failed'), deaths INTEGER NOT NULL DEFAULT 0, root_id INTEGER REFERENCES sdk_jobs (id) ON DELETE SET NULL, small INTEGER NOT NULL DEFAULT 0 CHECK (small IN (0, 1)), node_id BLOB, claim INTEGER NOT NULL DEFAULT 0,
    UNIQUE (commit_id, plugin, version, revision)
) STRICT;

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
    created       INTEGER NOT NULL, row_checksum INTEGER NOT NULL DEFAULT 0,
    UNIQUE (commit_id, plugin, version, revision),
    UNIQUE (crate_id, crate_version)
) STRICT;

CREATE TABLE sessions (
    hash     BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    token_id BLOB NOT NULL REFERENCES tokens (id) ON DELETE CASCADE,
    created  INTEGER NOT NULL,
    expires  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE symbol_details (
    id        INTEGER PRIMARY KEY,
    symbol_id INTEGER NOT NULL REFERENCES symbols (id) ON DELETE CASCADE,
    lines     TEXT NOT NULL
) STRICT;

CREATE VIRTUAL TABLE symbol_words USING fts5 (
    words, content = '', contentless_delete = 1, prefix = '2 3'
);

CREATE TABLE symbols (
    id        INTEGER PRIMARY KEY,
    module_id BLOB NOT NULL REFERENCES modules (id) ON DELETE CASCADE,
    kind      TEXT NOT NULL CHECK (kind IN ('package', 'service', 'method', 'message', 'enum', 'extension')),
    package   TEXT NOT NULL,
    name      TEXT NOT NULL, -- the full name
    folded    TEXT NOT NULL, -- the last part of the name in lower case
    details   BLOB CHECK (length(details) = 32) -- the SHA-256 of its details, if it has any
) STRICT;

CREATE TABLE table_checksums (
    name TEXT NOT NULL PRIMARY KEY,
    sum  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

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

CREATE TABLE verdicts (
    commit_id BLOB NOT NULL PRIMARY KEY REFERENCES commits (id) ON DELETE CASCADE,
    against   BLOB NOT NULL CHECK (length(against) = 16), -- the commit that it was compared with
    file      INTEGER NOT NULL,
    package   INTEGER NOT NULL,
    wire_json INTEGER NOT NULL,
    wire      INTEGER NOT NULL,
    rust      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE webhook_deliveries (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    webhook_id BLOB NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    module_id  BLOB REFERENCES modules (id) ON DELETE CASCADE,
    commit_id  BLOB,
    event      TEXT NOT NULL,
    data       TEXT NOT NULL, -- JSON
    state      TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
    created    INTEGER NOT NULL,
    tries      INTEGER NOT NULL,
    next_try   INTEGER CHECK ((next_try IS NOT NULL) = (state = 'pending')),
    last_try   INTEGER,
    status     INTEGER,
    message    TEXT
) STRICT;

CREATE TABLE webhooks (
    id         BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    owner_id   BLOB NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
    module_id  BLOB REFERENCES modules (id) ON DELETE CASCADE,
    url        TEXT NOT NULL,
    format     TEXT NOT NULL CHECK (format IN ('json', 'buf')),
    events     TEXT NOT NULL, -- with commas between them
    secret     BLOB CHECK (length(secret) = 32),
    created    INTEGER NOT NULL,
    created_by BLOB,
    dropped    INTEGER NOT NULL -- events that found too many others waiting
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_events_by_action ON audit_events (action, id);

CREATE INDEX audit_events_by_actor ON audit_events (actor_name, id);

CREATE INDEX check_plugin_commits_by_time ON check_plugin_commits (plugin_id, created, id);

CREATE INDEX check_plugin_label_events_by_commit ON check_plugin_label_events (commit_id);

CREATE INDEX check_plugin_label_events_by_label ON check_plugin_label_events (label_id, id);

CREATE INDEX check_plugin_labels_by_commit ON check_plugin_labels (commit_id);

CREATE INDEX commit_dependencies_by_dependency ON commit_dependencies (dependency_id);

CREATE INDEX commit_files_by_blob ON commit_files (blob_id);

CREATE INDEX commits_by_time ON commits (module_id, created, id);

CREATE INDEX crates_by_module ON crates (module_id);

CREATE INDEX device_logins_by_network ON device_logins (network, started);

CREATE INDEX device_logins_by_owner ON device_logins (owner_id);

CREATE INDEX former_admins_by_user ON former_admins (user_id);

CREATE INDEX job_needs_by_need ON job_needs (need_id);

CREATE INDEX label_events_by_commit ON label_events (commit_id);

CREATE INDEX label_events_by_label ON label_events (label_id, id);

CREATE INDEX labels_by_commit ON labels (commit_id);

CREATE INDEX members_by_user ON members (user_id);

CREATE INDEX sdk_jobs_by_crate ON sdk_jobs (crate_id, state);

CREATE INDEX sdk_jobs_by_lane ON sdk_jobs (state, background, lane, queued, id);

CREATE INDEX sdk_jobs_by_node ON sdk_jobs (node_id) WHERE node_id IS NOT NULL;

CREATE INDEX sdk_jobs_by_retry ON sdk_jobs (retry_at) WHERE retry_at IS NOT NULL;

CREATE INDEX sdk_jobs_by_root ON sdk_jobs (root_id) WHERE root_id IS NOT NULL;

CREATE INDEX sdk_jobs_by_start ON sdk_jobs (lane, started);

CREATE INDEX sdk_jobs_by_state ON sdk_jobs (state, queued, id);

CREATE INDEX sessions_by_end ON sessions (expires);

CREATE INDEX sessions_by_token ON sessions (token_id);

CREATE INDEX symbol_details_by_symbol ON symbol_details (symbol_id);

CREATE INDEX symbols_by_module ON symbols (module_id);

CREATE INDEX symbols_by_name ON symbols (folded);

CREATE INDEX tokens_by_owner ON tokens (owner_id);

CREATE INDEX webhook_deliveries_by_module ON webhook_deliveries (module_id);

CREATE INDEX webhook_deliveries_by_time ON webhook_deliveries (next_try) WHERE next_try IS NOT NULL;

CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries (webhook_id, state, next_try);

CREATE INDEX webhooks_by_module ON webhooks (module_id) WHERE module_id IS NOT NULL;

CREATE UNIQUE INDEX webhooks_by_place ON webhooks (owner_id, coalesce(module_id, x''), url);

CREATE TRIGGER symbol_details_deleted AFTER DELETE ON symbol_details BEGIN
    DELETE FROM detail_words WHERE rowid = old.id;
END;

CREATE TRIGGER symbols_deleted AFTER DELETE ON symbols BEGIN
    DELETE FROM symbol_words WHERE rowid = old.id;
END;
