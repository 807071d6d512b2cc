-- Of what was indexed of each module: most pushes change nothing of it, which is then seen without reading it.

CREATE TABLE indexed (
    module_id BLOB PRIMARY KEY REFERENCES modules (id) ON DELETE CASCADE,
    digest    BLOB NOT NULL
) STRICT, WITHOUT ROWID;
