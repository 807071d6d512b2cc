//! Everything that a push writes: commits, files, labels, jobs and symbols, all or nothing.

use bytes::Bytes;

use super::commit::Dependency;
use super::commit_row::{Commit, ListedFile};
use super::dependency_access::check_dependencies_public;
use super::label::{Label, LabelEvent, put_label};
use super::push_turn::PushTurn;
use super::search_index::{IndexedModule, index_module};
use crate::model::{CommitId, ModuleFile, ModuleOptions, OwnerId, Sha256Digest, Snapshot, Timestamp};
use crate::store::db::engine::{Connection, params};
use crate::store::db::error::{Result, Work, unless_taken};
use crate::store::db::statements::query::{self, one, run};
use crate::store::db::statements::row_checksum::RowChecksum;
use crate::store::db::statements::sql_values::Count;
use crate::store::db::transaction::Transaction;
use crate::store::jobs::job::{NewJob, Urgency};
use crate::store::jobs::queue::queue_jobs;

/// A commit with everything that belongs to it.
#[derive(Debug, Clone)]
pub struct NewCommit<'a> {
    /// The commit.
    pub commit: Commit,
    /// Its files.
    pub snapshot: &'a Snapshot,
    /// The module options: the text of its `registry.yaml`. They replace a `registry.yaml` in the snapshot.
    pub options: Option<Bytes>,
    /// Whether it declares a service.
    pub services: bool,
    /// All its dependencies, direct and transitive.
    pub dependencies: Vec<Dependency>,
}

/// A label in its state after the push.
#[derive(Debug, Clone)]
pub struct LabelMove {
    /// The label; created if its id is new, else moved.
    pub label: Label,
    /// Whether the label is created, for the audit log.
    pub is_new: bool,
}

/// Everything that one push changes.
#[derive(Debug, Clone)]
pub struct WriteSet<'a> {
    /// New commits; each may depend on earlier ones of the list.
    pub commits: Vec<NewCommit<'a>>,
    /// Labels to create or move, to new or existing commits.
    pub labels: Vec<LabelMove>,
    /// SDKs that are due now.
    pub jobs: Vec<NewJob>,
    /// Modules whose default label moves, with their new symbols for the search index.
    pub indexed: Vec<IndexedModule>,
    /// The time, for the history of the labels and for the jobs.
    pub at: Timestamp,
    /// The user, for the history of the labels.
    pub by: OwnerId,
}

impl WriteSet<'_> {
    /// Whether it leaves all heads, and what was made of them, as they are.
    fn is_empty(&self) -> bool {
        self.commits.is_empty() && self.labels.is_empty() && self.indexed.is_empty()
    }
}

impl Transaction<'_> {
    /// Records a push, and ends its turn.
    ///
    /// # Errors
    /// [`Overtaken`](crate::store::StoreError::Overtaken) if it was decided by heads that have moved,
    /// [`AlreadyExists`](crate::store::StoreError::AlreadyExists) if a commit or label is taken,
    /// [`Missing`](crate::store::StoreError::Missing) if the push refers to a record that does not exist,
    /// [`NeedsPrivate`](crate::store::StoreError::NeedsPrivate) if a public module would depend on a private one.
    pub fn push(&self, push: &WriteSet<'_>, turn: PushTurn) -> Result<()> {
        self.run(|conn| {
            if !push.is_empty() {
                turn.end(conn)?;
            }
            for new in &push.commits {
                insert_commit(conn, new)?;
                if !new.services {
                    run(conn, "INSERT INTO commits_without_services VALUES (?1)", [new.commit.id])?;
                }
                insert_files(conn, new)?;
                insert_dependencies(conn, new)?;
                check_dependencies_public(conn, new.commit.module, Some(new.commit.id))?;
            }
            for moved in &push.labels {
                let event = LabelEvent { commit: moved.label.commit, at: push.at, by: push.by };
                put_label(conn, &moved.label, &event, self.quotas())?;
            }
            for indexed in &push.indexed {
                index_module(conn, indexed)?;
            }
            for new in &push.commits {
                self.quotas().check_bytes(conn, new.commit.module)?;
            }
            queue_jobs(conn, &push.jobs, push.at, Urgency::Now)
        })
    }
}

