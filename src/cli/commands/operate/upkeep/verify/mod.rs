//! `registry verify`: proves that a data directory is whole, and that its crates follow from their sources;
//! or, without a server, that the crates of a lock file follow from a user's own sources.

mod against_sources;
mod lock_file;
mod places;

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::{DataArgs, mebibytes};
use crate::cli::arguments::sources::Sources;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::output::progress::Progress;
use crate::config::{Environment, Settings, cargo_home};
use crate::model::ModuleName;
use crate::publish::{Depth, NotRegenerated, Publisher, Regenerated, damage_summary, verify};
use crate::serve::idle_publisher;
use crate::store::{Sdk, Store};

const EXAMPLES: &str = "\
Examples:
  registry verify                         every byte against its digest
  registry verify --quick                 all rows, no contents
  registry verify --regenerate            and every crate made again
  registry verify --regenerate acme/pets  and those of one module
  registry verify --lock Cargo.lock --against ./proto --module acme/pets

It changes nothing, and a server may run meanwhile. Compared are the database
with its indexes, references between rows, contents of files, the digests of
commits by which buf knows them, index lines, the checksums of crates, and the
rows of each table with the sum that every write of the registry keeps: what
another program wrote to the database is found, too.
--regenerate makes each crate from the stored sources with the plugin that made
it, and compares the bytes: what this program cannot make is listed as unproven.

The words of the search index are made from other rows and have no sum.

--lock needs no data directory and asks no server. It makes the crates of the
lock file from your own checkout of their modules, and of those that they
depend on, and compares them with the checksums by which cargo knows them. Files
are looked for in cargo's home, and in local registries of the project's
.cargo/config.toml, as those of `registry export --local-registry`. The
commit's id, the server's address and the least versions of dependencies follow
from no sources: they are read from the file that cargo downloaded, and are no
code. A registry.yaml that the checkout lacks is no part of the proof either.

Exit codes: 0 nothing is wrong, 1 damage or another content was found, 2 could
not run, or something could not be proven.";

/// Compare everything that is stored with its digests
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Verify {
    /// Compare rows only, not the contents of files and crates
    #[arg(long, conflicts_with = "regenerate")]
    quick: bool,
    /// Make each crate again from its sources, of this module or of all, and compare the bytes
    #[arg(long, value_name = "MODULE", num_args = 0..=1, default_missing_value = "")]
    regenerate: Option<String>,
    /// Prove the crates of this Cargo.lock from sources, without a server
    #[arg(long, value_name = "FILE", requires = "against", conflicts_with_all = ["quick", "regenerate", "data_dir"])]
    lock: Option<PathBuf>,
    /// A checkout of modules: a directory, a buf.yaml module or a workspace; several may be named
    #[arg(long, value_name = "DIR", requires = "lock")]
    against: Vec<PathBuf>,
    /// Prove crates of this module only; also names a checkout that does not say which module it is
    #[arg(long, value_name = "OWNER/NAME", requires = "lock")]
    module: Option<ModuleName>,
    /// Where cargo keeps what it downloaded [default: CARGO_HOME, else ~/.cargo]
    #[arg(long, value_name = "DIR", requires = "lock")]
    cargo_home: Option<PathBuf>,
    #[command(flatten)]
    data: DataArgs,
}

/// What was compared, and what was found.
#[derive(Debug, Default, Serialize)]
struct Verified {
    contents: u64,
    commits: u64,
    crates: u64,
    bytes: u64,
    /// Crates that were made again with the same bytes.
    regenerated: u64,
    /// Crates that this program cannot make again, with the reason.
    unproven: Vec<String>,
    damage: Vec<String>,
}

impl Verify {
    pub(in crate::cli) fn run(self, output: &mut Output) -> Result<(), CliError> {
        if let Some(lock) = &self.lock {
            return self.against_sources(lock, output);
        }
        let (settings, store) = self.data.open_to_read()?;
        let mut progress = Progress::new(output.can_draw());
        let depth = if self.quick { Depth::Quick } else { Depth::Full };
        let found = verify(&store, depth, &mut |step| progress.step(format!("comparing {step}")))?;
        let mut verified = Verified {
            contents: found.contents,
            commits: found.commits,
            crates: found.crates,
            bytes: found.bytes,
            damage: found.damage,
            ..Verified::default()
        };
        if let Some(module) = &self.regenerate {
            regenerate(&settings, store, module, &mut verified, &mut progress)?;
        }
        drop(progress);
        output.result(&verified, || lines(&verified))?;
        match damage_summary(&verified.damage) {
            None => Ok(()),
            Some(damage) => Err(CliError::Refused(format!(
                "{damage}; `registry repair` makes crates again whose sources are whole; for the rest restore the last \
                 backup"
            ))),
        }
    }

