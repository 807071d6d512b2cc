-- Nodes: the processes that take jobs from the queue. A beat that no longer moves is a node that has ended.
CREATE TABLE nodes (
    id   BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    beat INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The node that runs the job, and the number of the claim by which it got it: whoever lost the job has an older one.
ALTER TABLE sdk_jobs ADD COLUMN node_id BLOB;
ALTER TABLE sdk_jobs ADD COLUMN claim INTEGER NOT NULL DEFAULT 0;

CREATE INDEX sdk_jobs_by_node ON sdk_jobs (node_id) WHERE node_id IS NOT NULL;
