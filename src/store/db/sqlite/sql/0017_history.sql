-- How many declarations a commit changed, against the commit that its label was at before; and in which release each
-- declaration of a module's default label came, and became deprecated. A declaration without a row came with the first
-- release that was looked at, or before it if that one was not the module's first. Declarations are kept as the first
-- half of the SHA-256 of their name, because names may be of any length.

CREATE TABLE commit_changes (
    commit_id BLOB NOT NULL REFERENCES commits (id) ON DELETE CASCADE,
    kind      TEXT NOT NULL CHECK (kind IN ('message', 'field', 'enum', 'value', 'service', 'method')),
    against   BLOB NOT NULL CHECK (length(against) = 16), -- the commit that it was compared with
    added     INTEGER NOT NULL,
    removed   INTEGER NOT NULL,
    changed   INTEGER NOT NULL,
    PRIMARY KEY (commit_id, kind)
) STRICT, WITHOUT ROWID;
CREATE TABLE histories (
    module_id BLOB NOT NULL PRIMARY KEY REFERENCES modules (id) ON DELETE CASCADE,
    head      BLOB NOT NULL CHECK (length(head) = 16),  -- the commit whose declarations the rows are of
    first     BLOB NOT NULL CHECK (length(first) = 16), -- the first release that was looked at
    complete  INTEGER NOT NULL CHECK (complete IN (0, 1)) -- whether the module had none before it
) STRICT, WITHOUT ROWID;
CREATE TABLE declarations (
    module_id   BLOB NOT NULL REFERENCES histories (module_id) ON DELETE CASCADE,
    declaration BLOB NOT NULL CHECK (length(declaration) = 16),
    fact        TEXT NOT NULL CHECK (fact IN ('declared', 'deprecated')),
    since       BLOB NOT NULL CHECK (length(since) = 16),
    PRIMARY KEY (module_id, declaration, fact)
) STRICT, WITHOUT ROWID;
