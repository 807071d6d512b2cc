//! `registry sdk export`: a crate as sources that need this registry no more.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use semver::VersionReq;
use serde::Serialize;

use crate::cli::arguments::server::{ServerArgs, block_on};
use crate::cli::commands::crates::path_crate;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::client::{Client, IndexLine};
use crate::model::{CrateName, SdkVersion};

const EXAMPLES: &str = "\
Examples:
  registry sdk export acme_pets_community_neoeinstein-prost ./vendor
  registry sdk export \\
      acme_pets_anthropics_buffa@0.9.2-20240523144506-ce529d32d80c.1 ./vendor

DIR gets a directory for the crate, and one beside it for each crate of this
registry that it depends on; they depend on each other by path. Use them as `{
path = \"vendor/NAME\" }`, or publish them in the order that is printed.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Export {
    /// The crate, as NAME or NAME@VERSION [default: its newest version]
    #[arg(value_name = "CRATE[@VERSION]")]
    wanted: CrateArg,
    /// Directory that gets a directory for each crate; one that is there already is refused
    #[arg(value_name = "DIR")]
    into: PathBuf,
    #[command(flatten)]
    server: ServerArgs,
}

/// A crate, and perhaps one of its versions.
#[derive(Debug, Clone)]
struct CrateArg {
    name: CrateName,
    version: Option<SdkVersion>,
}

impl FromStr for CrateArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, version) = text.split_once('@').map_or((text, None), |(name, version)| (name, Some(version)));
        let version = version.map(|version| version.trim_start_matches('=').parse::<SdkVersion>()).transpose();
        Ok(Self {
            name: name.parse().map_err(|error| format!("{error}"))?,
            version: version.map_err(|error| format!("{error}"))?,
        })
    }
}

/// A crate that was written.
#[derive(Debug, Serialize)]
struct Exported {
    #[serde(rename = "crate")]
    name: String,
    version: String,
    directory: PathBuf,
}

impl Export {
    pub(super) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let client = self.server.client()?;
        let crates = block_on(collect(&client, &self.wanted))?;
        for (name, _, _) in &crates {
            let directory = self.into.join(name.to_string());
            if directory.exists() {
                let message = format!("{} is there already; remove it, or name another directory", directory.display());
                return Err(CliError::Refused(message));
            }
        }
        let mut exported = Vec::new();
        for (name, version, file) in crates {
            let directory = path_crate::write(&self.into, &name, &version, &file)?;
            exported.push(Exported { name: name.to_string(), version: version.to_string(), directory });
        }
        output.result(&exported, || {
            exported.iter().map(|one| format!("{} {} in {}", one.name, one.version, one.directory.display())).collect()
        })?;
        Ok(())
    }
}

type CrateFile = (CrateName, SdkVersion, Vec<u8>);

/// The wanted crate and what it depends on, each after its own dependencies.
async fn collect(client: &Client, wanted: &CrateArg) -> Result<Vec<CrateFile>, CliError> {
    let exact = wanted.version.as_ref().map(|version| VersionReq::parse(&format!("={version}"))).transpose();
    let exact = exact.map_err(|error| CliError::CannotRun(format!("no version of a crate: {error}")))?;
    let (mut waiting, mut chosen) = (vec![(wanted.name.clone(), exact)], BTreeMap::new());
    while let Some((name, requirement)) = waiting.pop() {
        if chosen.contains_key(&name) {
            continue;
        }
        let line = choose(&name, client.index_lines(&name).await?, requirement.as_ref())?;
        waiting.extend(line.dependencies.iter().cloned().map(|(needed, requirement)| (needed, Some(requirement))));
        chosen.insert(name, line);
    }
    let mut files = Vec::new();
    for name in in_order(&wanted.name, &chosen) {
        if let Some(line) = chosen.remove(&name) {
            let file = client.crate_file(&name, &line).await?.to_vec();
            files.push((name, line.version, file));
        }
    }
    Ok(files)
}

/// `name` and what it depends on, each after its own dependencies.
fn in_order(name: &CrateName, chosen: &BTreeMap<CrateName, IndexLine>) -> Vec<CrateName> {
    let mut order = Vec::new();
    // Crates are looked at twice: before their dependencies and after them.
    let mut waiting = vec![(name, false)];
    let mut seen = BTreeSet::new();
    while let Some((name, is_done)) = waiting.pop() {
        if is_done {
            order.push(name.clone());
        } else if seen.insert(name) {
            waiting.push((name, true));
            let needed = chosen.get(name).into_iter().flat_map(|line| &line.dependencies);
            waiting.extend(needed.map(|(needed, _)| (needed, false)));
        }
    }
    order
}

/// The newest version that cargo would take.
fn choose(name: &CrateName, lines: Vec<IndexLine>, requirement: Option<&VersionReq>) -> Result<IndexLine, CliError> {
    let fits = |line: &IndexLine| requirement.is_none_or(|requirement| line.satisfies(requirement));
    let found = lines.into_iter().filter(fits).max_by(|one, other| one.version.cmp(&other.version));
    found.ok_or_else(|| {
        let what = requirement.map_or(String::new(), |requirement| format!(" in a version {requirement}"));
        CliError::Refused(format!(
            "there is no crate {name}{what}; `registry sdk list {}` shows what there is",
            name.module()
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_may_stand_behind_the_name_as_cargo_has_it() {
        let name = "acme_pets_community_neoeinstein-prost";
        let version = "0.5.0-20240523144506-ce529d32d80c.1";
        for text in [format!("{name}@{version}"), format!("{name}@={version}")] {
            let wanted: CrateArg = text.parse().unwrap();
            assert_eq!((wanted.name.to_string(), wanted.version.unwrap().to_string()), (name.into(), version.into()));
        }
        assert!(name.parse::<CrateArg>().unwrap().version.is_none());
        assert!("pets".parse::<CrateArg>().is_err());
    }
}
