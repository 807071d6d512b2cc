//! `registry backup`: a copy of everything, in one file or in a directory of pieces.

use std::cell::RefCell;
use std::io::{Seek as _, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::{DataArgs, mebibytes};
use crate::cli::arguments::number::within;
use crate::cli::arguments::server::block_on;
use crate::cli::arguments::time::now;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::output::progress::Progress;
use crate::client::Client;
use crate::config::{Environment, client};
use crate::publish::copy_damage;
use crate::store::{Copied, PieceDir, Store, StoreError, check_seal, may_be_replaced};

const EXAMPLES: &str = "\
Examples:
  registry backup /backups/registry.db
  registry backup /backups/pieces --incremental --keep 48
  registry backup /backups/registry.db --server https://registry.example.com
  registry backup - | ssh backup 'cat > registry.db'
  registry restore /backups/registry.db /var/lib/registry

The copy is of one moment, and pushes go on while it is made. It holds modules,
commits, crates, users, and the hashes of tokens. A digest of all its bytes
stands at its end, which `registry restore` compares. An existing backup FILE is
replaced when the copy is complete and on the disk. Everything in the copy is
compared first, as `registry verify` does: if something is damaged, no backup is
made, and the exit code is 1. A copy that goes from --server to standard output
is compared by `registry restore` alone.

--incremental writes into a directory, which is FILE then: pieces of the copy
that are not there yet, and a list of all of its pieces, registry-TIME.pieces.
It needs room for a whole copy while it runs. `registry restore` takes the
directory, or DIR@TIME for an earlier one.

--server copies a registry of another machine, with an administrator's token.
`registry restore FILE --server URL` sends a backup to a server that waits for
one.

`registry serve --backup-dir DIR` makes backups by itself. The configuration
file and plugins of `registry plugin install` are in none of them.";

/// Copy the data directory into one file, while the server runs
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Backup {
    /// The file to write; - for standard output; with --incremental the directory
    file: PathBuf,
    /// Write only what changed since the last backup in this directory
    #[arg(long)]
    incremental: bool,
    /// Keep so many backups in the directory, and remove what only older ones need
    #[arg(long, value_name = "COUNT", requires = "incremental", value_parser = within(1..=u32::MAX))]
    keep: Option<u32>,
    /// Copy this server's registry over the network
    #[arg(long, visible_alias = "url", value_name = "URL", conflicts_with_all = ["incremental", "data_dir"])]
    server: Option<String>,
    /// Administrator's token for the server [env: REGISTRY_TOKEN] [default: that of the login]
    #[arg(long, value_name = "TOKEN", requires = "server")]
    token: Option<String>,
    #[command(flatten)]
    data: DataArgs,
}

/// What was written.
#[derive(Serialize)]
struct Written {
    file: PathBuf,
    bytes: u64,
    /// Of a directory of pieces.
    #[serde(flatten)]
    pieces: Option<Pieces>,
}

#[derive(Serialize)]
struct Pieces {
    pieces: u64,
    new_pieces: u64,
    new_bytes: u64,
    removed_backups: u64,
    removed_pieces: u64,
}

impl Backup {
    pub(in crate::cli) fn run(self, output: &mut Output) -> Result<(), CliError> {
        self.require_file()?;
        let mut progress = Progress::new(output.can_draw());
        let written = match &self.server {
            Some(server) => self.download(server, &mut progress)?,
            None => self.copy(&mut progress)?,
        };
        drop(progress);
        let Some(written) = written else { return Ok(()) };
        output.result(&written, || vec![line(&written)])?;
        Ok(())
    }

    /// Refuses a directory in place of the file, before anything is copied.
    fn require_file(&self) -> Result<(), CliError> {
        if self.incremental || self.is_output() {
            return Ok(());
        }
        if !self.file.is_dir() {
            return self.require_backup();
        }
        let dir = self.file.display();
        let pieces = if self.server.is_some() { "" } else { "; with --incremental a directory takes pieces of it" };
        Err(CliError::CannotRun(format!(
            "{dir} is a directory; name the file to write, such as {dir}/registry.db{pieces}"
        )))
    }

    /// Refuses to replace a file that is something else.
    fn require_backup(&self) -> Result<(), CliError> {
        if may_be_replaced(&self.file)? {
            return Ok(());
        }
        Err(CliError::CannotRun(format!(
            "{} is no backup, so it is not replaced; name another file, or remove this one",
            self.file.display()
        )))
    }

    /// The copy of a data directory; nothing is told of one that went to standard output.
    fn copy(&self, progress: &mut Progress) -> Result<Option<Written>, CliError> {
        let (settings, store) = self.data.open_to_read()?;
        let progress = RefCell::new(progress);
        let mut tell =
            |Copied { pages, of }| progress.borrow_mut().step(format!("copying: {} %", pages * 100 / of.max(1)));
        let check =
            &mut |copy: &Store| copy_damage(copy, &mut |step| progress.borrow_mut().step(format!("comparing {step}")));
        if self.incremental {
            let keep = self.keep.map(|keep| usize::try_from(keep).unwrap_or(usize::MAX));
            let added = PieceDir::new(&self.file).add(&store, now(), keep, &mut tell, check)?;
            let pieces = Pieces {
                pieces: added.pieces,
                new_pieces: added.new_pieces,
                new_bytes: added.new_bytes,
                removed_backups: added.removed_lists,
                removed_pieces: added.removed_pieces,
            };
            return Ok(Some(Written { file: added.list, bytes: added.bytes, pieces: Some(pieces) }));
        }
        if self.is_output() {
            store.backup_into(&mut std::io::stdout().lock(), &settings.data_dir, &mut tell, check)?;
            return Ok(None);
        }
        let bytes = store.backup_to(&self.file, &mut tell, check)?;
        Ok(Some(Written { file: self.file.clone(), bytes, pieces: None }))
    }

    /// The copy of a server's registry, compared with its seal before it gets its name.
    fn download(&self, server: &str, progress: &mut Progress) -> Result<Option<Written>, CliError> {
        let address = client::find(Some(server), self.token.as_deref(), &Environment::of_process())?;
        let client = Client::new(&address.url, address.admin_token)?;
        let mut tell = |bytes| progress.step(format!("receiving: {}", mebibytes(bytes)));
        if self.is_output() {
            let mut out = std::io::stdout();
            block_on(async { Ok(client.backup(&mut out, &mut tell).await?) })?;
            out.flush()?;
            return Ok(None);
        }
        let above = self.file.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let failed =
            |error: std::io::Error| CliError::CannotRun(format!("could not write {}: {error}", self.file.display()));
        let mut temp = tempfile::Builder::new().prefix(".registry-backup-").tempfile_in(above).map_err(failed)?;
        let bytes = block_on(async { Ok(client.backup(temp.as_file_mut(), &mut tell).await?) })?;
        temp.as_file_mut().rewind().map_err(failed)?;
        check_seal(temp.as_file())?;
        let damage = copy_damage(&Store::open_copy(temp.path())?, &mut |step| {
            progress.step(format!("comparing {step}"));
        })?;
        if let Some(damage) = damage {
            return Err(StoreError::DamagedCopy(damage).into());
        }
        temp.as_file().sync_all().map_err(failed)?;
        temp.persist(&self.file).map_err(|error| failed(error.error))?;
        Ok(Some(Written { file: self.file.clone(), bytes, pieces: None }))
    }

    fn is_output(&self) -> bool {
        self.file.as_os_str() == "-"
    }
}

fn line(written: &Written) -> String {
    let (file, bytes) = (written.file.display(), mebibytes(written.bytes));
    match &written.pieces {
        None => format!("{file} holds everything ({bytes})"),
        Some(pieces) => format!(
            "{file} lists everything ({bytes}); {} of {} pieces were new ({})",
            pieces.new_pieces,
            pieces.pieces,
            mebibytes(pieces.new_bytes)
        ),
    }
}
