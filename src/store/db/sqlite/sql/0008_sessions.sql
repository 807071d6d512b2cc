-- Sign-ins in browsers. Only the hash of what the cookie holds is kept; a session ends with the token that began it.

CREATE TABLE sessions (
    hash     BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    token_id BLOB NOT NULL REFERENCES tokens (id) ON DELETE CASCADE,
    created  INTEGER NOT NULL,
    expires  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_token ON sessions (token_id);
CREATE INDEX sessions_by_end ON sessions (expires);
