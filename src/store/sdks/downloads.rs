//! Downloads of crates: how many of a version on a day, and which token last took which version.

use crate::model::{CrateName, ModuleId, SdkVersion, Sha256Digest, Timestamp};
use crate::store::db::connections::Store;
use crate::store::db::engine::params;
use crate::store::db::error::Result;
use crate::store::db::statements::query::{all, run};
use crate::store::db::statements::sql_values::Count;

/// Downloads of one version on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Download {
    /// The module.
    pub module: ModuleId,
    /// The crate.
    pub name: CrateName,
    /// The version.
    pub version: SdkVersion,
    /// The day, counted from 1970 on, in UTC.
    pub day: i64,
    /// The number of downloads.
    pub count: u64,
    /// When each token was last used for it: the SHA-256 of the token's id.
    pub tokens: Vec<(Sha256Digest, Timestamp)>,
}

/// The downloads of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionDownloads {
    /// The version.
    pub version: SdkVersion,
    /// All downloads.
    pub total: u64,
    /// Those since the day that was asked for.
    pub recent: u64,
    /// The last day with a download.
    pub last_day: i64,
}

/// The last use of a version by a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrateUser {
    /// The version.
    pub version: SdkVersion,
    /// The SHA-256 of the token's id.
    pub token: Sha256Digest,
    /// The time of the last download.
    pub last: Timestamp,
}

impl Store {
    /// Adds downloads to what is counted. Those of a module that was deleted meanwhile are dropped.
    pub fn add_downloads(&self, downloads: &[Download]) -> Result<()> {
        let count = "INSERT INTO downloads SELECT id, ?3, ?4, ?5 FROM crates WHERE module_id = ?1 AND name = ?2
                     ON CONFLICT (crate_id, version, day) DO UPDATE SET count = downloads.count + excluded.count";
        let user = "INSERT INTO crate_users SELECT id, ?3, ?4, ?5 FROM crates WHERE module_id = ?1 AND name = ?2
                    ON CONFLICT (crate_id, version, token_hash) DO UPDATE SET last =
                        CASE WHEN crate_users.last < excluded.last THEN excluded.last ELSE crate_users.last END";
        self.write_quietly("count downloads", |conn| {
            for Download { module, name, version, day, count: number, tokens } in downloads {
                run(conn, count, params![module, name, version, day, Count(*number)])?;
                for (token, last) in tokens {
                    run(conn, user, params![module, name, version, token, last])?;
                }
            }
            Ok(())
        })
    }

    /// The downloads of every version of a crate of this module that had any; `since` is the first recent day.
    pub fn downloads(&self, module: ModuleId, name: &CrateName, since: i64) -> Result<Vec<VersionDownloads>> {
        let sql = "SELECT version, CAST(sum(count) AS BIGINT) AS total,
                          CAST(sum(CASE WHEN day >= ?3 THEN count ELSE 0 END) AS BIGINT) AS recent, max(day) AS last_day
                   FROM downloads JOIN crates ON crates.id = crate_id WHERE module_id = ?1 AND name = ?2
                   GROUP BY version";
        self.read("read the downloads of a crate", |conn| {
            all(conn, sql, params![module, name, since], |row| {
                Ok(VersionDownloads {
                    version: row.get("version")?,
                    total: row.get::<_, Count>("total")?.0,
                    recent: row.get::<_, Count>("recent")?.0,
                    last_day: row.get("last_day")?,
                })
            })
        })
    }

    /// The tokens that took a crate of this module, the latest first.
    pub fn crate_users(&self, module: ModuleId, name: &CrateName) -> Result<Vec<CrateUser>> {
        let sql = "SELECT version, token_hash, last FROM crate_users JOIN crates ON crates.id = crate_id
                   WHERE module_id = ?1 AND name = ?2 ORDER BY last DESC, token_hash";
        self.read("read who took a crate", |conn| {
            all(conn, sql, params![module, name], |row| {
                Ok(CrateUser { version: row.get("version")?, token: row.get("token_hash")?, last: row.get("last")? })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{Scratch, at, module_id, new_job, sdk};

    fn download(module: u8, sdk: &crate::store::Sdk, day: i64, count: u64) -> Download {
        let tokens = vec![(Sha256Digest::of(b"token"), at(day))];
        let (name, version) = (sdk.crate_name.clone(), sdk.version.clone());
        Download { module: module_id(module), name, version, day, count, tokens }
    }

    #[test]
    fn downloads_add_up_and_those_of_another_module_of_that_name_do_not_count() {
        let store = Scratch::with_modules();
        store.push_one(1, 1, &[], vec![new_job(1, "pets", "prost", &[])]);
        let job = store.claim(at(3)).unwrap();
        let made = sdk(&job, 1, b"crate");
        store.publish_sdk(job.claim(), &made, b"crate", at(4)).unwrap();
        let (first, second, other) = (download(1, &made, 10, 2), download(1, &made, 11, 3), download(2, &made, 12, 9));
        store.add_downloads(&[first.clone(), second, other]).unwrap();
        store.add_downloads(&[first]).unwrap();
        let found = store.downloads(module_id(1), &made.crate_name, 11).unwrap();
        let version = made.version.clone();
        assert_eq!(found, [VersionDownloads { version: version.clone(), total: 7, recent: 3, last_day: 11 }]);
        let users = store.crate_users(module_id(1), &made.crate_name).unwrap();
        assert_eq!(users, [CrateUser { version, token: Sha256Digest::of(b"token"), last: at(11) }]);
        assert!(store.downloads(module_id(2), &made.crate_name, 0).unwrap().is_empty());
    }
}
