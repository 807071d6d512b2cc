//! `registry migrate`: a whole registry from a data directory into a database on a server, or back.

use std::path::Path;
use std::time::Duration;

use clap::Args;
use serde::Serialize;

use crate::actions::upkeep::finish_move;
use crate::cli::arguments::time::now;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::output::progress::Progress;
use crate::config::{Environment, Flags, Settings, settings_table};
use crate::model::StoreAddress;
use crate::publish::{Depth, damage_summary, verify};
use crate::serve::{copy_target, open_existing_store};
use crate::store::{CopiedRows, CopyTarget, DataDir, DirLock, Store};

const EXAMPLES: &str = "\
Examples:
  registry migrate --from /var/lib/registry --to postgres://registry@db.example/registry
  registry serve --store postgres://registry@db.example/registry
  registry migrate --from postgres://registry@db.example/registry --to /var/lib/registry
  registry migrate --from /var/lib/registry --to postgres://registry@db.example/registry \
    --blobs s3://crates/registry

No server may run on either of them. What is there stays as it is. A move that was
interrupted goes on when the command is run again; before it is whole, no server
serves it. Then every byte is compared with its digest. Tokens, commits, crates and
the audit log are the same afterwards; the search index is made anew by the first
server, in the background.

The password of a database is in PGPASSWORD, or in ~/.pgpass or the file that
PGPASSFILE names; where an object store is and who asks it, in AWS_ENDPOINT_URL,
AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.";

/// How long nodes are watched: longer than the pause between two of their beats.
const WATCH: Duration = Duration::from_secs(4);

/// Move a registry into a database on PostgreSQL, or back
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Migrate {
    /// The registry: a data directory, or the address of a database as for `serve --store`
    #[arg(long, value_name = "PLACE")]
    from: String,
    /// Where it goes, likewise: a directory or a database that holds no registry yet
    #[arg(long, value_name = "PLACE")]
    to: String,
    /// The object store that has the crates of the database, or gets them, as s3://BUCKET/PREFIX
    #[arg(long, value_name = "ADDRESS")]
    blobs: Option<String>,
}

/// What was moved.
#[derive(Serialize)]
struct Moved {
    to: String,
    rows: u64,
    commits: u64,
    crates: u64,
}

/// A place, as the command line names it.
struct Place {
    settings: Settings,
    shown: String,
}

impl Place {
    /// The place `text`, whose crates are in `blobs` if it is a database.
    fn of(text: &str, blobs: Option<&String>) -> Result<Self, CliError> {
        let setting =
            if StoreAddress::is_meant(text) { settings_table::STORE.name } else { settings_table::DATA_DIR.name };
        let mut flags = Flags::from([(setting, vec![text.to_owned()])]);
        if let Some(blobs) = blobs.filter(|_| StoreAddress::is_meant(text)) {
            flags.insert(settings_table::BLOBS.name, vec![blobs.clone()]);
        }
        // A setting of a server in the environment is not about this.
        let environment = Environment::of_process().without_prefix("REGISTRY_");
        let settings = Settings::load(&flags, &environment, None)?;
        let shown = match &settings.store {
            Some(store) => store.address.to_string(),
            None => settings.data_dir.display().to_string(),
        };
        Ok(Self { settings, shown })
    }

    fn dir(&self) -> Option<&Path> {
        self.settings.store.is_none().then_some(&self.settings.data_dir)
    }

    /// The registry in this place, which nobody serves, and the lock that sees to that.
    fn open(&self, progress: &mut Progress) -> Result<(Store, Option<DirLock>), CliError> {
        let lock = match self.dir() {
            Some(dir) => {
                super::require_registry(dir, "name what is to be moved with --from")?;
                Some(DataDir::lock(dir)?)
            }
            None => None,
        };
        let store = open_existing_store(&self.settings)?;
        progress.step("looking for servers".into());
        if lock.is_none() && store.is_served(WATCH)? {
            return Err(CliError::CannotRun(format!("{} is served; stop all servers on it first", self.shown)));
        }
        Ok((store, lock))
    }
}

impl Migrate {
    pub(in crate::cli) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let [from, to] = [&self.from, &self.to].map(|place| Place::of(place, self.blobs.as_ref()));
        let (from, to) = (from?, to?);
        if self.blobs.is_some() && from.dir().is_none() == to.dir().is_none() {
            return Err(CliError::CannotRun("--blobs goes with one database and one data directory".into()));
        }
        if from.shown == to.shown {
            return Err(CliError::CannotRun(format!("{} is both where it is and where it goes", to.shown)));
        }
        let mut progress = Progress::new(output.can_draw());
        let (source, _lock) = from.open(&mut progress)?;
        let target = copy_target(&to.settings, &from.shown)?;
        let moved = moved(&source, &target, &to, &mut progress)?;
        finish_move(target, now(), &from.shown)?;
        drop(progress);
        output.result(&moved, || {
            let Moved { to: place, rows, commits, crates } = &moved;
            let flag = if to.dir().is_some() { "--data-dir" } else { "--store" };
            vec![
                format!("{place} holds {commits} commits and {crates} versions of crates, in {rows} rows"),
                format!("`registry serve {flag} {place}` goes on with it; {} is as it was", from.shown),
            ]
        })?;
        Ok(())
    }
}

fn moved(source: &Store, target: &CopyTarget, to: &Place, progress: &mut Progress) -> Result<Moved, CliError> {
    let mut tell = |CopiedRows { table, rows }| progress.step(format!("copying {table}: {rows} rows"));
    let rows = target.copy(source, now(), &mut tell)?;
    let found = verify(target.store(), Depth::Full, &mut |step| progress.step(format!("comparing {step}")))?;
    if let Some(damage) = damage_summary(&found.damage) {
        return Err(CliError::Refused(format!(
            "{damage}; the copy is not served: `registry verify` and `registry repair` are for what it was made of"
        )));
    }
    Ok(Moved { to: to.shown.clone(), rows, commits: found.commits, crates: found.crates })
}
