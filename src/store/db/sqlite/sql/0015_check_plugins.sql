-- Commits that declare no service: plugins that generate for services only make empty crates of them.
CREATE TABLE commits_without_services (
    commit_id BLOB NOT NULL PRIMARY KEY REFERENCES commits (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Check plugins of `buf lint` and `buf breaking`.
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
CREATE TABLE check_plugin_commits (
    id                 BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    plugin_id          BLOB NOT NULL REFERENCES check_plugins (id) ON DELETE CASCADE,
    created            INTEGER NOT NULL,
    digest             BLOB NOT NULL CHECK (length(digest) = 64), -- SHAKE256 of the program
    created_by         BLOB NOT NULL,
    source_control_url TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE check_plugin_programs (
    commit_id BLOB NOT NULL UNIQUE REFERENCES check_plugin_commits (id) ON DELETE CASCADE,
    content   BLOB NOT NULL
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
CREATE TABLE check_plugin_label_events (
    id        INTEGER PRIMARY KEY,
    label_id  BLOB NOT NULL REFERENCES check_plugin_labels (id) ON DELETE CASCADE,
    commit_id BLOB NOT NULL REFERENCES check_plugin_commits (id),
    at        INTEGER NOT NULL,
    moved_by  BLOB NOT NULL
) STRICT;
CREATE INDEX check_plugin_commits_by_time ON check_plugin_commits (plugin_id, created, id);
CREATE INDEX check_plugin_labels_by_commit ON check_plugin_labels (commit_id);
CREATE INDEX check_plugin_label_events_by_label ON check_plugin_label_events (label_id, id);
CREATE INDEX check_plugin_label_events_by_commit ON check_plugin_label_events (commit_id);
