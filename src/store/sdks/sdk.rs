//! Published SDKs: crates, their versions and their bytes. A published crate never changes; it can only be yanked.

use bytes::Bytes;

use super::crate_bytes::{CrateBytes, put_crate_bytes};
use super::sdk_key::{IS_KEY, SdkKey, key_columns, read_key};
use super::sdk_row::{IS_VERSION, SELECT, Sdk, Stored, all_sdks, check_whole, one_sdk, read_sdk, replace_in_crate};
use crate::model::{CommitId, CrateName, ModuleId, PluginVersion, SdkNews, SdkVersion, Timestamp, WebhookNews};
use crate::store::db::connections::Store;
use crate::store::db::engine::{Connection, params};
use crate::store::db::error::{Result, StoreError, Work, unless_taken};
use crate::store::db::statements::query::{all, exists, one, run};
use crate::store::db::statements::row_checksum::RowChecksum;
use crate::store::db::statements::sql_values::Count;
use crate::store::db::transaction::Transaction;
use crate::store::jobs::job::{JobClaim, check_claim};
use crate::store::webhooks::outbox::announce;

pub(super) fn by_version(conn: &Connection, name: &CrateName, version: &SdkVersion) -> Work<Option<Sdk>> {
    one_sdk(conn, &format!("{SELECT} WHERE {IS_VERSION}"), params![name, version])
}

/// Whether a module that was deleted since has published the version with other bytes.
fn is_retired(conn: &Connection, sdk: &Sdk) -> Work<bool> {
    let sql = "SELECT 1 FROM retired_versions WHERE crate_name = ?1 AND crate_version = ?2 AND checksum <> ?3";
    exists(conn, sql, params![sdk.crate_name, sdk.version, sdk.checksum])
}

/// Records the checksums of a module's crates before they are deleted: lock files still name them.
pub(in crate::store) fn retire_versions(conn: &Connection, module: ModuleId) -> Work<()> {
    let sql = "INSERT INTO retired_versions SELECT crates.name, crate_version, checksum
               FROM sdks JOIN crates ON crates.id = crate_id WHERE module_id = ?1 ON CONFLICT DO NOTHING";
    run(conn, sql, [module])?;
    Ok(())
}

/// Adds an SDK inside a transaction, with its bytes if they are not kept elsewhere; `false` if it exists with the same
/// bytes.
fn insert(conn: &Connection, job: i64, sdk: &Sdk, crate_bytes: Option<&[u8]>) -> Work<bool> {
    if let Some(published) = by_version(conn, &sdk.crate_name, &sdk.version)? {
        let taken = StoreError::AlreadyPublished(format!("{} {}", sdk.crate_name, sdk.version));
        return if published.checksum == sdk.checksum { Ok(false) } else { Err(taken.into()) };
    }
    if is_retired(conn, sdk)? {
        return Err(StoreError::Retired(format!("{} {}", sdk.crate_name, sdk.version)).into());
    }
    let sql = format!(
        "INSERT INTO sdks (commit_id, plugin, version, revision, crate_id, crate_version, checksum, size,
                           unpacked_size, index_line, yanked, created, row_checksum)
         SELECT commit_id, plugin, version, revision, crate_id, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?14 FROM sdk_jobs
         WHERE {IS_KEY} AND id = ?5 AND crate_id = (SELECT id FROM crates WHERE name = ?13)"
    );
    let (key, checksum) = (&sdk.key, RowChecksum::of_sdk(sdk));
    let values = params![
        key.commit,
        key.plugin,
        key.version,
        key.revision,
        job,
        sdk.version,
        sdk.checksum,
        Count(sdk.size),
        Count(sdk.unpacked_size),
        sdk.index_line,
        sdk.yanked,
        sdk.created,
        sdk.crate_name,
        checksum
    ];
    let inserted = unless_taken(conn.insert(&sql, values), || format!("{} {}", sdk.crate_name, sdk.version))?;
    let Some(id) = inserted else {
        return Err(StoreError::Missing(format!("job {job} for {} {}", sdk.crate_name, sdk.version)).into());
    };
    if let Some(bytes) = crate_bytes {
        put_crate_bytes(conn, id, bytes)?;
    }
    replace_in_crate(conn, &sdk.crate_name, RowChecksum::default(), checksum)?;
    Ok(true)
}

