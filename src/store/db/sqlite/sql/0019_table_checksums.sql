-- The sum of the checksums of the rows of each table. table_checksums.rs fills it, and every write keeps it.

CREATE TABLE table_checksums (
    name TEXT NOT NULL PRIMARY KEY,
    sum  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
