-- Search finds extensions, what declarations hold (fields, values), and comments. The program fills what is new of
-- modules without a digest in `indexed`, in the background.

DROP TRIGGER symbols_deleted;
ALTER TABLE symbols RENAME TO older_symbols;
DROP INDEX symbols_by_module;
DROP INDEX symbols_by_name;
CREATE TABLE symbols (
    id        INTEGER PRIMARY KEY,
    module_id BLOB NOT NULL REFERENCES modules (id) ON DELETE CASCADE,
    kind      TEXT NOT NULL CHECK (kind IN ('package', 'service', 'method', 'message', 'enum', 'extension')),
    package   TEXT NOT NULL,
    name      TEXT NOT NULL, -- the full name
    folded    TEXT NOT NULL, -- the last part of the name in lower case
    details   BLOB CHECK (length(details) = 32) -- the SHA-256 of its details, if it has any
) STRICT;
INSERT INTO symbols SELECT id, module_id, kind, package, name, folded, NULL FROM older_symbols;
DROP TABLE older_symbols;
CREATE INDEX symbols_by_module ON symbols (module_id);
CREATE INDEX symbols_by_name ON symbols (folded);
CREATE TRIGGER symbols_deleted AFTER DELETE ON symbols BEGIN
    DELETE FROM symbol_words WHERE rowid = old.id;
END;

-- What a symbol holds, and its comments: a line for each, with its kind, its name, and the beginning of its comment.
-- Large symbols have several rows.
CREATE TABLE symbol_details (
    id        INTEGER PRIMARY KEY,
    symbol_id INTEGER NOT NULL REFERENCES symbols (id) ON DELETE CASCADE,
    lines     TEXT NOT NULL
) STRICT;
CREATE INDEX symbol_details_by_symbol ON symbol_details (symbol_id);

-- The words of the lines and of the symbol's name; the rows go with those above.
CREATE VIRTUAL TABLE detail_words USING fts5 (
    words, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
);
CREATE TRIGGER symbol_details_deleted AFTER DELETE ON symbol_details BEGIN
    DELETE FROM detail_words WHERE rowid = old.id;
END;

DELETE FROM indexed;

-- What pages need of a commit without compiling it: the files, with their packages, imports, and numbers of
-- declarations, compressed. Commits of older programs have none until they are indexed.
CREATE TABLE commit_outlines (
    commit_id BLOB NOT NULL PRIMARY KEY REFERENCES commits (id) ON DELETE CASCADE,
    content   BLOB NOT NULL
) STRICT, WITHOUT ROWID;
