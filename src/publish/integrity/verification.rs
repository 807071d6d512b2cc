//! Reads a whole store and compares each record with the digest that it was stored with. It needs no server and no
//! plugin, and changes nothing.

use std::collections::HashMap;

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;

use crate::model::{CommitId, CrateName, ModuleDigest, ModuleId, Sha256Digest, Shake256Digest};
use crate::module::{listed_files_digest, module_digest};
use crate::store::{ListedFile, Sdk, Store, StoreError};

/// How much is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// All rows, but neither the contents of files nor crates.
    Quick,
    /// Everything.
    Full,
}

/// The digests of all contents that are whole, as they stand in the manifests of commits: many commits share a content,
/// which is hashed once.
type Contents = HashMap<Sha256Digest, Shake256Digest>;

/// How many crates are compared at a time, with all their versions.
const CRATES: usize = 64;

/// What was compared, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verification {
    /// Contents of files, and programs of check plugins, that were compared with their digest.
    pub contents: u64,
    /// Commits whose digests, over their files and dependencies, were computed again.
    pub commits: u64,
    /// Versions of crates whose bytes and index line were compared with their checksum.
    pub crates: u64,
    /// Bytes of those contents and crates.
    pub bytes: u64,
    /// What is wrong, a line each.
    pub damage: Vec<String>,
}