    fn against_sources(&self, lock: &Path, output: &mut Output) -> Result<(), CliError> {
        let settings = self.data.settings()?;
        let home = self.cargo_home.clone().or_else(|| cargo_home(&Environment::of_process()));
        let crates = lock_file::crates(lock)?;
        let places = places::Places::of(lock, home.as_deref());
        let sources = Sources::read(&self.against, self.module.as_ref(), &settings.limits)?.modules;
        let mut progress = Progress::new(output.can_draw());
        let report = against_sources::prove(crates, sources, self.module.as_ref(), &places, &settings, |step| {
            progress.step(step);
        })?;
        drop(progress);
        output.result(&report, || report.lines())?;
        report.verdict()
    }
}

/// Makes the crates of the module again, or of all modules if the name is empty.
fn regenerate(
    settings: &Settings,
    store: Store,
    module: &str,
    verified: &mut Verified,
    progress: &mut Progress,
) -> Result<(), CliError> {
    let sdks = sdks(&store, module)?;
    let publisher = idle_publisher(settings, store, Some(std::env::current_exe()?))?;
    for (number, sdk) in sdks.iter().enumerate() {
        progress.step(format!("making {} of {}: {} {}", number + 1, sdks.len(), sdk.crate_name, sdk.version));
        regenerate_one(&publisher, sdk, verified)?;
    }
    Ok(())
}

fn regenerate_one(publisher: &Publisher, sdk: &Sdk, verified: &mut Verified) -> Result<(), CliError> {
    let made = publisher.addresses_of(sdk).map_err(NotRegenerated::from);
    match made.and_then(|addresses| publisher.regenerate(sdk, &addresses)) {
        Ok(Regenerated::Same(_)) => verified.regenerated += 1,
        Ok(Regenerated::Different(found)) => verified.damage.push(format!(
            "{} {} has checksum {}, but its sources make {found}",
            sdk.crate_name, sdk.version, sdk.checksum
        )),
        Err(NotRegenerated::Store(error)) if error.is_damage() => {
            verified.unproven.push(format!("{} {}: {error}", sdk.crate_name, sdk.version));
        }
        Err(NotRegenerated::Store(error)) => return Err(error.into()),
        Err(reason) => verified.unproven.push(format!("{}: {reason}", sdk.version)),
    }
    Ok(())
}

/// The versions of all crates of a module; of all modules, if the name is empty. Lists that are damaged were found
/// before.
fn sdks(store: &Store, module: &str) -> Result<Vec<Sdk>, CliError> {
    let wanted = match module {
        "" => None,
        name => {
            let name: ModuleName = name.parse().map_err(|error| CliError::CannotRun(format!("{error}")))?;
            let found = store.module(&name)?;
            Some(found.ok_or_else(|| CliError::Refused(format!("module {name} does not exist here")))?.id)
        }
    };
    let crates = store.crate_names()?;
    let wanted = crates.into_iter().filter(|(module, _)| wanted.is_none_or(|wanted| wanted == *module));
    Ok(wanted.flat_map(|(module, name)| store.sdks_of_crate(module, &name).unwrap_or_default()).collect())
}

fn lines(verified: &Verified) -> Vec<String> {
    let Verified { contents, commits, crates, bytes, regenerated, unproven, damage } = verified;
    let mut lines = damage.iter().map(|line| format!("damaged: {line}")).collect::<Vec<_>>();
    lines.extend(unproven.iter().map(|line| format!("unproven: {line}")));
    lines.push(format!(
        "compared {contents} contents, {commits} commits and {crates} versions of crates ({})",
        mebibytes(*bytes)
    ));
    if *regenerated > 0 {
        lines.push(format!("made {regenerated} crates again, with the same bytes"));
    }
    lines
}
