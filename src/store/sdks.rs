//! Published SDKs: crates, their versions and their bytes. What is published never changes, but for being yanked.

use bytes::Bytes;
use rusqlite::{Connection, Row, named_params, params};

use super::error::{Work, unless_taken};
use super::jobs::{IS_KEY, key_columns, read_key};
use super::modules::{VISIBLE, viewer_columns};
use super::query::{all, count, one, run};
use super::records::{CrateMatches, Sdk, SdkKey, Viewer};
use super::values::Count;
use super::{Result, Store, StoreError};
use crate::model::{CommitId, CrateName, ModuleId, SdkVersion, Timestamp};

const SELECT: &str =
    "SELECT sdks.*, crates.name AS crate_name, crates.module_id FROM sdks JOIN crates ON crates.id = sdks.crate_id";

const IS_VERSION: &str = "crates.name = ?1 AND sdks.crate_version = ?2";

fn read_sdk(row: &Row<'_>) -> rusqlite::Result<Sdk> {
    let size = |column| row.get(column).map(|Count(bytes)| bytes);
    Ok(Sdk {
        key: read_key(row)?,
        module: row.get("module_id")?,
        crate_name: row.get("crate_name")?,
        version: row.get("crate_version")?,
        checksum: row.get("checksum")?,
        size: size("size")?,
        unpacked_size: size("unpacked_size")?,
        index_line: row.get("index_line")?,
        yanked: row.get("yanked")?,
        created: row.get("created")?,
    })
}

fn by_version(conn: &Connection, name: &CrateName, version: &SdkVersion) -> Work<Option<Sdk>> {
    one(conn, &format!("{SELECT} WHERE {IS_VERSION}"), params![name, version], read_sdk)
}

/// Adds an SDK inside a transaction, unless it is there with the same bytes.
fn insert(conn: &Connection, job: i64, sdk: &Sdk, crate_bytes: &[u8]) -> Work<()> {
    if let Some(published) = by_version(conn, &sdk.crate_name, &sdk.version)? {
        let same = published.checksum == sdk.checksum;
        let (name, version) = (published.crate_name, published.version);
        return if same { Ok(()) } else { Err(StoreError::AlreadyPublished { name, version }.into()) };
    }
    let sql = "INSERT INTO sdks (commit_id, plugin, version, revision, crate_id, crate_version, checksum, size,
                                 unpacked_size, index_line, yanked, created)
               SELECT commit_id, plugin, version, revision, crate_id, ?6, ?7, ?8, ?9, ?10, ?11, ?12
               FROM sdk_jobs WHERE commit_id = ?1 AND plugin = ?2 AND version = ?3 AND revision = ?4 AND id = ?5";
    let key = &sdk.key;
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
        sdk.created
    ];
    if unless_taken(run(conn, sql, values), || format!("{} {}", sdk.crate_name, sdk.version))? == 0 {
        return Err(StoreError::Missing(format!("job {job} for {} {}", sdk.crate_name, sdk.version)).into());
    }
    let id = conn.last_insert_rowid();
    run(conn, "INSERT INTO crate_blobs VALUES (?1, ?2)", params![id, crate_bytes])?;
    Ok(())
}

/// Reads a blob straight into the buffer that is handed out.
fn read_blob(conn: &Connection, sdk_id: i64) -> Work<Bytes> {
    let blob = conn.blob_open("main", "crate_blobs", "content", sdk_id, true)?;
    let mut bytes = vec![0; blob.len()];
    blob.read_at_exact(&mut bytes, 0)?;
    Ok(bytes.into())
}