fn insert_commit(conn: &Connection, new: &NewCommit<'_>) -> Work<()> {
    let commit = &new.commit;
    let (digest, by) = (commit.digest, commit.created_by);
    let (created, released, files, url) =
        (commit.created, commit.released, commit.files_digest, &commit.source_control_url);
    let bytes = Count(new.snapshot.files().iter().map(|file| file.content.len() as u64).sum());
    let checksum = RowChecksum::of_commit(commit);
    let values = params![commit.id, commit.module, created, released, files, digest, by, url, bytes, checksum];
    let inserted = run(conn, "INSERT INTO commits VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0)", values);
    unless_taken(inserted, || format!("commit {}", commit.id)).map(drop)
}

fn insert_files(conn: &Connection, new: &NewCommit<'_>) -> Work<()> {
    let mut checksums = vec![];
    for (file, digest) in new.snapshot.files().iter().zip(new.snapshot.digests()) {
        checksums.push(insert_file(conn, new.commit.id, file, *digest)?);
    }
    for file in new.snapshot.v1_files().iter().chain(&options_file(new)) {
        checksums.push(insert_file(conn, new.commit.id, file, Sha256Digest::of(&file.content))?);
    }
    let sum: RowChecksum = checksums.into_iter().sum();
    run(conn, "UPDATE commits SET files_checksum = ?2 WHERE id = ?1", params![new.commit.id, sum])?;
    Ok(())
}

fn options_file(new: &NewCommit<'_>) -> Option<ModuleFile> {
    let (content, path) = (new.options.clone()?, ModuleOptions::FILE.parse().ok()?);
    Some(ModuleFile { path, content })
}

fn insert_file(conn: &Connection, commit: CommitId, file: &ModuleFile, digest: Sha256Digest) -> Work<RowChecksum> {
    let known = one(conn, "SELECT id FROM blobs WHERE digest = ?1", [digest], |row| row.get(0))?;
    let blob: i64 = match known {
        Some(id) => id,
        None => query::insert(
            conn,
            "INSERT INTO blobs (digest, content) VALUES (?1, ?2)",
            params![digest, &file.content[..]],
        )?,
    };
    let listed = ListedFile { path: file.path.clone(), digest, size: file.content.len() as u64 };
    let checksum = RowChecksum::of_file(commit, &listed);
    run(conn, "INSERT INTO commit_files VALUES (?1, ?2, ?3, ?4)", params![commit, file.path, blob, checksum])?;
    Ok(checksum)
}

