-- Commits that declare no service: plugins that generate for services only make empty crates of them.
CREATE TABLE commits_without_services (
    commit_id BLOB NOT NULL PRIMARY KEY REFERENCES commits (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