/// What webhooks tell of a new SDK.
fn news(sdk: &Sdk) -> WebhookNews {
    let plugin = (&sdk.key.plugin, sdk.key.version);
    let news = SdkNews { module: sdk.module, commit: sdk.key.commit, crate_name: &sdk.crate_name, plugin };
    WebhookNews::published(&news, &sdk.version.to_string())
}

/// The crate of an existing SDK.
pub(in crate::store) fn crate_of_sdk(conn: &Connection, sdk_id: i64) -> Work<CrateBytes> {
    let stored = one(conn, &format!("{SELECT} WHERE sdks.id = ?1"), [sdk_id], read_sdk)?;
    read_crate(conn, stored.ok_or_else(|| StoreError::Missing(format!("SDK {sdk_id}")))?)
}

/// Reads the bytes of a crate whose row is whole.
fn read_crate(conn: &Connection, stored: Stored) -> Work<CrateBytes> {
    let id = stored.id;
    CrateBytes::read(conn, id, &stored.checked()?)
}

impl Store {
    /// Makes an SDK visible and its job done, in one transaction. If crates are in an object store, this one is stored
    /// there before.
    ///
    /// # Errors
    /// [`StoreError::AlreadyPublished`] if the crate has the version with another checksum (the same checksum is no
    /// error); [`StoreError::Missing`] if the job does not exist or is a job of another SDK; [`StoreError::Lost`] if
    /// another node has the job; if the object store fails.
    pub fn publish_sdk(&self, claim: JobClaim, sdk: &Sdk, crate_bytes: &[u8], at: Timestamp) -> Result<()> {
        let is_elsewhere = self.blob_place().keep(&sdk.checksum, crate_bytes, at)?;
        let crate_bytes = (!is_elsewhere).then_some(crate_bytes);
        self.write_in(&[sdk.module], "publish an SDK", |conn| {
            check_claim(conn, claim)?;
            let job = claim.job;
            if insert(conn, job, sdk, crate_bytes)? {
                announce(conn, &news(sdk), at)?;
            }
            let sql =
                "UPDATE sdk_jobs SET state = 'done', message = NULL, retry_at = NULL, finished = ?2, node_id = NULL
                 WHERE id = ?1";
            run(conn, sql, params![job, at])?;
            Ok(())
        })
    }

    /// The published SDK of a key.
    pub fn sdk(&self, key: &SdkKey) -> Result<Option<Sdk>> {
        let sql = format!("{SELECT} WHERE {IS_KEY}");
        self.read("look up an SDK", |conn| one_sdk(conn, &sql, key_columns(key)))
    }

    /// One version of a crate.
    pub fn sdk_by_version(&self, name: &CrateName, version: &SdkVersion) -> Result<Option<Sdk>> {
        self.read("look up an SDK", |conn| by_version(conn, name, version))
    }

    /// The SDKs of a commit, by crate and version.
    pub fn sdks_of_commit(&self, commit: CommitId) -> Result<Vec<Sdk>> {
        let sql = format!("{SELECT} WHERE commit_id = ?1");
        self.read("list SDKs", |conn| all_sdks(conn, &sql, [commit]))
    }

    /// All versions of a crate of this module, in cargo's order, oldest first. The name alone is not enough: another
    /// owner may have created a module with the name of a deleted module.
    pub fn sdks_of_crate(&self, module: ModuleId, name: &CrateName) -> Result<Vec<Sdk>> {
        let sql = format!("{SELECT} WHERE crates.name = ?1 AND crates.module_id = ?2");
        self.read("list SDKs", |conn| {
            let sdks = all_sdks(conn, &sql, params![name, module])?;
            check_whole(conn, name, &sdks)?;
            Ok(sdks)
        })
    }

