//! `registry restore`: a data directory from a backup.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::mebibytes;
use super::verify::refuse_damage;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::output::progress::Progress;
use crate::publish::{Depth, Verification, verify};
use crate::store::{PieceDir, Restoring, Store, StoreOptions};

const EXAMPLES: &str = "\
Examples:
  registry restore /backups/registry.db /var/lib/registry
  registry restore /backups/pieces /var/lib/registry
  registry restore /backups/pieces@20261128T090000Z /var/lib/registry
  ssh backup 'cat registry.db' | registry restore - /var/lib/registry
  registry serve --data-dir /var/lib/registry

The directory is built beside its place and renamed, when every byte was
compared with its digest: it is there as a whole, or not at all. A backup of an
older program is brought up to date. Tokens are those of the backup.";

/// Make a data directory from a backup
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Restore {
    /// The backup: a file, a directory of pieces with @TIME or for the newest, or - for standard input
    file: PathBuf,
    /// The data directory, which must not exist or be empty
    dir: PathBuf,
}

/// What was restored.
#[derive(Serialize)]
struct Restored {
    directory: PathBuf,
    commits: u64,
    crates: u64,
}

impl Restore {
    pub(in crate::cli) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let mut progress = Progress::new(output.can_draw());
        let mut from = self.source()?;
        let restoring = Restoring::read(&mut *from, &self.dir, &mut |bytes| {
            progress.step(format!("copying: {}", mebibytes(bytes)));
        })?;
        let found = verified(restoring.path(), &mut progress)?;
        let directory = restoring.finish()?;
        drop(progress);
        let restored = Restored { directory, commits: found.commits, crates: found.crates };
        output.result(&restored, || {
            let Restored { directory, commits, crates } = &restored;
            vec![
                format!("{} holds {commits} commits and {crates} versions of crates", directory.display()),
                format!("start it with `registry serve --data-dir {}`", directory.display()),
            ]
        })?;
        Ok(())
    }

    fn source(&self) -> Result<Box<dyn Read>, CliError> {
        if self.file.as_os_str() == "-" {
            return Ok(Box::new(std::io::stdin().lock()));
        }
        if let Some((dir, list)) = self.pieces() {
            let opened = PieceDir::new(&dir).open(list.as_deref());
            return Ok(Box::new(opened.map_err(|error| CliError::CannotRun(error.to_string()))?));
        }
        let failed = |error| CliError::CannotRun(format!("could not read {}: {error}", self.file.display()));
        Ok(Box::new(File::open(&self.file).map_err(failed)?))
    }

    /// The directory of pieces and the name of a list that are meant, if it is no file.
    fn pieces(&self) -> Option<(PathBuf, Option<String>)> {
        if self.file.is_dir() {
            return Some((self.file.clone(), None));
        }
        let (dir, list) = self.file.to_str().filter(|_| !self.file.exists())?.rsplit_once('@')?;
        Path::new(dir).is_dir().then(|| (dir.into(), Some(list.to_owned())))
    }
}

/// Opens the restored store, which updates an older format, and compares everything in it.
fn verified(dir: &Path, progress: &mut Progress) -> Result<Verification, CliError> {
    let store = Store::open(dir, StoreOptions::default())?;
    let found = verify(&store, Depth::Full, &mut |step| progress.step(format!("comparing {step}")))?;
    refuse_damage(&found.damage, "what was backed up was damaged before; take an earlier backup")?;
    Ok(found)
}
