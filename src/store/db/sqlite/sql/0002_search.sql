-- What a module declares, for searching: of the newest commit that its default label was pushed with.

CREATE TABLE symbols (
    id        INTEGER PRIMARY KEY,
    module_id BLOB NOT NULL REFERENCES modules (id) ON DELETE CASCADE,
    kind      TEXT NOT NULL CHECK (kind IN ('package', 'service', 'method', 'message', 'enum')),
    package   TEXT NOT NULL,
    name      TEXT NOT NULL, -- the full name
    folded    TEXT NOT NULL  -- the last part of the name in lower case
) STRICT;
CREATE INDEX symbols_by_module ON symbols (module_id);
CREATE INDEX symbols_by_name ON symbols (folded);

-- The words of the names; the rows of this table go with those above, however those are deleted.
CREATE VIRTUAL TABLE symbol_words USING fts5 (
    words, content = '', contentless_delete = 1, prefix = '2 3'
);
CREATE TRIGGER symbols_deleted AFTER DELETE ON symbols BEGIN
    DELETE FROM symbol_words WHERE rowid = old.id;
END;