fn insert_dependencies(conn: &Connection, new: &NewCommit<'_>) -> Work<()> {
    for dependency in &new.dependencies {
        let values = params![new.commit.id, dependency.commit, dependency.direct];
        let inserted = run(conn, "INSERT INTO commit_dependencies VALUES (?1, ?2, ?3)", values);
        unless_taken(inserted, || format!("dependency {} of commit {}", dependency.commit, new.commit.id))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SdkState;
    use crate::model::{LabelName, Snapshot};
    use crate::store::db::error::StoreError;
    use crate::store::db::health::Stats;
    use crate::store::db::sqlite::open::StoreOptions;
    use crate::store::modules::commit::Dependency;
    use crate::store::testing::{
        Scratch, at, commit, commit_id, crate_name, key, label, module_id, new_job, owner_id, snapshot,
    };

    fn push<'a>(commits: Vec<NewCommit<'a>>) -> WriteSet<'a> {
        WriteSet { commits, labels: vec![], jobs: vec![], indexed: vec![], at: at(50), by: owner_id(1) }
    }

    fn new(n: u8, module: u8, snapshot: &Snapshot) -> NewCommit<'_> {
        NewCommit { commit: commit(n, module), snapshot, options: None, services: true, dependencies: vec![] }
    }

    fn moved(label: Label) -> LabelMove {
        LabelMove { label, is_new: true }
    }

    #[test]
    fn a_push_is_all_there_after_a_restart() {
        let store = Scratch::with_modules();
        let pets = snapshot(&[("b.proto", "b"), ("a/a.proto", "same"), ("LICENSE", "MIT"), ("empty.proto", "")]);
        let shop = snapshot(&[("c.proto", "same")]);
        let needed = Dependency { commit: commit_id(1), direct: true };
        let commits = vec![new(1, 1, &pets), NewCommit { dependencies: vec![needed], ..new(2, 2, &shop) }];
        let labels = vec![moved(label(1, 1, "main", 1)), moved(label(2, 2, "main", 2))];
        let jobs = vec![new_job(2, "shop", "prost", &[key(1, "prost")]), new_job(1, "pets", "prost", &[])];
        store.push(&WriteSet { labels, jobs, indexed: vec![], ..push(commits) }).unwrap();

        let store = store.reopen();
        assert_eq!(store.commit(commit_id(1)).unwrap(), Some(commit(1, 1)));
        assert_eq!(store.snapshot(commit_id(1)).unwrap(), pets);
        assert_eq!(store.snapshot(commit_id(2)).unwrap(), shop);
        assert_eq!(store.dependencies(commit_id(2)).unwrap(), [needed]);
        assert_eq!(store.label(module_id(2), &LabelName::main()).unwrap(), Some(label(2, 2, "main", 2)));
        let waiting = store.unfinished_jobs(&crate_name("shop", "prost")).unwrap();
        assert_eq!(waiting.iter().map(|job| &job.state).collect::<Vec<_>>(), [&SdkState::Queued]);
        let contents = store
            .read("test", |conn| crate::store::db::statements::query::count(conn, "SELECT count(*) FROM blobs", []));
        assert_eq!(contents.unwrap(), 4, "equal contents are stored once");
    }

    #[test]
    fn a_push_that_fails_half_way_leaves_nothing() {
        let store = Scratch::with_modules();
        let files = snapshot(&[("a.proto", "1")]);
        store.push(&push(vec![new(1, 1, &files)])).unwrap();
        let records = || Stats { bytes: 0, log_bytes: 0, ..store.stats().unwrap() };
        let before = records();
        let other = snapshot(&[("b.proto", "2")]);

        let error = store.push(&push(vec![new(2, 2, &other), new(1, 1, &other)])).unwrap_err();
        assert_eq!(error.to_string(), format!("commit {} already exists", commit_id(1)));
        let error = store.push(&push(vec![new(2, 9, &other)])).unwrap_err();
        assert!(matches!(error, StoreError::Missing(_)), "no such module: {error}");
        let jobs = vec![new_job(2, "shop", "prost", &[key(7, "prost")])];
        let error = store.push(&WriteSet { jobs, indexed: vec![], ..push(vec![new(2, 2, &other)]) }).unwrap_err();
        assert!(matches!(error, StoreError::Missing(_)), "no such need: {error}");

        assert_eq!(records(), before);
        assert_eq!(store.commit(commit_id(2)).unwrap(), None);
        store.push(&push(vec![new(2, 2, &other)])).unwrap();
    }

    #[test]
    fn a_push_survives_a_crash_whole_or_if_the_log_is_torn_not_at_all() {
        let store = Scratch::with_modules().reopen();
        let files = snapshot(&[("a.proto", &"1".repeat(50_000)), ("b.proto", &"2".repeat(50_000))]);
        store.push(&push(vec![new(1, 1, &files), new(2, 2, &files)])).unwrap();
        assert_eq!(store.crashed(1.0).snapshot(commit_id(2)).unwrap(), files);
        for keep in [0.0, 0.3, 0.6, 0.9, 0.999] {
            let torn = store.crashed(keep);
            assert_eq!(torn.stats().unwrap().modules, 2);
            assert_eq!(torn.commits(&[commit_id(1), commit_id(2)]).unwrap(), [None, None], "{keep}");
        }
    }

    #[test]
    fn a_full_store_says_so_and_stays_usable() {
        let store = Scratch::with(StoreOptions { max_bytes: Some(1 << 20), readers: 1, ..StoreOptions::default() });
        store.fill();
        let large = snapshot(&[("a.proto", &"x".repeat(2 << 20))]);
        let error = store.push(&push(vec![new(1, 1, &large)])).unwrap_err();
        assert!(matches!(error, StoreError::Full { .. }), "{error}");
        assert!(error.to_string().contains("--max-store-bytes"), "{error}");
        assert_eq!(store.commit(commit_id(1)).unwrap(), None);
        let small = snapshot(&[("a.proto", "x")]);
        store.push(&push(vec![new(1, 1, &small)])).unwrap();
        assert_eq!(store.snapshot(commit_id(1)).unwrap(), small);
    }
}