    /// All SDKs of a module, by crate and version.
    pub fn sdks_of_module(&self, module: ModuleId) -> Result<Vec<Sdk>> {
        let sql = format!("{SELECT} WHERE crates.module_id = ?1");
        self.read("list SDKs", |conn| all_sdks(conn, &sql, [module]))
    }

    /// The keys of the SDKs of a module, or of one of its commits: published and requested ones.
    pub fn sdk_keys(&self, module: ModuleId, commit: Option<CommitId>) -> Result<Vec<SdkKey>> {
        let of = |table: &str| {
            format!(
                "SELECT commit_id, plugin, version, revision FROM {table} WHERE commit_id IN
                     (SELECT id FROM commits WHERE module_id = ?1 AND id = coalesce(?2, id))"
            )
        };
        let sql = format!("{} UNION {}", of("sdks"), of("sdk_jobs"));
        self.read("list SDKs", |conn| all(conn, &sql, params![module, commit], read_key))
    }

    /// Whether cargo can choose a version of the crate that is a release by this version of its plugin.
    pub fn has_released_sdk(&self, name: &CrateName, version: PluginVersion) -> Result<bool> {
        self.read("look up an SDK", |conn| {
            // The time in the version of a release starts with 1 or more; other commits have zeros.
            let (first, end) = (format!("{}-1", version.bare()), format!("{}-:", version.bare()));
            let sql = "SELECT 1 FROM sdks WHERE crate_id = (SELECT id FROM crates WHERE name = ?1)
                       AND crate_version >= ?2 AND crate_version < ?3 AND NOT yanked";
            exists(conn, sql, params![name, first, end])
        })
    }

    /// The `.crate` file of a version of a crate of this module, as in [`Store::sdks_of_crate`].
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if the bytes do not have the stored checksum, [`StoreError::NotInBlobs`] if they are
    /// nowhere, or if the object store fails.
    pub fn crate_bytes(&self, module: ModuleId, name: &CrateName, version: &SdkVersion) -> Result<Option<Bytes>> {
        let found = self.read("read a crate", |conn| {
            let sql = format!("{SELECT} WHERE {IS_VERSION} AND crates.module_id = ?3");
            let stored = one(conn, &sql, params![name, version, module], read_sdk)?;
            stored.map(|stored| read_crate(conn, stored)).transpose()
        })?;
        found.map(|found| self.crate_bytes_at(found)).transpose()
    }
}

