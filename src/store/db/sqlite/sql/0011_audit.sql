-- The audit log says by which token and from which address a change was made. The name of the actor is kept with the
-- record, because the user may be deleted later.

ALTER TABLE audit_events ADD COLUMN actor_name TEXT;
ALTER TABLE audit_events ADD COLUMN token_id BLOB CHECK (length(token_id) = 16);
ALTER TABLE audit_events ADD COLUMN client TEXT;
UPDATE audit_events SET actor_name = (SELECT name FROM owners WHERE id = actor) WHERE actor IS NOT NULL;
CREATE INDEX audit_events_by_actor ON audit_events (actor_name, id);
CREATE INDEX audit_events_by_action ON audit_events (action, id);
