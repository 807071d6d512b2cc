-- Logins that a program has started, and that a user must approve in a browser. They live for minutes.
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

CREATE INDEX device_logins_by_network ON device_logins (network, started);
CREATE INDEX device_logins_by_owner ON device_logins (owner_id);
