//! `registry restore`: a data directory from a backup, here or on a server that waits for one.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::mebibytes;
use crate::actions::restore;
use crate::cli::arguments::server::block_on;
use crate::cli::arguments::time::now;
use crate::cli::commands::setup::login::from_standard_input;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::output::progress::Progress;
use crate::client::{Client, RestoreCallError, RestoreProgress};
use crate::config::{Environment, client};
use crate::store::{BackupDir, PieceDir, PieceError, Restoring};

const EXAMPLES: &str = "\
Examples:
  registry restore /backups/registry.db /var/lib/registry
  registry restore /backups/pieces /var/lib/registry
  registry restore /backups/pieces@20261128T090000Z /var/lib/registry
  ssh backup 'cat registry.db' | registry restore - /var/lib/registry
  registry serve --data-dir /var/lib/registry

The directory is there as a whole, or not at all: it is built beside its place,
or inside if it is there and empty, and every byte is compared with its digest
before one rename. A backup of an older program is brought up to date. Tokens
are those of the backup; the audit log has a record `store.restore`.

Over the network, a server that was started for that takes the backup:
  registry serve --data-dir /var/lib/registry --await-restore
  registry restore /backups/registry.db --server https://registry.example.com \\
    --token-stdin <token.txt
The token is the one that this server prints. It compares everything too, and
goes on with the restored data.";

/// Make a data directory from a backup
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Restore {
    /// The backup: a file, a directory of pieces with @TIME or for the newest, or - for standard input
    file: PathBuf,
    /// The data directory, which must not exist or be empty
    #[arg(required_unless_present = "server", conflicts_with = "server")]
    dir: Option<PathBuf>,
    /// Send the backup to this server, which `registry serve --await-restore` has started
    #[arg(long, visible_alias = "url", value_name = "URL")]
    server: Option<String>,
    /// The token that this server has printed [env: REGISTRY_TOKEN]
    #[arg(long, value_name = "TOKEN", requires = "server")]
    token: Option<String>,
    /// Read this token from standard input
    #[arg(long, requires = "server", conflicts_with = "token")]
    token_stdin: bool,
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
        let (restored, next) = match (&self.dir, &self.server) {
            (_, Some(server)) => (self.send(server, &mut progress)?, format!("it is served at {server}")),
            (Some(dir), None) => {
                let restored = self.restore(dir, &mut progress)?;
                let next = format!("start it with `registry serve --data-dir {}`", restored.directory.display());
                (restored, next)
            }
            // clap asks for one of them.
            (None, None) => return Err(CliError::CannotRun("name the data directory, or --server".into())),
        };
        drop(progress);
        output.result(&restored, || {
            let Restored { directory, commits, crates } = &restored;
            vec![format!("{} holds {commits} commits and {crates} versions of crates", directory.display()), next]
        })?;
        Ok(())
    }

    fn restore(&self, dir: &Path, progress: &mut Progress) -> Result<Restored, CliError> {
        let mut from = self.source()?.0;
        let restoring = Restoring::read(&mut *from, dir, &mut |bytes| {
            progress.step(format!("copying: {}", mebibytes(bytes)));
        })?;
        let restored = restore::finish(restoring, None, now(), &mut |step| progress.step(step))?;
        Ok(Restored { directory: restored.directory, commits: restored.commits, crates: restored.crates })
    }

    fn send(&self, server: &str, progress: &mut Progress) -> Result<Restored, CliError> {
        if self.token_stdin && self.file.as_os_str() == "-" {
            return Err(CliError::CannotRun(
                "standard input cannot hold both the backup and the token; give the token in REGISTRY_TOKEN".into(),
            ));
        }
        let token = self.token_stdin.then(from_standard_input).transpose()?;
        let token = token.as_ref().map(|token| token.reveal()).or(self.token.as_deref());
        let address = client::find(Some(server), token, &Environment::of_process())?;
        let client = Client::new(&address.url, address.admin_token)?;
        let (from, size) = self.source()?;
        let restored = block_on(async {
            let mut tell = |step| match step {
                RestoreProgress::Sent(bytes) => progress.step(format!("sending: {}", mebibytes(bytes))),
                RestoreProgress::Server(step) => progress.step(step),
            };
            Ok(client.restore(from, size, &mut tell).await?)
        })?;
        Ok(Restored { directory: restored.directory.into(), commits: restored.commits, crates: restored.crates })
    }

    /// The backup, and its length if that is known.
    fn source(&self) -> Result<(Box<dyn Read + Send>, Option<u64>), CliError> {
        if self.file.as_os_str() == "-" {
            return Ok((Box::new(std::io::stdin()), None));
        }
        self.require_one_backup()?;
        if let Some((dir, list)) = self.pieces() {
            let opened = PieceDir::new(&dir).open(list.as_deref());
            return Ok((Box::new(opened.map_err(|error| CliError::CannotRun(error.to_string()))?), None));
        }
        let failed = |error| CliError::CannotRun(format!("could not read {}: {error}", self.file.display()));
        let file = File::open(&self.file).map_err(failed)?;
        let about = file.metadata().map_err(failed)?;
        let size = about.is_file().then_some(about.len());
        Ok((Box::new(file), size))
    }

    /// Refuses a directory of whole backups, and the list of one in pieces, and says what is meant.
    fn require_one_backup(&self) -> Result<(), CliError> {
        let shown = self.file.display();
        let target = self.dir.as_ref().map(|dir| format!(" {}", dir.display())).unwrap_or_default();
        if self.file.is_dir() && PieceDir::new(&self.file).lists().is_ok_and(|lists| lists.is_empty()) {
            let backups = BackupDir::backups_in(&self.file)?;
            let Some(newest) = backups.last() else { return Ok(()) };
            return Err(CliError::CannotRun(format!(
                "{shown} holds {} backups, a file each, and no pieces; name one of them: the newest is `registry restore \
                 {}{target}`",
                backups.len(),
                newest.path.display()
            )));
        }
        match PieceDir::of_list(&self.file).filter(|_| self.file.is_file()) {
            None => Ok(()),
            Some((dir, time)) => Err(CliError::CannotRun(format!(
                "{shown} lists the pieces of a backup; restore it as `registry restore {}@{time}{target}`",
                dir.display()
            ))),
        }
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

impl From<RestoreCallError> for CliError {
    fn from(error: RestoreCallError) -> Self {
        match error {
            RestoreCallError::Client(error) => error.into(),
            RestoreCallError::Source(error) => match error.downcast::<PieceError>() {
                Ok(error) => Self::Refused(error.to_string()),
                Err(error) => Self::CannotRun(format!("could not read the backup: {error}")),
            },
        }
    }
}
