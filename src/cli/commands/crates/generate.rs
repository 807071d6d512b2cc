//! `registry generate`: crates of a directory, as directories, without a server.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::path_crate;
use crate::cli::arguments::settings::SettingsArgs;
use crate::cli::arguments::sources::Sources;
use crate::cli::error::CliError;
use crate::cli::output::Output;
use crate::cli::output::progress::Progress;
use crate::cli::output::seen_path::seen_path;
use crate::config::Environment;
use crate::model::{ModuleName, PluginRef};
use crate::module;
use crate::publish::{Catalogue, SourceCrates};

const EXAMPLES: &str = "\
Examples:
  registry generate ./proto --module acme/pets --out ./crates
  registry generate --out ./crates               the modules of a buf.yaml
  registry generate ./shop --with ./common --out ./crates
  registry generate --out ./crates --plugin anthropics/buffa

Each crate is a directory of its name below --out, for
`{ path = \"crates/NAME\" }`; so are the crates that it depends on. It holds the
same code as the crate of a push: only versions and addresses differ. Files that
did not change are left alone. No server is asked: modules that are imported are
named with --with.";

/// Make crates of a directory as sources, without a server
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Generate {
    /// A directory of .proto files, a module (buf.yaml), or a workspace
    #[arg(value_name = "DIR", default_value = ".")]
    directory: PathBuf,
    /// Directory that gets a directory for each crate
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Name of the module, as owner/name [default: the name in buf.yaml]
    #[arg(long, value_name = "OWNER/NAME")]
    module: Option<ModuleName>,
    /// A directory with modules that are imported; repeat it for more
    #[arg(long, value_name = "DIR")]
    with: Vec<PathBuf>,
    /// The plugin, as OWNER/NAME or OWNER/NAME:VERSION; repeat it for more [default: those of a push]
    #[arg(long = "plugin", value_name = "PLUGIN")]
    plugins: Vec<PluginRef>,
}

/// A crate that was written.
#[derive(Debug, Serialize)]
struct Generated {
    #[serde(rename = "crate")]
    name: String,
    version: String,
    directory: PathBuf,
}

impl Generate {
    pub(in crate::cli) fn run(self, output: &mut Output) -> Result<(), CliError> {
        let settings = SettingsArgs::default().load(&Environment::of_process())?;
        let directories: Vec<_> = std::iter::once(&self.directory).chain(&self.with).cloned().collect();
        let Sources { modules, first, closed } = Sources::read(&directories, self.module.as_ref(), &settings.limits)?;
        if first.is_empty() {
            let message = "no module here has a name; give one with --module OWNER/NAME, or as `name` in buf.yaml";
            return Err(CliError::Refused(message.into()));
        }
        self.refuse_own_input(&closed)?;
        let catalogue = Catalogue::embedded().map_err(|error| CliError::CannotRun(error.to_string()))?;
        let crates = SourceCrates::new(&catalogue, settings.limits, modules);
        let refused = |error: crate::publish::SourceCrateError| CliError::Refused(error.without_server("--with"));
        let mut progress = Progress::new(output.can_draw());
        let (mut generated, mut seen) = (vec![], BTreeSet::new());
        for name in &first {
            let plugins = match self.plugins.as_slice() {
                [] => crates.plugins(name, &settings.eager_plugins).map_err(refused)?,
                named => named.to_vec(),
            };
            for plugin in plugins {
                progress.step(format!("making the crate of {name} by {plugin}"));
                for made in crates.with_dependencies(name, &plugin).map_err(refused)? {
                    if !seen.insert(made.name.clone()) {
                        continue;
                    }
                    let directory = path_crate::write(&self.out, &made.name, &made.version, &made.bytes)?;
                    let (name, version) = (made.name.to_string(), made.version.to_string());
                    generated.push(Generated { name, version, directory });
                }
            }
        }
        drop(progress);
        output.result(&generated, || {
            generated.iter().map(|one| format!("{} in {}", one.name, seen_path(&one.directory).display())).collect()
        })?;
        Ok(())
    }

    /// A module with a configuration takes in every source below it, so the next run would read what this one writes.
    fn refuse_own_input(&self, closed: &[PathBuf]) -> Result<(), CliError> {
        let out = module::absolute(&self.out).map_err(|error| CliError::CannotRun(error.to_string()))?;
        match closed.iter().find(|directory| out.starts_with(directory)) {
            None => Ok(()),
            Some(directory) => Err(CliError::Refused(format!(
                "{} is part of the module in {}, which would take the sources in the crates for its own; name a \
                 directory outside with --out",
                seen_path(&out).display(),
                seen_path(directory).display()
            ))),
        }
    }
}