impl Transaction<'_> {
    /// Yanks or unyanks an SDK; `false` if nothing changed, or the SDK does not exist.
    pub fn set_yanked(&self, key: &SdkKey, yanked: bool) -> Result<bool> {
        self.run(|conn| {
            let stored = one(conn, &format!("{SELECT} WHERE {IS_KEY}"), key_columns(key), read_sdk)?;
            let Some(stored) = stored.filter(|stored| stored.sdk.yanked != yanked) else { return Ok(false) };
            let id = stored.id;
            let sdk = stored.checked()?;
            let (before, after) = (RowChecksum::of_sdk(&sdk), RowChecksum::of_sdk(&Sdk { yanked, ..sdk.clone() }));
            run(conn, "UPDATE sdks SET yanked = ?2, row_checksum = ?3 WHERE id = ?1", params![id, yanked, after])?;
            replace_in_crate(conn, &sdk.crate_name, before, after)?;
            Ok(true)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::jobs::job::Job;
    use crate::store::testing::{Scratch, at, commit_id, crate_name, key, module, module_id, new_job, sdk};

    /// `acme/pets` with commits 1 and 2, and a running job for the crate of each by `prost`.
    fn store() -> (Scratch, Job, Job) {
        let store = Scratch::with_modules();
        store.push_one(1, 1, &[], vec![new_job(1, "pets", "prost", &[])]);
        store.push_one(2, 1, &[], vec![new_job(2, "pets", "prost", &[])]);
        let first = store.claim(at(3)).unwrap();
        let second = store.claim(at(3)).unwrap();
        (store, first, second)
    }

    #[test]
    fn a_published_sdk_is_found_in_every_way() {
        let (store, first, second) = store();
        let (old, new) = (sdk(&first, 1, b"old"), sdk(&second, 1, b"newer"));
        store.publish_sdk(second.claim(), &new, b"newer", at(5)).unwrap();
        store.publish_sdk(first.claim(), &old, b"old", at(6)).unwrap();
        let store = store.reopen();
        assert_eq!(store.sdk(&key(1, "prost")).unwrap(), Some(old.clone()));
        assert_eq!(store.sdk_by_version(&old.crate_name, &old.version).unwrap(), Some(old.clone()));
        assert_eq!(store.sdks_of_commit(commit_id(2)).unwrap(), std::slice::from_ref(&new));
        assert_eq!(store.sdks_of_crate(module_id(1), &old.crate_name).unwrap(), [old.clone(), new.clone()]);
        assert_eq!(store.sdks_of_module(module_id(1)).unwrap(), [old.clone(), new.clone()]);
        assert_eq!(store.crate_bytes(module_id(1), &new.crate_name, &new.version).unwrap().unwrap(), "newer");
        assert_eq!(store.crate_bytes(module_id(1), &crate_name("shop", "prost"), &new.version).unwrap(), None);
        assert_eq!(store.job(&key(1, "prost")).unwrap().unwrap().finished, Some(at(6)));
        assert_eq!(store.stats().unwrap().sdks, 2);
    }

    #[test]
    fn a_version_is_published_again_only_with_the_same_bytes() {
        let (store, job, other) = store();
        let published = sdk(&job, 1, b"bytes");
        store.publish_sdk(job.claim(), &published, b"bytes", at(5)).unwrap();
        store.publish_sdk(job.claim(), &published, b"bytes", at(6)).unwrap();
        let error = store.publish_sdk(job.claim(), &sdk(&job, 1, b"others"), b"others", at(7)).unwrap_err();
        assert!(matches!(error, StoreError::AlreadyPublished(_)), "{error}");
        assert_eq!(
            store.crate_bytes(module_id(1), &published.crate_name, &published.version).unwrap().unwrap(),
            "bytes"
        );
        let error = store.publish_sdk(job.claim(), &sdk(&other, 1, b"x"), b"x", at(8)).unwrap_err();
        assert!(matches!(error, StoreError::Missing(_)), "the job is one of another SDK: {error}");
        let elsewhere = Sdk { crate_name: crate_name("pets", "tonic"), ..sdk(&other, 1, b"x") };
        let error = store.publish_sdk(other.claim(), &elsewhere, b"x", at(8)).unwrap_err();
        assert!(matches!(error, StoreError::Missing(_)), "the job is one for another crate: {error}");
    }

    #[test]
    fn a_version_that_was_deleted_comes_back_only_with_the_same_bytes() {
        let (store, job, _) = store();
        let published = sdk(&job, 1, b"bytes");
        store.publish_sdk(job.claim(), &published, b"bytes", at(5)).unwrap();
        store.delete_modules(&[module_id(1)]).unwrap();
        store.create_module(&module(5, "acme/pets", 1)).unwrap();
        store.push_one(1, 5, &[], vec![new_job(1, "pets", "prost", &[])]);
        assert_eq!(store.crate_bytes(module_id(5), &published.crate_name, &published.version).unwrap(), None);
        let job = store.claim(at(6)).unwrap();
        let error = store.publish_sdk(job.claim(), &sdk(&job, 5, b"others"), b"others", at(7)).unwrap_err();
        assert!(matches!(error, StoreError::Retired(_)), "{error}");
        store.publish_sdk(job.claim(), &sdk(&job, 5, b"bytes"), b"bytes", at(8)).unwrap();
    }
}
