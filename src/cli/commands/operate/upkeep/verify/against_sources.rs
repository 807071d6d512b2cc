//! Compares the crates of a lock file with those that a user's own sources make.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::cli::error::CliError;
use crate::config::Settings;
use crate::model::{ModuleName, Snapshot};
use crate::publish::{Catalogue, LockedCrate, SourceProof, SourceProver};

use super::places::Places;

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

/// Proves the crates, of module `wanted` or of all, with the files of `places`.
pub(super) fn prove(
    crates: Vec<LockedCrate>,
    sources: BTreeMap<ModuleName, Snapshot>,
    wanted: Option<&ModuleName>,
    places: &Places,
    settings: &Settings,
    mut progress: impl FnMut(String),
) -> Result<Report, CliError> {
    let catalogue = Catalogue::embedded().map_err(|error| CliError::CannotRun(error.to_string()))?;
    let prover = SourceProver::new(&catalogue, settings.limits, sources);
    let mut report = Report::default();
    for locked in crates.iter().filter(|locked| wanted.is_none_or(|wanted| locked.name.module() == wanted)) {
        let what = format!("{} {}", locked.name, locked.version);
        progress(format!("making {what}"));
        let Some(downloaded) = places.file_of(locked) else {
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
            Err(error) => report.unproven.push(format!("{what}: {}", error.without_server("--against"))),
        }
    }
    Ok(report)
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
