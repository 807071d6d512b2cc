//! Compares the crates of a lock file with those that a user's own sources make.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::cli::error::CliError;
use crate::config::Settings;
use crate::model::{Limits, ModuleName, Snapshot};
use crate::module::{self, LocalModule};
use crate::publish::{Catalogue, LockedCrate, SourceProof, SourceProver};

/// What was proven of the crates of a lock file.
#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    /// Crates whose bytes follow from the sources, or whose files do.
    proven: Vec<String>,
    /// Crates that do not follow from the sources, with the first file that differs.
    different: Vec<String>,
    /// Crates of which nothing can be said, with the reason.
    unproven: Vec<String>,
}

/// The modules of the directories. `wanted` names the only one that has no name, or the only one.
pub(super) fn sources(
    directories: &[PathBuf],
    wanted: Option<&ModuleName>,
    limits: &Limits,
) -> Result<BTreeMap<ModuleName, Snapshot>, CliError> {
    let mut modules: Vec<LocalModule> = vec![];
    for directory in directories {
        let read = module::read(directory, limits).map_err(|error| CliError::CannotRun(error.to_string()))?;
        modules.extend(read.modules);
    }
    let mut unnamed = vec![];
    let mut sources = BTreeMap::new();
    for module in modules {
        let Some(name) = module.name else {
            unnamed.push(module.snapshot);
            continue;
        };
        if sources.insert(name.module.clone(), module.snapshot).is_some() {
            return Err(CliError::CannotRun(format!("two of the directories are module {}; name one", name.module)));
        }
    }
    let Some(wanted) = wanted.filter(|wanted| !sources.contains_key(*wanted)) else { return Ok(sources) };
    match (unnamed.pop(), unnamed.is_empty(), sources.len()) {
        (Some(only), true, _) => {
            sources.insert(wanted.clone(), only);
        }
        (None, _, 1) => sources = sources.into_values().map(|only| (wanted.clone(), only)).collect(),
        _ => {
            let message =
                format!("it is not clear which of the directories is module {wanted}; name it in its buf.yaml");
            return Err(CliError::CannotRun(message));
        }
    }
    Ok(sources)
}

/// Proves the crates, of module `wanted` or of all, with the files in cargo's `home`.
pub(super) fn prove(
    crates: Vec<LockedCrate>,
    sources: BTreeMap<ModuleName, Snapshot>,
    wanted: Option<&ModuleName>,
    home: Option<&Path>,
    settings: &Settings,
    mut progress: impl FnMut(String),
) -> Result<Report, CliError> {
    let catalogue = Catalogue::embedded().map_err(|error| CliError::CannotRun(error.to_string()))?;
    let prover = SourceProver::new(&catalogue, settings.limits, sources);
    let mut report = Report::default();
    for locked in crates.iter().filter(|locked| wanted.is_none_or(|wanted| locked.name.module() == wanted)) {
        let what = format!("{} {}", locked.name, locked.version);
        progress(format!("making {what}"));
        let Some(downloaded) = home.and_then(|home| downloaded(home, locked)) else {
            report.unproven.push(format!("{what}: cargo has not downloaded it here; run `cargo fetch`"));
            continue;
        };
        match prover.prove(locked, &downloaded) {
            Ok(SourceProof::SameBytes) => report.proven.push(what),
            Ok(SourceProof::SameFiles) => {
                report.proven.push(format!("{what} (the same files, packed by another version of the program)"));
            }
            Ok(SourceProof::Different { file, hint }) => {
                let hint = hint.map(|hint| format!("; {hint}")).unwrap_or_default();
                report.different.push(format!("{what}: {file}{hint}"));
            }
            Err(error) => report.unproven.push(format!("{what}: {error}")),
        }
    }
    Ok(report)
}

/// The file of the crate that cargo downloaded, of whichever registry has these bytes, or any if none has.
fn downloaded(home: &Path, locked: &LockedCrate) -> Option<Vec<u8>> {
    let file = format!("{}-{}.crate", locked.name, locked.version);
    let registries = fs::read_dir(home.join("registry/cache")).ok()?;
    let mut other = None;
    for registry in registries.flatten() {
        if let Ok(bytes) = fs::read(registry.path().join(&file)) {
            if crate::model::Sha256Digest::of(&bytes) == locked.checksum {
                return Some(bytes);
            }
            other = Some(bytes);
        }
    }
    other
}

impl Report {
    pub(super) fn lines(&self) -> Vec<String> {
        let line = |verdict: &'static str| move |what: &String| format!("{verdict}: {what}");
        let different = self.different.iter().map(line("different"));
        let unproven = self.unproven.iter().map(line("unproven"));
        different.chain(unproven).chain(self.proven.iter().map(line("proven"))).collect()
    }

    /// Done, if everything is proven and there was something to prove.
    pub(super) fn verdict(&self) -> Result<(), CliError> {
        match (self.different.as_slice(), self.unproven.as_slice(), self.proven.as_slice()) {
            ([first, ..], ..) => Err(CliError::Refused(format!("these sources make another crate than {first}"))),
            ([], [first, ..], _) => Err(CliError::CannotRun(format!("could not prove {first}"))),
            ([], [], []) => Err(CliError::CannotRun("the lock file has no crate of the modules in question".into())),
            _ => Ok(()),
        }
    }
}