impl Verification {
    /// The value, or none if it is damaged, which is noted.
    fn note<T>(&mut self, read: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
        match read {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.is_damage() || matches!(error, StoreError::Missing(_)) => {
                self.damage.push(what_is_wrong(&error));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// The damage without what to do about it, which is said once at the end.
fn what_is_wrong(error: &StoreError) -> String {
    let text = error.to_string();
    text.strip_suffix("; restore the last backup").unwrap_or(&text).to_owned()
}

/// The damage in a line: what it is, or how much it is and the first of it. None if there is none.
#[must_use]
pub fn damage_summary(damage: &[String]) -> Option<String> {
    match damage {
        [] => None,
        [only] => Some(format!("damage was found: {only}")),
        [first, ..] => Some(format!("{} things are damaged, first: {first}", damage.len())),
    }
}

/// The damage in a copy that is to become a backup, in a line: what a restore of it would find. A copy of an older format
/// is taken as it is; its restore brings it up to date, and compares it then.
///
/// # Errors
/// When the copy cannot be read for another reason than damage.
pub fn copy_damage(copy: &Store, progress: &mut dyn FnMut(String)) -> Result<Option<String>, StoreError> {
    match verify(copy, Depth::Full, progress) {
        Ok(found) => Ok(damage_summary(&found.damage)),
        Err(StoreError::Older { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// As [`copy_damage`], on one thread, so that the work of a server goes on meanwhile.
///
/// # Errors
/// As [`copy_damage`].
pub fn copy_damage_aside(copy: &Store) -> Result<Option<String>, StoreError> {
    let pool = ThreadPoolBuilder::new().num_threads(1).thread_name(|_| "backup-check".into()).build();
    match pool {
        Ok(pool) => pool.install(|| copy_damage(copy, &mut |_| {})),
        Err(error) => {
            tracing::warn!(%error, "no thread to compare a backup with; it is compared beside other work");
            copy_damage(copy, &mut |_| {})
        }
    }
}

/// Compares everything in the store; `progress` is told what is compared next.
///
/// # Errors
/// When the store cannot be read for another reason than damage, or has an older format.
pub fn verify(store: &Store, depth: Depth, progress: &mut dyn FnMut(String)) -> Result<Verification, StoreError> {
    progress("the database".into());
    let mut found = Verification { damage: store.structure_damage(depth == Depth::Quick)?, ..Verification::default() };
    let contents = match depth {
        Depth::Quick => None,
        Depth::Full => Some(verify_contents(store, &mut found, progress)?),
    };
    verify_commits(store, contents.as_ref(), &mut found, progress)?;
    verify_crates(store, depth, &mut found, progress)?;
    Ok(found)
}

fn verify_contents(
    store: &Store,
    found: &mut Verification,
    progress: &mut dyn FnMut(String),
) -> Result<Contents, StoreError> {
    let mut contents = Contents::new();
    let Some(blobs) = found.note(store.blobs())? else { return Ok(contents) };
    progress(format!("the contents of {} files", blobs.len()));
    let check = |blob| {
        let (digest, content) = store.check_blob(blob)?;
        Ok((digest, (content.len() as u64, Shake256Digest::of(&content))))
    };
    for checked in blobs.into_par_iter().map(check).collect::<Vec<_>>() {
        if let Some((digest, (size, content))) = found.note(checked)? {
            contents.insert(digest, content);
            found.contents += 1;
            found.bytes += size;
        }
    }
    for commit in found.note(store.check_plugin_commit_ids())?.unwrap_or_default() {
        if let Some(program) = found.note(store.check_plugin_program(commit))?.flatten() {
            found.contents += 1;
            found.bytes += program.len() as u64;
        }
    }
    for index in found.note(store.reuse_indexes())?.unwrap_or_default() {
        found.note(store.check_reuse_index(index))?;
    }
    Ok(contents)
}

/// Compares the commits: their rows alone, or also their digests, if the contents of their files were compared before.
fn verify_commits(
    store: &Store,
    contents: Option<&Contents>,
    found: &mut Verification,
    progress: &mut dyn FnMut(String),
) -> Result<(), StoreError> {
    let Some(commits) = found.note(store.commit_ids())? else { return Ok(()) };
    progress(format!("the digests of {} commits", commits.len()));
    let digests = commits.into_par_iter().map(|commit| match contents {
        None => store.commit(commit).and_then(|_| store.list_files(commit)).map(|_| None),
        Some(contents) => digest_damage(store, contents, commit),
    });
    for damage in digests.collect::<Vec<_>>() {
        if let Some(damage) = found.note(damage)? {
            found.commits += 1;
            found.damage.extend(damage);
        }
    }
    Ok(())
}

/// Computes the digests of a commit again. Returns what is wrong with them.
fn digest_damage(store: &Store, contents: &Contents, id: CommitId) -> Result<Option<String>, StoreError> {
    let missing = || StoreError::Missing(format!("commit {id}"));
    let commit = store.commit(id)?.ok_or_else(missing)?;
    // The list of files was compared with the checksums of its rows, which hold the digests of the contents.
    let files = store.list_files(id)?;
    let content = |file: &ListedFile| {
        let damaged = || StoreError::Damaged(format!("file {} of commit {id}", file.path));
        contents.get(&file.digest).copied().ok_or_else(damaged)
    };
    let hashes: Vec<_> = files.iter().map(content).collect::<Result<_, _>>()?;
    let files = listed_files_digest(files.iter().map(|file| &file.path).zip(hashes));
    if files != commit.files_digest {
        return Ok(Some(format!("commit {id} has the digest {} of other files than its own", commit.files_digest)));
    }
    let needed: Vec<_> = store.dependencies(id)?.iter().map(|dependency| dependency.commit).collect();
    let needed: Option<Vec<ModuleDigest>> =
        store.commits(&needed)?.into_iter().map(|commit| commit.map(|commit| commit.digest)).collect();
    let found = module_digest(files, &needed.ok_or_else(missing)?);
    let wrong = || format!("commit {id} has digest {}, but its files and dependencies have {found}", commit.digest);
    Ok((found != commit.digest).then(wrong))
}

fn verify_crates(
    store: &Store,
    depth: Depth,
    found: &mut Verification,
    progress: &mut dyn FnMut(String),
) -> Result<(), StoreError> {
    let Some(crates) = found.note(store.crate_names())? else { return Ok(()) };
    for (number, some) in crates.chunks(CRATES).enumerate() {
        let first = number * CRATES;
        progress(format!("crates {} to {} of {}", first + 1, first + some.len(), crates.len()));
        let mut versions = vec![];
        for (module, name) in some {
            let rows = found.note(store.crate_rows(*module, name))?.unwrap_or_default();
            found.damage.extend(rows.damage.iter().map(what_is_wrong));
            for damaged in &rows.damaged {
                found.note(store.crate_bytes_of_row(damaged))?;
            }
            versions.extend(rows.whole.into_iter().map(|sdk| (*module, name, sdk)));
        }
        let sizes = versions.par_iter().map(|(module, name, sdk)| match depth {
            Depth::Quick => Ok(Some(0)),
            Depth::Full => crate_size(store, *module, name, sdk),
        });
        for ((_, name, sdk), size) in versions.iter().zip(sizes.collect::<Vec<_>>()) {
            let Some(Some(size)) = found.note(size)? else { continue };
            found.bytes += size;
            found.crates += 1;
            if !is_line_of(sdk) {
                found.damage.push(format!("the index line of {name} {} is of another crate", sdk.version));
            }
        }
    }
    Ok(())
}

/// The size of a crate, whose bytes were compared with their checksum; `None` if it was deleted meanwhile.
fn crate_size(store: &Store, module: ModuleId, name: &CrateName, sdk: &Sdk) -> Result<Option<u64>, StoreError> {
    Ok(store.crate_bytes(module, name, &sdk.version)?.map(|bytes| bytes.len() as u64))
}

/// Whether the line of the index is of this version, with the checksum of its bytes.
fn is_line_of(sdk: &Sdk) -> bool {
    #[derive(serde::Deserialize)]
    struct Line {
        name: String,
        vers: String,
        cksum: String,
    }
    serde_json::from_str::<Line>(&sdk.index_line).is_ok_and(|line| {
        line.name == sdk.crate_name.to_string()
            && line.vers == sdk.version.to_string()
            && line.cksum == sdk.checksum.to_string()
    })
}
