-- Where the parts of large crates stand in them, for the next crate to take over. May be lost at any time.

CREATE TABLE recipes (
    sdk_id  INTEGER PRIMARY KEY REFERENCES sdks (id) ON DELETE CASCADE,
    content BLOB NOT NULL
) STRICT;
