//! Looks up commits, their files and their dependencies.

use bytes::Bytes;

use super::commit_row::{
    BY_ID, Commit, ListedFile, StoredFile, all_listed, check_whole, checked_commit, one_commit, one_file, read_commit,
};
use crate::model::{CommitId, ModuleFile, ModuleId, ModuleOptions, Sha256Digest, ShortCommit, Snapshot, Timestamp};
use crate::store::db::connections::Store;
use crate::store::db::engine::{Row, SqlResult, named_params, params};
use crate::store::db::error::{Result, StoreError, Work};
use crate::store::db::statements::pagination::{Page, PageWindow};
use crate::store::db::statements::query::{all, count, one};

/// A dependency of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dependency {
    /// The commit that is depended on.
    pub commit: CommitId,
    /// Whether the module itself imports it, and not only another dependency.
    pub direct: bool,
}

fn read_dependency(row: &Row<'_>) -> SqlResult<Dependency> {
    Ok(Dependency { commit: row.get("dependency_id")?, direct: row.get("direct")? })
}

/// The first and the last id that start with these twelve digits.
fn range(short: &ShortCommit) -> Option<(CommitId, CommitId)> {
    let with = |end: &str| format!("{short}{}", end.repeat(20)).parse().ok();
    // An id of zeros alone is not valid, so the first id ends in 1.
    let first = format!("{short}{}1", "0".repeat(19)).parse().ok();
    Some((first?, with("f")?))
}

impl Store {
    /// The commit with this id.
    pub fn commit(&self, id: CommitId) -> Result<Option<Commit>> {
        self.read("look up a commit", |conn| one_commit(conn, BY_ID, [id]))
    }

    /// The commits with these ids, in the same order.
    pub fn commits(&self, ids: &[CommitId]) -> Result<Vec<Option<Commit>>> {
        self.read("look up commits", |conn| ids.iter().map(|id| one_commit(conn, BY_ID, [id])).collect())
    }

    /// When the newest commit of a module was created, on any label.
    pub fn latest_created(&self, module: ModuleId) -> Result<Option<Timestamp>> {
        self.read("look up a commit", |conn| {
            let newest =
                one(conn, "SELECT max(created) FROM commits WHERE module_id = ?1", [module], |row| row.get(0))?;
            Ok(newest.flatten())
        })
    }

    /// The commit of a module whose id starts with these digits; the newest, if there are two.
    pub fn commit_by_short(&self, module: ModuleId, short: &ShortCommit) -> Result<Option<Commit>> {
        let Some((first, last)) = range(short) else { return Ok(None) };
        self.read("look up a commit", |conn| {
            // The function keeps the query planner from reading all commits of the module, not the few in the range.
            let sql = "SELECT * FROM commits WHERE id BETWEEN ?2 AND ?3 AND coalesce(module_id, ?1) = ?1 ORDER BY created DESC";
            one_commit(conn, sql, params![module, first, last])
        })
    }

    /// The commits of a module by time; with `id_query`, only commits whose id contains it, ignoring case.
    pub fn list_commits(
        &self,
        module: ModuleId,
        newest_first: bool,
        id_query: Option<&str>,
        offset: u64,
        limit: u64,
    ) -> Result<Page<Commit>> {
        let cut = PageWindow::new(offset, limit);
        let direction = if newest_first { "DESC" } else { "ASC" };
        let sql = format!(
            "SELECT * FROM commits WHERE module_id = :module AND (:query IS NULL OR instr(hex(id), :query) > 0)
             ORDER BY created {direction}, id {direction} LIMIT :limit OFFSET :offset"
        );
        let query = id_query.map(str::to_ascii_uppercase);
        self.read("list commits", |conn| {
            let values = named_params! {
                ":module": module, ":query": query, ":limit": cut.limit(), ":offset": cut.offset(),
            };
            let commits = all(conn, &sql, values, read_commit)?.into_iter().map(checked_commit);
            Ok(cut.page(commits.collect::<Work<_>>()?))
        })
    }

    /// The files of a commit.
    ///
    /// # Errors
    /// [`StoreError::Missing`] if there is no such commit; [`StoreError::Damaged`] if a file does not match its digest.
    pub fn snapshot(&self, commit: CommitId) -> Result<Snapshot> {
        let files = self.read("read the files of a commit", |conn| {
            if one_commit(conn, BY_ID, [commit])?.is_none() {
                return Err(StoreError::Missing(format!("commit {commit}")).into());
            }
            let sql = format!("{} ORDER BY path", StoredFile::SELECT);
            let stored = all(conn, &sql, [commit], StoredFile::read)?;
            check_whole(conn, commit, stored.iter().map(|file| file.checksum))?;
            stored.into_iter().map(|file| file.checked(commit)).collect::<Work<_>>()
        })?;
        Ok(Snapshot::from_stored(files))
    }

    /// One file of a commit, with the digest of its content.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if the file does not match its digest.
    pub fn file(&self, commit: CommitId, path: &str) -> Result<Option<(ModuleFile, Sha256Digest)>> {
        self.read("read a file of a commit", |conn| one_file(conn, commit, path))
    }

