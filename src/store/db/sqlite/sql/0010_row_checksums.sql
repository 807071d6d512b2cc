-- What answers are made of is compared with a checksum when it is read. A row that is lost has none, so a commit holds
-- the sum of the checksums of its files, a crate that of its versions. migrate.rs fills them for the rows that are there.

ALTER TABLE commits ADD COLUMN row_checksum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE commits ADD COLUMN files_checksum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE commit_files ADD COLUMN row_checksum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sdks ADD COLUMN row_checksum INTEGER NOT NULL DEFAULT 0;
ALTER TABLE crates ADD COLUMN sdks_checksum INTEGER NOT NULL DEFAULT 0;

-- The checksum of the row holds for the index line too.
ALTER TABLE sdks DROP COLUMN line_digest;
