-- Webhooks, of a module or of all modules of an owner, and what they have sent or are still to send. A delivery is
-- written in the transaction of the change that it tells of. The secret signs what is sent, so it is kept as it is.

CREATE TABLE webhooks (
    id         BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    owner_id   BLOB NOT NULL REFERENCES owners (id) ON DELETE CASCADE,
    module_id  BLOB REFERENCES modules (id) ON DELETE CASCADE,
    url        TEXT NOT NULL,
    format     TEXT NOT NULL CHECK (format IN ('json', 'buf')),
    events     TEXT NOT NULL, -- with commas between them
    secret     BLOB CHECK (length(secret) = 32),
    created    INTEGER NOT NULL,
    created_by BLOB,
    dropped    INTEGER NOT NULL -- events that found too many others waiting
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX webhooks_by_place ON webhooks (owner_id, coalesce(module_id, x''), url);
CREATE INDEX webhooks_by_module ON webhooks (module_id) WHERE module_id IS NOT NULL;

CREATE TABLE webhook_deliveries (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    webhook_id BLOB NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    module_id  BLOB REFERENCES modules (id) ON DELETE CASCADE,
    commit_id  BLOB,
    event      TEXT NOT NULL,
    data       TEXT NOT NULL, -- JSON
    state      TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
    created    INTEGER NOT NULL,
    tries      INTEGER NOT NULL,
    next_try   INTEGER CHECK ((next_try IS NOT NULL) = (state = 'pending')),
    last_try   INTEGER,
    status     INTEGER,
    message    TEXT
) STRICT;
CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries (webhook_id, state, next_try);
CREATE INDEX webhook_deliveries_by_module ON webhook_deliveries (module_id);
CREATE INDEX webhook_deliveries_by_time ON webhook_deliveries (next_try) WHERE next_try IS NOT NULL;
