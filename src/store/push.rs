//! A push: commits, their files, labels and jobs, everything or nothing.

use rusqlite::{Connection, params};

use super::error::{Work, unless_taken};
use super::jobs::queue_jobs;
use super::labels::put_label;
use super::query::{one, run};
use super::records::{Commit, LabelEvent, NewCommit, PushRecord};
use super::{Result, Store};
use crate::model::{CommitId, ModuleFile, Sha256Digest};

impl Store {
    /// Records a push in one transaction. When it returns, the push survives a power cut.
    ///
    /// # Errors
    /// [`super::StoreError::AlreadyExists`] if a commit or label is taken, [`super::StoreError::Missing`] if something
    /// that the push refers to is not there. Then nothing of the push is stored.
    pub fn push(&self, push: &PushRecord<'_>) -> Result<()> {
        // Hashing takes the longest, so it is done before others are kept from writing.
        let digests: Vec<_> = push.commits.iter().map(file_digests).collect();
        self.write("store the push", |conn| {
            for (new, digests) in push.commits.iter().zip(&digests) {
                insert_commit(conn, &new.commit)?;
                insert_files(conn, new, digests)?;
                insert_dependencies(conn, new)?;
            }
            for moved in &push.labels {
                let event = LabelEvent { commit: moved.label.commit, at: push.at, by: push.by };
                put_label(conn, &moved.label, &event)?;
            }
            queue_jobs(conn, &push.jobs, push.at)
        })
    }
}

fn file_digests(new: &NewCommit<'_>) -> Vec<Sha256Digest> {
    new.snapshot.files().iter().map(|file| Sha256Digest::of(&file.content)).collect()
}

fn insert_commit(conn: &Connection, commit: &Commit) -> Work<()> {
    let (digest, by) = (commit.digest, commit.created_by);
    let (created, released, files, url) =
        (commit.created, commit.released, commit.files_digest, &commit.source_control_url);
    let values = params![commit.id, commit.module, created, released, files, digest, by, url];
    let inserted = run(conn, "INSERT INTO commits VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", values);
    unless_taken(inserted, || format!("commit {}", commit.id)).map(drop)
}

fn insert_files(conn: &Connection, new: &NewCommit<'_>, digests: &[Sha256Digest]) -> Work<()> {
    for (file, digest) in new.snapshot.files().iter().zip(digests) {
        insert_file(conn, new.commit.id, file, *digest)?;
    }
    Ok(())
}

fn insert_file(conn: &Connection, commit: CommitId, file: &ModuleFile, digest: Sha256Digest) -> Work<()> {
    let known = one(conn, "SELECT id FROM blobs WHERE digest = ?1", [digest], |row| row.get(0))?;
    let blob: i64 = match known {
        Some(id) => id,
        None => {
            run(conn, "INSERT INTO blobs (digest, content) VALUES (?1, ?2)", params![digest, &file.content[..]])?;
            conn.last_insert_rowid()
        }
    };
    run(conn, "INSERT INTO commit_files VALUES (?1, ?2, ?3)", params![commit, file.path, blob])?;
    Ok(())
}

fn insert_dependencies(conn: &Connection, new: &NewCommit<'_>) -> Work<()> {
    for dependency in &new.dependencies {
        let values = params![new.commit.id, dependency.commit, dependency.direct];
        let inserted = run(conn, "INSERT INTO commit_dependencies VALUES (?1, ?2, ?3)", values);
        unless_taken(inserted, || format!("dependency {} of commit {}", dependency.commit, new.commit.id))?;
    }
    Ok(())
}