    /// The files of a commit without their contents, sorted by path, without `buf.yaml` and `buf.lock` of API v1beta1.
    pub fn list_files(&self, commit: CommitId) -> Result<Vec<ListedFile>> {
        self.read("list the files of a commit", |conn| {
            let mut files = all_listed(conn, commit)?;
            files.retain(|file| !Snapshot::v1_names().contains(&file.path.as_str()));
            Ok(files)
        })
    }

    /// The `buf.yaml` and `buf.lock` with which a mirrored commit was pushed; its b4 digest covers them.
    pub fn v1_files(&self, commit: CommitId) -> Result<Vec<ModuleFile>> {
        self.read("read the files of a commit", |conn| {
            let mut files = vec![];
            // Checking the list once shows which of the two exist.
            let listed = all_listed(conn, commit)?;
            for file in listed.iter().filter(|file| Snapshot::v1_names().contains(&file.path.as_str())) {
                files.extend(one_file(conn, commit, file.path.as_str())?.map(|(file, _)| file));
            }
            Ok(files)
        })
    }

    /// The module options of a commit: the text of its `registry.yaml`, if it has one.
    pub fn module_options(&self, commit: CommitId) -> Result<Option<Bytes>> {
        self.read("read the options of a commit", |conn| {
            Ok(one_file(conn, commit, ModuleOptions::FILE)?.map(|(file, _)| file.content))
        })
    }

    /// Whether a commit may declare a service. What older programs stored may.
    pub fn may_have_services(&self, commit: CommitId) -> Result<bool> {
        self.read("look whether a commit has services", |conn| {
            let sql = "SELECT count(*) FROM commits_without_services WHERE commit_id = ?1";
            Ok(count(conn, sql, [commit])? == 0)
        })
    }

    /// All dependencies of a commit, direct and transitive, as they were when it was pushed; by id.
    pub fn dependencies(&self, commit: CommitId) -> Result<Vec<Dependency>> {
        self.read("read the dependencies of a commit", |conn| {
            let sql = "SELECT * FROM commit_dependencies WHERE commit_id = ?1 ORDER BY dependency_id";
            all(conn, sql, [commit], read_dependency)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{Scratch, at, commit, commit_id, module_id, snapshot};

    #[test]
    fn commits_are_found_by_id_and_by_short_name() {
        let store = Scratch::with_modules();
        store.push_one(1, 1, &[], vec![]);
        store.push_one(2, 2, &[], vec![]);
        assert_eq!(store.commit(commit_id(1)).unwrap(), Some(commit(1, 1)));
        let found = store.commits(&[commit_id(2), commit_id(7), commit_id(1)]).unwrap();
        assert_eq!(found, [Some(commit(2, 2)), None, Some(commit(1, 1))]);
        let short = commit_id(2).short();
        assert_eq!(store.commit_by_short(module_id(2), &short).unwrap(), Some(commit(2, 2)));
        assert_eq!(store.commit_by_short(module_id(1), &short).unwrap(), None);
        assert_eq!(store.commit_by_short(module_id(1), &commit_id(3).short()).unwrap(), None);
    }

    #[test]
    fn commits_are_listed_by_time() {
        let store = Scratch::with_modules();
        assert_eq!(store.latest_created(module_id(1)).unwrap(), None);
        for n in [1, 2, 0xab] {
            store.push_one(n, 1, &[], vec![]);
        }
        assert_eq!(store.latest_created(module_id(1)).unwrap(), Some(at(0xab)));
        let list = |newest, query, offset| {
            let page = store.list_commits(module_id(1), newest, query, offset, 2).unwrap();
            (page.items.iter().map(|commit| commit.id.as_bytes()[0]).collect::<Vec<_>>(), page.next)
        };
        assert_eq!(list(true, None, 0), (vec![0xab, 2], Some(2)));
        assert_eq!(list(true, None, 2), (vec![1], None));
        assert_eq!(list(false, None, 0), (vec![1, 2], Some(2)));
        assert_eq!(list(true, Some("aBAb"), 0), (vec![0xab], None));
    }

    #[test]
    fn files_are_read_one_by_one_and_listed_without_their_contents() {
        let store = Scratch::with_modules();
        let files = snapshot(&[("b.proto", "12345"), ("a/a.proto", ""), ("LICENSE", "MIT")]);
        store.push_files(1, 1, &files);
        let listed = store.list_files(commit_id(1)).unwrap();
        let sizes: Vec<_> = listed.iter().map(|file| (file.path.as_str(), file.size)).collect();
        assert_eq!(sizes, [("LICENSE", 3), ("a/a.proto", 0), ("b.proto", 5)]);
        let (file, digest) = store.file(commit_id(1), "b.proto").unwrap().unwrap();
        assert_eq!((&file.content[..], digest), (b"12345".as_slice(), Sha256Digest::of(b"12345")));
        assert_eq!(listed[2].digest, digest);
        assert_eq!(store.file(commit_id(1), "c.proto").unwrap(), None);
    }

    #[test]
    fn the_files_of_no_commit_are_missing_not_empty() {
        let store = Scratch::with_modules();
        assert!(matches!(store.snapshot(commit_id(1)), Err(StoreError::Missing(_))));
    }
}
