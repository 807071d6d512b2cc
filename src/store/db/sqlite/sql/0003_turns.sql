-- Whose turn it is among the SDKs that wait, which of them can wait longest, and what only goes first.

-- The module for whose sake an SDK is made: these lanes take turns.
ALTER TABLE sdk_jobs ADD COLUMN lane BLOB NOT NULL DEFAULT x'';
UPDATE sdk_jobs SET lane = (SELECT module_id FROM crates WHERE crates.id = crate_id);

-- Nobody waits for it: it is made when there is nothing else to do.
ALTER TABLE sdk_jobs ADD COLUMN background INTEGER NOT NULL DEFAULT 0 CHECK (background IN (0, 1));

-- The other one goes first, but it may fail.
ALTER TABLE job_needs ADD COLUMN soft INTEGER NOT NULL DEFAULT 0 CHECK (soft IN (0, 1));

CREATE INDEX sdk_jobs_by_lane ON sdk_jobs (state, background, lane, queued, id);
CREATE INDEX sdk_jobs_by_start ON sdk_jobs (lane, started);
