//! `registry backup`: a copy of everything in one file.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::{DataArgs, mebibytes};
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::output::progress::Progress;
use crate::store::Copied;

const EXAMPLES: &str = "\
Examples:
  registry backup /backups/registry.db
  registry backup - | ssh backup 'cat > registry.db'
  registry restore /backups/registry.db /var/lib/registry

The copy is of one moment, and pushes go on while it is made. It holds modules,
commits, crates, users, and the hashes of tokens. A digest of all its bytes
stands at its end, which `registry restore` compares. An existing FILE is
replaced when the copy is complete and on the disk.

The configuration file and plugins of `registry plugin install` are not in it.";

/// Copy the data directory into one file, while the server runs
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Backup {
    /// The file to write; - for standard output
    file: PathBuf,
    #[command(flatten)]
    data: DataArgs,
}

/// What was written.
#[derive(Serialize)]
struct Written {
    file: PathBuf,
    bytes: u64,
}

impl Backup {
    pub(in crate::cli) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let (settings, store) = self.data.open_to_read()?;
        let mut progress = Progress::new(output.can_draw());
        let mut tell = |Copied { pages, of }| progress.step(format!("copying: {} %", pages * 100 / of.max(1)));
        if self.file.as_os_str() == "-" {
            store.backup_into(&mut std::io::stdout().lock(), &settings.data_dir, &mut tell)?;
            return Ok(());
        }
        let bytes = store.backup_to(&self.file, &mut tell)?;
        drop(progress);
        let written = Written { file: self.file, bytes };
        let line = || vec![format!("{} holds everything ({})", written.file.display(), mebibytes(bytes))];
        output.result(&written, line)?;
        Ok(())
    }
}