/// The newest version that is not yanked, or the newest if all are.
fn newest(conn: &Connection, name: &CrateName) -> Work<Option<SdkVersion>> {
    let sql = "SELECT crate_version, yanked FROM sdks JOIN crates ON crates.id = crate_id WHERE name = ?1";
    let versions: Vec<(SdkVersion, bool)> = all(conn, sql, [name], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let best =
        versions.into_iter().max_by(|(a, a_yanked), (b, b_yanked)| b_yanked.cmp(a_yanked).then_with(|| a.cmp(b)));
    Ok(best.map(|(version, _)| version))
}

impl Store {
    /// Makes an SDK visible and its job done, in one transaction.
    ///
    /// # Errors
    /// [`StoreError::AlreadyPublished`] if the crate has the version with another checksum (with the same one, all is
    /// well); [`StoreError::Missing`] if the job is not there or is one of another SDK.
    pub fn publish_sdk(&self, job: i64, sdk: &Sdk, crate_bytes: &[u8], at: Timestamp) -> Result<()> {
        self.write("publish an SDK", |conn| {
            insert(conn, job, sdk, crate_bytes)?;
            let sql = "UPDATE sdk_jobs SET state = 'done', message = NULL, finished = ?2 WHERE id = ?1";
            run(conn, sql, params![job, at])?;
            Ok(())
        })
    }

    /// The SDK of a key.
    ///
    /// # Errors
    /// Only when the database cannot be read.
    pub fn sdk(&self, key: &SdkKey) -> Result<Option<Sdk>> {
        let sql = format!("{SELECT} WHERE {IS_KEY}");
        self.read("look up an SDK", |conn| one(conn, &sql, key_columns(key), read_sdk))
    }

    /// One version of a crate.
    ///
    /// # Errors
    /// Only when the database cannot be read.
    pub fn sdk_by_version(&self, name: &CrateName, version: &SdkVersion) -> Result<Option<Sdk>> {
        self.read("look up an SDK", |conn| by_version(conn, name, version))
    }

    /// The SDKs of a commit, by crate and version.
    ///
    /// # Errors
    /// Only when the database cannot be read.
    pub fn sdks_of_commit(&self, commit: CommitId) -> Result<Vec<Sdk>> {
        let sql = format!("{SELECT} WHERE commit_id = ?1");
        self.read("list SDKs", |conn| all(conn, &sql, [commit], read_sdk)).map(sorted)
    }

    /// All versions of a crate, as cargo orders them, oldest first.
    ///
    /// # Errors
    /// Only when the database cannot be read.
    pub fn sdks_of_crate(&self, name: &CrateName) -> Result<Vec<Sdk>> {
        let sql = format!("{SELECT} WHERE crates.name = ?1");
        self.read("list SDKs", |conn| all(conn, &sql, [name], read_sdk)).map(sorted)
    }

    /// All SDKs of a module, by crate and version.
    ///
    /// # Errors
    /// Only when the database cannot be read.
    pub fn sdks_of_module(&self, module: ModuleId) -> Result<Vec<Sdk>> {
        let sql = format!("{SELECT} WHERE crates.module_id = ?1");
        self.read("list SDKs", |conn| all(conn, &sql, [module], read_sdk)).map(sorted)
    }

    /// The `.crate` file of a version.
    ///
    /// # Errors
    /// Only when the database cannot be read.
    pub fn crate_bytes(&self, name: &CrateName, version: &SdkVersion) -> Result<Option<Bytes>> {
        self.read("read a crate", |conn| {
            let sql = format!("SELECT sdks.id FROM sdks JOIN crates ON crates.id = sdks.crate_id WHERE {IS_VERSION}");
            let id = one(conn, &sql, params![name, version], |row| row.get(0))?;
            id.map(|id| read_blob(conn, id)).transpose()
        })
    }

    /// Yanks a version or takes that back; `false` if there is no such version.
    ///
    /// # Errors
    /// Only when the database cannot be written.
    pub fn set_yanked(&self, name: &CrateName, version: &SdkVersion, yanked: bool) -> Result<bool> {
        self.write("yank a crate", |conn| {
            let sql = "UPDATE sdks SET yanked = ?3
                       WHERE crate_id = (SELECT id FROM crates WHERE name = ?1) AND crate_version = ?2";
            Ok(run(conn, sql, params![name, version, yanked])? > 0)
        })
    }

    /// Crates with a published version whose name holds `query`, in any spelling of hyphens and case.
    ///
    /// # Errors
    /// Only when the database cannot be read.
    pub fn search_crates(&self, query: &str, visible_to: Option<Viewer>, limit: u64) -> Result<CrateMatches> {
        let (everything, viewer) = viewer_columns(visible_to);
        let found = format!(
            "FROM crates JOIN modules ON modules.id = module_id
             WHERE instr(folded, :query) > 0 AND EXISTS (SELECT 1 FROM sdks WHERE crate_id = crates.id) AND {VISIBLE}"
        );
        let query = fold(query);
        let values = named_params! { ":query": query, ":everything": everything, ":viewer": viewer };
        self.read("search crates", |conn| {
            let total = count(conn, &format!("SELECT count(*) {found}"), values)?;
            let names = format!("SELECT crates.name {found} ORDER BY crates.name LIMIT {}", limit.min(1000));
            let names: Vec<CrateName> = all(conn, &names, values, |row| row.get(0))?;
            let mut crates = Vec::new();
            for name in names {
                if let Some(version) = newest(conn, &name)? {
                    crates.push((name, version));
                }
            }
            Ok(CrateMatches { crates, total })
        })
    }

    /// The crates that have jobs or versions and whose name is `spelling` but for hyphens, underscores and case.
    /// Two modules can share a spelling (`a-b/c` and `a/b-c`), so there may be several.
    ///
    /// # Errors
    /// Only when the database cannot be read.
    pub fn crates_spelled(&self, spelling: &str) -> Result<Vec<CrateName>> {
        self.read("look up a crate", |conn| {
            all(conn, "SELECT name FROM crates WHERE folded = ?1 ORDER BY name", [fold(spelling)], |row| row.get(0))
        })
    }
}

/// The spelling that `crates.folded` holds.
fn fold(name: &str) -> String {
    name.to_ascii_lowercase().replace('-', "_")
}

fn sorted(mut sdks: Vec<Sdk>) -> Vec<Sdk> {
    sdks.sort_by(|a, b| (&a.crate_name, &a.version).cmp(&(&b.crate_name, &b.version)));
    sdks
}
