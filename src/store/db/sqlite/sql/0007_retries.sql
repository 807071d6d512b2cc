-- What is tried again and when, what took the process along, whose failure others share, and what is soon made.

-- When a failed job is tried again without being asked for; null: never.
ALTER TABLE sdk_jobs ADD COLUMN retry_at INTEGER CHECK (retry_at IS NULL OR state = 'failed');
-- How often the process ended while the job was running, since somebody last asked for it.
ALTER TABLE sdk_jobs ADD COLUMN deaths INTEGER NOT NULL DEFAULT 0;
-- The failed job that this one needs and failed with; null: it failed by itself.
ALTER TABLE sdk_jobs ADD COLUMN root_id INTEGER REFERENCES sdk_jobs (id) ON DELETE SET NULL;
-- There is so little to read that it is soon made.
ALTER TABLE sdk_jobs ADD COLUMN small INTEGER NOT NULL DEFAULT 0 CHECK (small IN (0, 1));

-- Of all files together; null: not known.
ALTER TABLE commits ADD COLUMN source_bytes INTEGER;

CREATE INDEX sdk_jobs_by_retry ON sdk_jobs (retry_at) WHERE retry_at IS NOT NULL;
CREATE INDEX sdk_jobs_by_root ON sdk_jobs (root_id) WHERE root_id IS NOT NULL;

-- Until now these facts were parts of messages.
WITH RECURSIVE
    failed (id) AS (SELECT id FROM sdk_jobs WHERE state = 'failed'),
    needed (job_id, need_id) AS
        (SELECT job_id, need_id FROM job_needs WHERE NOT soft AND job_id IN failed AND need_id IN failed),
    taken_along (id, root_id) AS
        (SELECT id, id FROM failed WHERE id NOT IN (SELECT job_id FROM needed)
         UNION SELECT job_id, root_id FROM needed JOIN taken_along ON need_id = id)
UPDATE sdk_jobs SET root_id =
    (SELECT min(root_id) FROM taken_along WHERE taken_along.id = sdk_jobs.id AND root_id <> sdk_jobs.id)
WHERE state = 'failed';
UPDATE sdk_jobs SET retry_at = 0
WHERE state = 'failed' AND root_id IS NULL AND message GLOB 'the crate could not be stored: *';
